/**
 * Snapshot: a consistent copy of the histogram, or of the chunks that selectors name; deletes it in the same step if
 * asked, so that no fill falls between copy and deletion.
 *
 * @module
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import {
  changesRefused,
  type HistogramHandle,
  type HistogramView,
  readHistogram,
} from "../accum/mod.ts";
import type { HistSpec } from "../hist/mod.ts";
import {
  decodeSnapshotRequest,
  isChunkKeySet,
  messageBytesMax,
  type SelectorView,
  type SnapshotRequestView,
  SnapshotResponseWriter,
  splitChunkKey,
} from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import { CopyMemory } from "./copy_memory.ts";
import { encodedBytesMax, encodeDenseViewAsync, isCodecSupported } from "./codec.ts";
import type { Answer, ServiceContext } from "./context.ts";
import {
  changesRefusedError,
  Code,
  invalidArgument,
  ServiceError,
  shorten,
  unknownHistogram,
} from "./errors.ts";
import { specOf } from "./payload.ts";

/** For each category axis the categories that are wanted, in canonical bytes as text; null for all. */
type Selection = readonly (ReadonlySet<string> | null)[];

/** Answers with the chunks in the order of their first fill. */
export function snapshot(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Answer | Promise<Answer> {
  const request = decodeSnapshotRequest(message);
  if (request.deleteFromServer && changesRefused(service.registry.arena)) {
    throw changesRefusedError();
  }
  const handle = requireHistogram(service.registry, caller, request.histId);
  const spec = specOf(handle);
  const selection = readSelection(spec, request);
  const take = (memory: CopyMemory): Answer | Promise<Answer> =>
    takeSnapshot(service, { handle, request, selection, memory });
  const bytes = selection ? 0 : copyBytes(service, handle, spec);
  if (bytes < CopyMemory.largeBytes) return take(new CopyMemory());
  return CopyMemory.touch(bytes).then(take, (error) => {
    throw error instanceof RangeError ? tooLarge(error) : error;
  });
}

/** What is about to be copied, roughly: fills may come in between. */
function copyBytes(service: ServiceContext, handle: HistogramHandle, spec: HistSpec): number {
  const { value } = readHistogram(service.registry, handle, { read: (view) => view.chunkCount });
  return (value ?? 0) * spec.chunkBytes;
}

/** Copies, and deletes if asked, in one critical section. */
function takeSnapshot(
  service: ServiceContext,
  work: {
    handle: HistogramHandle;
    request: SnapshotRequestView;
    selection: Selection | null;
    memory: CopyMemory;
  },
): Answer | Promise<Answer> {
  const { handle, request, selection, memory } = work;
  const { json, chunkBytes } = handle.metadata;
  const isPlain = request.codec === null;
  const writer = isPlain && !memory.isLarge ? new SnapshotResponseWriter(json, null) : null;
  const copies: ChunkCopy[] = [];
  const copyChunks = (view: HistogramView): void => {
    if (view.chunkCount > 0) checkCodec(request.codec);
    // Once it is deleted it must be sent, however badly it compresses.
    if (request.deleteFromServer && !writer) checkLength(view, chunkBytes, json);
    for (const [ordinal, key] of view.keys().entries()) {
      if (!isSelected(selection, key)) continue;
      const target = writer?.reserve(key, chunkBytes) ?? memory.take(chunkBytes);
      view.copyChunk(ordinal, { target, at: 0 });
      if (!writer) copies.push({ key, cells: target });
    }
  };
  const outcome = readHistogram(service.registry, handle, {
    read: (view) => withinLimits(() => copyChunks(view)),
    thenDelete: () => request.deleteFromServer,
  });
  if (outcome.status === "gone") {
    const current = service.registry.find(request.histId);
    if (!current || current.creation === handle.creation) {
      throw unknownHistogram(request.histId, outcome.epoch);
    }
    // Its axes grew meanwhile; every further turn needs another growth.
    return takeSnapshot(service, { ...work, handle: current, memory: new CopyMemory() });
  }
  if (writer) return { epoch: outcome.epoch, pieces: writer.finish() };
  const encode = isPlain ? writeSlowly(json, copies) : compress(json, request.codec!, copies);
  return encode.then(
    (pieces) => ({ epoch: outcome.epoch, pieces }),
    (error) => {
      // It is deleted: what cannot be encoded, as for want of memory, is sent as it is.
      if (request.deleteFromServer) {
        return { epoch: outcome.epoch, pieces: asTheyAre(json, copies) };
      }
      throw error instanceof RangeError ? tooLarge(error) : error;
    },
  );
}

/** Writes many small chunks step by step, so that other calls go on; large ones are passed on as they are. */
async function writeSlowly(json: string, copies: readonly ChunkCopy[]): Promise<Uint8Array[]> {
  const writer = new SnapshotResponseWriter(json, null);
  let stepBytes = 0;
  for (const { key, cells } of copies) {
    writer.add(key, cells);
    stepBytes += cells.length;
    if (stepBytes < CopyMemory.stepBytes) continue;
    stepBytes = 0;
    await nextTurn();
  }
  return writer.finish();
}

/** A message has at most 2 GiB - 1 bytes, and the copy needs memory: past either, nothing has changed. */
function withinLimits(copy: () => void): void {
  try {
    copy();
  } catch (cause) {
    throw cause instanceof RangeError ? tooLarge(cause) : cause;
  }
}

function tooLarge(cause: RangeError): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    "the snapshot is too large for one message; select some of its chunks",
    { cause },
  );
}

