/**
 * Fill: adds one dense view to one chunk, once for each unique id.
 *
 * @module
 */

import {
  addChunks,
  ArenaFullError,
  type ChunkAddition,
  type HistogramHandle,
  type Outcome,
  readHistogram,
} from "../accum/mod.ts";
import { decodeFill } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { Code, ServiceError, unknownHistogram } from "./errors.ts";
import { memoryExhausted } from "./init.ts";
import { checkAddition, checkUniqueId, specOf } from "./payload.ts";

const WHAT = "invalid fill request";

/** Answers with the empty message. */
export function fill(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const request = decodeFill(message);
  return applyFill(service, caller, {
    histId: request.histId,
    uniqueId: request.uniqueId,
    additions: (
      handle,
    ) => [checkAddition(specOf(handle), request, { codec: request.codec, what: WHAT })],
  });
}

/** What Fill and FillMany do once their message is read: check, then add all or nothing. */
export function applyFill(
  service: ServiceContext,
  caller: Caller,
  request: {
    histId: string;
    uniqueId: Uint8Array | null;
    additions: (handle: HistogramHandle) => readonly ChunkAddition[];
  },
): Answer {
  const { registry } = service;
  const handle = requireHistogram(registry, caller, request.histId);
  checkUniqueId(request.uniqueId);
  let additions: readonly ChunkAddition[];
  try {
    additions = request.additions(handle);
  } catch (error) {
    refuseDuplicate(service, handle, request.uniqueId);
    throw error;
  }
  let outcome: Outcome;
  try {
    outcome = addChunks(registry, handle, { additions, uniqueId: request.uniqueId });
  } catch (error) {
    if (error instanceof ArenaFullError) throw memoryExhausted("cannot fill", error);
    throw error;
  }
  if (outcome.status === "gone") throw unknownHistogram(request.histId, outcome.epoch);
  if (outcome.status === "duplicate") throw duplicate(handle, outcome.epoch);
  return { epoch: outcome.epoch, pieces: [] };
}

/** A repeated unique id is told before a bad payload, as Python's histserv does. */
function refuseDuplicate(
  service: ServiceContext,
  handle: HistogramHandle,
  uniqueId: Uint8Array | null,
): void {
  if (!uniqueId) return;
  const outcome = readHistogram(service.registry, handle, {
    read: (view) => view.hasUniqueId(uniqueId),
  });
  if (outcome.value) throw duplicate(handle, outcome.epoch);
}

function duplicate(handle: HistogramHandle, epoch: number): ServiceError {
  return new ServiceError(
    Code.AlreadyExists,
    `rejected fill of histogram id ${handle.metadata.id}, because its unique_id already exists`,
    { epoch },
  );
}
