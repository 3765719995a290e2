/**
 * Checks what a client wants to add against the histogram it is for.
 *
 * @module
 */

import type { ChunkAddition, HistogramHandle } from "../accum/mod.ts";
import { type HistSpec, parseHistSpec } from "../hist/mod.ts";
import { decodeChunkKey, isChunkKeySet, splitChunkKey } from "../wire/mod.ts";
import { CodecError, decodeDenseView, decodeDenseViewAsync, viewBytesSyncMax } from "./codec.ts";
import { Code, invalidArgument, ServiceError, shorten } from "./errors.ts";

/** Longest unique id. */
export const UNIQUE_ID_BYTES_MAX = 1024;
/** Longest chunk key in its canonical form. */
export const CHUNK_KEY_BYTES_MAX = 65_535;

/** A chunk as it stands in a message. */
export interface ChunkPayloadView {
  readonly chunkKey: Uint8Array;
  readonly chunkKeyCount: number;
  readonly denseView: Uint8Array;
}

const KIND_STRING = 1;
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** What the histogram is; parsed once a thread. */
export function specOf(handle: HistogramHandle): HistSpec {
  return (handle.attachment ??= parseHistSpec(handle.metadata.json)) as HistSpec;
}

/** @throws {ServiceError} INVALID_ARGUMENT if the id is too long. */
export function checkUniqueId(uniqueId: Uint8Array | null): void {
  if (uniqueId && uniqueId.length > UNIQUE_ID_BYTES_MAX) {
    throw invalidArgument(
      `invalid unique_id: it has ${uniqueId.length} bytes, the limit is ${UNIQUE_ID_BYTES_MAX}`,
    );
  }
}

/** How the chunks of a message are read; `what` begins the message of a refusal. */
export interface PayloadReading {
  readonly codec: string | null;
  readonly what: string;
  /** Most bytes of all views together once they are decoded. */
  readonly decodedBytesMax: number;
}

/**
 * The chunks of a message, checked and decoded; large compressed ones step by step, so that other calls go on.
 * Views are of the message where nothing had to be decoded.
 *
 * @throws {ServiceError} INVALID_ARGUMENT, or RESOURCE_EXHAUSTED past `decodedBytesMax`; or rejects with it.
 */
export function readAdditions(
  spec: HistSpec,
  chunks: readonly ChunkPayloadView[],
  reading: PayloadReading,
): readonly ChunkAddition[] | Promise<readonly ChunkAddition[]> {
  const { codec, what } = reading;
  for (const chunk of chunks) checkChunkKey(spec, chunk, what);
  const decodedBytes = chunks.length * spec.chunkBytes;
  if (codec !== null && decodedBytes > reading.decodedBytesMax) {
    throw new ServiceError(
      Code.ResourceExhausted,
      `${what}: its dense views have ${decodedBytes} bytes when decoded, the limit is ${reading.decodedBytesMax}`,
    );
  }
  if (codec !== null && decodedBytes > viewBytesSyncMax) {
    // The message is only borrowed until this call returns.
    const owned = chunks.map((chunk) => ({ ...chunk, denseView: chunk.denseView.slice() }));
    return readSlowly(spec, owned, reading);
  }
  return chunks.map(({ chunkKey, denseView }) => {
    if (codec === null && denseView.length === spec.chunkBytes) {
      return { key: chunkKey, cells: denseView };
    }
    try {
      return { key: chunkKey, cells: decodeDenseView(codec, denseView, spec.chunkBytes) };
    } catch (error) {
      throw refuseView(error, what);
    }
  });
}

async function readSlowly(
  spec: HistSpec,
  chunks: readonly ChunkPayloadView[],
  reading: PayloadReading,
): Promise<readonly ChunkAddition[]> {
  const additions: ChunkAddition[] = [];
  try {
    for (const { chunkKey, denseView } of chunks) {
      const cells = await decodeDenseViewAsync(reading.codec, denseView, spec.chunkBytes);
      additions.push({ key: chunkKey, cells });
    }
  } catch (error) {
    throw refuseView(error, reading.what);
  }
  return additions;
}

/** @throws {ServiceError} INVALID_ARGUMENT if decoded cells are not as long as the histogram's chunks. */
export function checkLengths(
  spec: HistSpec,
  additions: readonly ChunkAddition[],
  what: string,
): void {
  try {
    for (const { cells } of additions) decodeDenseView(null, cells, spec.chunkBytes);
  } catch (error) {
    throw refuseView(error, what);
  }
}

function refuseView(error: unknown, what: string): unknown {
  return error instanceof CodecError ? invalidArgument(`${what}: ${error.message}`, error) : error;
}

/** Most bytes of a Fill for this histogram: its dense view, even where compression makes it longer, key and id. */
export function fillBytesMax(spec: HistSpec): number {
  return spec.chunkBytes + Math.ceil(spec.chunkBytes / 128) + CHUNK_KEY_BYTES_MAX +
    UNIQUE_ID_BYTES_MAX + 4096;
}

function checkChunkKey(spec: HistSpec, chunk: ChunkPayloadView, what: string): void {
  const axes = spec.categoryAxes;
  const { chunkKey, chunkKeyCount } = chunk;
  if (chunkKeyCount !== axes.length) {
    throw invalidArgument(
      `${what}: the chunk key has ${chunkKeyCount} values, the histogram has ${axes.length} category axes`,
    );
  }
  if (axes.length === 0) return;
  if (!isChunkKeySet(chunkKey)) {
    throw invalidArgument(`${what}: every value of a chunk key must be set`);
  }
  if (chunkKey.length > CHUNK_KEY_BYTES_MAX) {
    throw invalidArgument(
      `${what}: the chunk key has ${chunkKey.length} bytes, the limit is ${CHUNK_KEY_BYTES_MAX}`,
    );
  }
  const components = splitChunkKey(chunkKey);
  for (let i = 0; i < axes.length; i++) checkComponent(axes[i]!, components[i]!, what);
}

/** A key of the wrong kind would make the histogram unreadable for Python's `to_hist`. */
function checkComponent(
  axis: HistSpec["categoryAxes"][number],
  component: Uint8Array,
  what: string,
): void {
  const isString = component[0] === KIND_STRING;
  if (axis.type === "category_str") {
    if (!isString) {
      throw invalidArgument(
        `${what}: axis "${shorten(axis.name)}" has string categories, the key ${
          decodeChunkKey(component)[0]
        } is an integer`,
      );
    }
    return;
  }
  const [value] = decodeChunkKey(component);
  if (isString) {
    throw invalidArgument(
      `${what}: axis "${shorten(axis.name)}" has integer categories, the key "${
        shorten(String(value))
      }" is a string`,
    );
  }
  if (typeof value === "bigint" && (value < INT32_MIN || value > INT32_MAX)) {
    throw invalidArgument(
      `${what}: axis "${
        shorten(axis.name)
      }" has 32-bit integer categories, the key ${value} is outside of them`,
    );
  }
}