/** Bytes of a chunk in a message beside its key's and its view's: tags and lengths, for each value of the key, too. */
const CHUNK_OVERHEAD_BYTES = 256;

/** @throws {RangeError} if the message could have more than 2 GiB - 1 bytes. */
function checkLength(view: HistogramView, chunkBytes: number, json: string): void {
  let bytes = 3 * json.length + CHUNK_OVERHEAD_BYTES;
  for (const key of view.keys()) {
    bytes += key.length + CHUNK_OVERHEAD_BYTES + encodedBytesMax(chunkBytes);
  }
  if (bytes < messageBytesMax) return;
  throw new RangeError(`Cannot encode snapshot: it may have ${bytes} bytes`);
}

/** A chunk out of the shared memory. */
interface ChunkCopy {
  readonly key: Uint8Array;
  readonly cells: Uint8Array;
}

function asTheyAre(json: string, copies: readonly ChunkCopy[]): Uint8Array[] {
  const writer = new SnapshotResponseWriter(json, null);
  for (const { key, cells } of copies) writer.add(key, cells);
  return writer.finish();
}

async function compress(
  json: string,
  codec: string,
  copies: readonly ChunkCopy[],
): Promise<Uint8Array[]> {
  const writer = new SnapshotResponseWriter(json, codec);
  for (const { key, cells } of copies) writer.add(key, await encodeDenseViewAsync(codec, cells));
  return writer.finish();
}

function checkCodec(codec: string | null): void {
  if (codec === null || isCodecSupported(codec)) return;
  throw preconditionFailed(
    `unsupported compression codec "${shorten(codec)}": there are zstd and lz4`,
  );
}

/** @throws {ServiceError} with the status that Python's histserv gives, but for what it calls INTERNAL. */
function readSelection(spec: HistSpec, request: SnapshotRequestView): Selection | null {
  if (request.selectors.length === 0) return null;
  if (request.deleteFromServer) {
    throw invalidArgument("delete_from_server is not allowed for partial snapshots");
  }
  const selection: (Set<string> | null)[] = spec.categoryAxes.map(() => null);
  for (const selector of request.selectors) {
    const axis = findAxis(spec, selector);
    selection[axis] = new Set(splitChunkKey(selector.values).map(textOf)); // the last one for an axis counts
  }
  return selection;
}

function findAxis(spec: HistSpec, selector: SelectorView): number {
  if (selector.axis === "") {
    throw preconditionFailed("the axis of a chunk selector must not be empty");
  }
  const name = shorten(selector.axis);
  if (selector.valueCount === 0) {
    throw preconditionFailed(`the selector for axis "${name}" names no category`);
  }
  if (!isChunkKeySet(selector.values)) {
    throw preconditionFailed(`every value of the selector for axis "${name}" must be set`);
  }
  const axis = spec.categoryAxes.findIndex((candidate) => candidate.name === selector.axis);
  if (axis >= 0) return axis;
  if (spec.axes.some((candidate) => candidate.name === selector.axis)) {
    throw preconditionFailed(`only category axes can be selected from; "${name}" is dense`);
  }
  throw invalidArgument(`invalid snapshot request: there is no axis "${name}"`);
}

function isSelected(selection: Selection | null, key: Uint8Array): boolean {
  if (!selection) return true;
  return splitChunkKey(key).every((component, axis) =>
    selection[axis]?.has(textOf(component)) ?? true
  );
}

/** Bytes as a string of code units below 256: equal exactly if the bytes are. */
function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function preconditionFailed(message: string): ServiceError {
  return new ServiceError(Code.FailedPrecondition, `invalid snapshot state: ${message}`);
}
