/**
 * Fill: adds one dense view to one chunk, once for each unique id.
 *
 * @module
 */

import {
  addChunks,
  ArenaFullError,
  changesRefused,
  type ChunkAddition,
  type HistogramHandle,
  type Outcome,
  readHistogram,
} from "../accum/mod.ts";
import { decodeFill } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import {
  changesRefusedError,
  Code,
  memoryExhausted,
  ServiceError,
  unknownHistogram,
} from "./errors.ts";
import {
  checkLengths,
  checkUniqueId,
  type ChunkPayloadView,
  readAdditions,
  specOf,
} from "./payload.ts";

/** Answers with the empty message. */
export function fill(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Answer | Promise<Answer> {
  const request = decodeFill(message);
  const { histId, uniqueId, codec } = request;
  const what = "invalid fill request";
  return applyFill(service, caller, { histId, uniqueId, chunks: [request], codec, what });
}

/** What Fill and FillMany have in common. */
export interface FillChange {
  readonly histId: string;
  readonly uniqueId: Uint8Array | null;
  readonly chunks: readonly ChunkPayloadView[];
  readonly codec: string | null;
  /** Begins the message of a refusal. */
  readonly what: string;
}

/** Checks everything, then adds all or nothing. */
export function applyFill(
  service: ServiceContext,
  caller: Caller,
  change: FillChange,
): Answer | Promise<Answer> {
  const handle = requireHistogram(service.registry, caller, change.histId);
  checkUniqueId(change.uniqueId);
  if (changesRefused(service.registry.arena)) {
    refuseDuplicate(service, handle, change.uniqueId);
    throw changesRefusedError();
  }
  const { codec, what } = change;
  const reading = { codec, what, decodedBytesMax: service.messageBytesMax };
  let additions: ReturnType<typeof readAdditions>;
  try {
    additions = readAdditions(specOf(handle), change.chunks, reading);
  } catch (error) {
    refuseDuplicate(service, handle, change.uniqueId);
    throw error;
  }
  if (!(additions instanceof Promise)) {
    return add(service, handle, { additions, uniqueId: change.uniqueId, what });
  }
  const uniqueId = change.uniqueId?.slice() ?? null;
  return additions.then(
    (decoded) => add(service, handle, { additions: decoded, uniqueId, what }),
    (error) => {
      refuseDuplicate(service, handle, uniqueId);
      throw error;
    },
  );
}

function add(
  service: ServiceContext,
  handle: HistogramHandle,
  change: {
    additions: readonly ChunkAddition[];
    uniqueId: Uint8Array | null;
    what: string;
    isRetry?: boolean;
  },
): Answer {
  const { registry } = service;
  let outcome: Outcome;
  try {
    outcome = addChunks(registry, handle, change);
  } catch (error) {
    if (error instanceof ArenaFullError) throw memoryExhausted("cannot fill", error);
    throw error;
  }
  if (outcome.status === "gone") {
    const { id } = handle.metadata;
    const next = change.isRetry ? null : registry.find(id);
    if (!next || next.creation === handle.creation) throw unknownHistogram(id, outcome.epoch);
    // Its axes have grown meanwhile, or the disk refused their growth.
    checkLengths(specOf(next), change.additions, change.what);
    return add(service, next, { ...change, isRetry: true });
  }
  if (outcome.status === "duplicate") throw duplicate(handle, outcome.epoch);
  return { epoch: outcome.epoch, pieces: [] };
}

/** A repeated unique id is told before a bad payload, as Python's histserv does. @throws {ServiceError} */
export function refuseDuplicate(
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

/** The unique id is in. */
export function duplicate(handle: HistogramHandle, epoch: number): ServiceError {
  return new ServiceError(
    Code.AlreadyExists,
    `rejected fill of histogram id ${handle.metadata.id}, because its unique_id already exists`,
    { epoch },
  );
}
