/**
 * The histograms of the model tests: axes and storages in which the effect of each operation can be read off.
 *
 * An operation owns a *slot*: it adds 1 to cell `slot` of the lower half and of the upper half of the dense axis, in
 * each chunk that it touches. So a snapshot shows which operations are in it, which are there twice, and which
 * only in part.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";

import type {
  ChunkedHistPayload,
  ChunkPayloadSchema,
  ChunkScalarSchema,
} from "../../lib/wire/gen/hist_pb.ts";

/** Slots of one histogram: operations until it is full. */
export const slotCount = 512;
const cellCount = 2 * slotCount;

/** Axes and storage of one histogram. */
export interface HistLayout {
  readonly categories: "none" | "string" | "int";
  readonly storage: "double" | "int" | "weighted";
}

/** One of each kind of axes and of storage. */
export const histLayouts: readonly HistLayout[] = [
  { categories: "none", storage: "double" },
  { categories: "string", storage: "int" },
  { categories: "int", storage: "weighted" },
  { categories: "string", storage: "double" },
  { categories: "none", storage: "int" },
];

/** A slot of some chunks; chunks are numbered by the test. */
export interface Mark {
  readonly slot: number;
  readonly chunks: readonly number[];
}

/** The state of a mark in a snapshot, or in what way it is broken. */
export type MarkState = "in" | "out" | "torn" | "doubled";

/** The UHI description of a histogram of `layout`. */
export function histJsonOf(layout: HistLayout): string {
  const metadata = { name: "key", label: "" };
  const growing = { flow: false, writer_info: { "boost-histogram": { growth: true } }, metadata };
  const categories = {
    none: [],
    string: [{ type: "category_str", categories: [], ...growing }],
    int: [{ type: "category_int", categories: [], ...growing }],
  }[layout.categories];
  const dense = {
    type: "regular",
    lower: 0,
    upper: cellCount,
    bins: cellCount,
    underflow: false,
    overflow: false,
    circular: false,
    writer_info: { "boost-histogram": { orig_type: "Integer" } },
    metadata: { name: "slot", label: "" },
  };
  return JSON.stringify({
    uhi_schema: 1,
    axes: [...categories, dense],
    storage: { type: layout.storage },
    metadata: { name: "", label: "" },
  });
}

/** The numbers of chunks that a histogram of `layout` may have. */
export function chunkCountOf(layout: HistLayout): number {
  return layout.categories === "none" ? 1 : 6;
}

/** The body of a Fill of the first chunk of `mark`. */
export function fillBody(
  layout: HistLayout,
  mark: Mark,
): { chunkKey: ChunkKey; denseView: Uint8Array<ArrayBuffer> } {
  return {
    chunkKey: chunkKeyOf(layout, mark.chunks[0]!),
    denseView: denseViewOf(layout, [mark.slot, slotCount + mark.slot]),
  };
}

/**
 * The chunks of a FillMany or an Init. Without category axes the two halves go into two payloads of the same
 * chunk, which must add up.
 */
export function chunkPayloads(
  layout: HistLayout,
  mark: Mark,
): MessageInitShape<typeof ChunkPayloadSchema>[] {
  const cells = [mark.slot, slotCount + mark.slot];
  if (layout.categories === "none") {
    return cells.map((cell) => ({ chunkKey: [], denseView: denseViewOf(layout, [cell]) }));
  }
  const denseView = denseViewOf(layout, cells);
  return mark.chunks.map((chunk) => ({ chunkKey: chunkKeyOf(layout, chunk), denseView }));
}

/** What a snapshot holds: counts of each chunk, by its number. */
export class Contents {
  readonly #counts = new Map<number, Float64Array>();
  #total = 0;

  /** @throws {RangeError} if the payload is not one of `layout`, or a weighted cell is half a fill. */
  constructor(layout: HistLayout, payload: ChunkedHistPayload | undefined) {
    for (const chunk of payload?.chunks ?? []) {
      const number = chunkNumberOf(layout, chunk.chunkKey.map((scalar) => scalar.value.value));
      if (this.#counts.has(number)) throw new RangeError(`Cannot read: chunk ${number} came twice`);
      const counts = countsOf(layout, chunk.denseView);
      this.#counts.set(number, counts);
      for (const count of counts) this.#total += count;
    }
  }

  /** Sum of all cells. */
  get total(): number {
    return this.#total;
  }

  stateOf(mark: Mark): MarkState {
    let present = 0;
    for (const chunk of mark.chunks) {
      const counts = this.#counts.get(chunk);
      for (const cell of [mark.slot, slotCount + mark.slot]) {
        const count = counts?.[cell] ?? 0;
        if (count > 1) return "doubled";
        present += count;
      }
    }
    if (present === 0) return "out";
    return present === 2 * mark.chunks.length ? "in" : "torn";
  }
}

type ChunkKey = MessageInitShape<typeof ChunkScalarSchema>[];

function chunkKeyOf(layout: HistLayout, chunk: number): ChunkKey {
  switch (layout.categories) {
    case "none":
      return [];
    case "string":
      return [{ value: { case: "stringValue", value: `key-${chunk}` } }];
    case "int":
      return [{ value: { case: "intValue", value: BigInt(chunk - 2) } }];
  }
}

function chunkNumberOf(layout: HistLayout, key: readonly (string | bigint | undefined)[]): number {
  const [value] = key;
  const number = layout.categories === "none"
    ? 0
    : typeof value === "bigint"
    ? Number(value) + 2
    : Number(value?.replace("key-", ""));
  if (!(number >= 0 && number < chunkCountOf(layout))) {
    throw new RangeError(`Cannot read: unknown chunk key ${String(value)}`);
  }
  return number;
}

function denseViewOf(layout: HistLayout, cells: readonly number[]): Uint8Array<ArrayBuffer> {
  switch (layout.storage) {
    case "double": {
      const values = new Float64Array(cellCount);
      for (const cell of cells) values[cell] = 1;
      return new Uint8Array(values.buffer);
    }
    case "int": {
      const values = new BigInt64Array(cellCount);
      for (const cell of cells) values[cell] = 1n;
      return new Uint8Array(values.buffer);
    }
    case "weighted": {
      const values = new Float64Array(2 * cellCount);
      for (const cell of cells) values.fill(1, 2 * cell, 2 * cell + 2);
      return new Uint8Array(values.buffer);
    }
  }
}

function countsOf(layout: HistLayout, denseView: Uint8Array): Float64Array {
  const bytes = denseView.slice().buffer;
  const cellBytes = layout.storage === "weighted" ? 16 : 8;
  if (bytes.byteLength !== cellCount * cellBytes) {
    throw new RangeError(`Cannot read: a dense view of ${bytes.byteLength} bytes`);
  }
  if (layout.storage === "int") return Float64Array.from(new BigInt64Array(bytes), Number);
  const values = new Float64Array(bytes);
  if (layout.storage === "double") return values;
  const isHalf = values.some((value, k) => k % 2 === 1 && value !== values[k - 1]);
  if (isHalf) throw new RangeError("Cannot read: a value without its variance");
  return values.filter((_, k) => k % 2 === 0);
}
