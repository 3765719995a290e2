/**
 * Describe: the UHI JSON that the histogram was made with.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeHistId, encodeTextResponse } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { unknownHistogram } from "./errors.ts";

/** Answers with the JSON, verbatim. */
export function describe(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const id = decodeHistId(message);
  const handle = requireHistogram(service.registry, caller, id);
  const outcome = readHistogram(service.registry, handle, { read: () => true });
  if (outcome.status === "gone") throw unknownHistogram(id, outcome.epoch);
  return { epoch: outcome.epoch, pieces: [encodeTextResponse(handle.metadata.json)] };
}
