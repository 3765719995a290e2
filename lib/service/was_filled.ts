/**
 * WasFilledWithUniqueId: whether a fill with this id is in.
 *
 * @module
 */

import { readHistogram } from "../accum/mod.ts";
import { decodeWasFilled, encodeBoolResponse } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { actOn } from "./current.ts";

/** Answers with a truth value. */
export function wasFilled(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const request = decodeWasFilled(message);
  const { outcome } = actOn(
    service.registry,
    { caller, id: request.histId },
    (handle) =>
      readHistogram(service.registry, handle, {
        read: (view) => view.hasUniqueId(request.uniqueId),
      }),
  );
  return { epoch: outcome.epoch, pieces: [encodeBoolResponse(outcome.value === true)] };
}
