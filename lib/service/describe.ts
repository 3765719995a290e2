/**
 * Describe: the UHI JSON that the histogram was made with.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeHistId, encodeTextResponse } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { actOn } from "./current.ts";

/** Answers with the JSON, verbatim. */
export function describe(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const id = decodeHistId(message);
  const { handle, outcome } = actOn(
    service.registry,
    { caller, id },
    (handle) => readHistogram(service.registry, handle, { read: () => true }),
  );
  return { epoch: outcome.epoch, pieces: [encodeTextResponse(handle.metadata.json)] };
}
