/**
 * WasFilledWithUniqueId: whether a fill with this id is in.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeWasFilled, encodeBoolResponse } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { unknownHistogram } from "./errors.ts";

/** Answers with a truth value. */
export function wasFilled(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const request = decodeWasFilled(message);
  const handle = requireHistogram(service.registry, caller, request.histId);
  const outcome = readHistogram(service.registry, handle, {
    read: (view) => view.hasUniqueId(request.uniqueId),
  });
  if (outcome.status === "gone") throw unknownHistogram(request.histId, outcome.epoch);
  return { epoch: outcome.epoch, pieces: [encodeBoolResponse(outcome.value === true)] };
}
