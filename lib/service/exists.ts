/**
 * Exists: whether the caller would find the histogram. Does not count as its use.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeHistId, encodeBoolResponse } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { actOn } from "./current.ts";
import { Code, ServiceError } from "./errors.ts";

/** Answers with a truth value. */
export function exists(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const { registry } = service;
  const id = decodeHistId(message);
  try {
    const { outcome } = actOn(
      registry,
      { caller, id },
      (handle) => readHistogram(registry, handle, { read: () => true, touch: false }),
    );
    return { epoch: outcome.epoch, pieces: [encodeBoolResponse(true)] };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== Code.NotFound) throw error;
    return { epoch: error.epoch, pieces: [encodeBoolResponse(false)] };
  }
}
