/**
 * Delete and Reset: the histogram goes, or its contents and unique ids do.
 *
 * @module
 */

import { deleteHistogram, resetHistogram } from "../accum/mod.ts";
import { decodeHistId } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { actOn } from "./current.ts";

/** Delete: answers with the empty message. */
export function remove(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  return changeWhole(service, caller, { message, change: deleteHistogram });
}

/** Reset: answers with the empty message. */
export function reset(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  return changeWhole(service, caller, { message, change: resetHistogram });
}

function changeWhole(
  service: ServiceContext,
  caller: Caller,
  request: { message: Uint8Array; change: typeof deleteHistogram },
): Answer {
  const id = decodeHistId(request.message);
  const { outcome } = actOn(
    service.registry,
    { caller, id },
    (handle) => request.change(service.registry, handle),
  );
  return { epoch: outcome.epoch, pieces: [] };
}
