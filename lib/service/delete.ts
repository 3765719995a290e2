/**
 * Delete and Reset: the histogram goes, or its contents and unique ids do.
 *
 * @module
 */

import { deleteHistogram, resetHistogram } from "../accum/mod.ts";
import { decodeHistId } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { unknownHistogram } from "./errors.ts";

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
  const handle = requireHistogram(service.registry, caller, id);
  const outcome = request.change(service.registry, handle);
  if (outcome.status === "gone") throw unknownHistogram(id, outcome.epoch);
  return { epoch: outcome.epoch, pieces: [] };
}
