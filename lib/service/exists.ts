/**
 * Exists: whether the caller would find the histogram. Does not count as its use.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeHistId, encodeBoolResponse } from "../wire/mod.ts";
import { type Caller, maySee } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";

/** Answers with a truth value. */
export function exists(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const handle = service.registry.find(decodeHistId(message));
  if (!handle || !maySee(caller, handle)) return { epoch: 0, pieces: [encodeBoolResponse(false)] };
  const outcome = readHistogram(service.registry, handle, { read: () => true, touch: false });
  return { epoch: outcome.epoch, pieces: [encodeBoolResponse(outcome.status === "done")] };
}
