/**
 * Writes the cells of a histogram, chunk by chunk, into the datasets of its storage.
 *
 * A dataset has all axes in order of declaration, a chunk only the dense ones: cells are scattered into blocks (see
 * `block_grid.ts`), of which one is in memory at a time. What is empty is not stored: it reads as the fill value.
 *
 * @module
 */

import { blockBytesMax, type BlockGrid, cutIntoBlocks, product } from "./block_grid.ts";
import { BlockStore } from "./block_store.ts";
import type { CellLayout } from "./cell_components.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Layout } from "./object_header.ts";
import type { Appender } from "./sink.ts";

/** From so many elements on a dataset is compressed, as in `uhi.io.hdf5`. */
export const compressedElementsMin = 1000;

/** Cells of one combination of categories. */
export interface CellChunk {
  /** For each category axis the bin, in order; the number of categories is the overflow bin. */
  readonly index: readonly number[];
  /** Cells over the dense axes, row-major, flow bins included; little-endian. May lie in shared memory. */
  readonly cells: Uint8Array;
  /** Where `cells` begin in the chunk, if they are a part of it; a whole number of cells. Parts follow each other. */
  readonly offsetBytes?: number;
}

/** How runs of a chunk's cells lie in blocks. */
interface Runs {
  /** Axes that vary slower than a row, innermost last; dense ones only. */
  readonly outerAxes: readonly number[];
  /** Cells that are contiguous in a chunk while the outer axes stand still. */
  readonly rowCells: number;
  /** Cells of a row that are contiguous in a block. */
  readonly segmentCells: number;
  /** The axis along which a row is cut into segments, or -1. */
  readonly cutAxis: number;
}

/** Takes the cells of one histogram, in whatever order unless grouped; see {@linkcode cutIntoBlocks}. */
export class CellWriter {
  readonly #appender: Appender;
  readonly #grid: BlockGrid;
  readonly #layout: CellLayout;
  readonly #runs: Runs;
  readonly #elements: number;
  readonly #chunkCells: number;
  readonly #blockStrides: readonly number[];
  readonly #gridStrides: readonly number[];
  readonly #stores: readonly BlockStore[];
  /** The open block, one array for each component. */
  readonly #buffers: readonly Float64Array<ArrayBuffer>[];
  /** Number of the open block, or -1. */
  #open = -1;

  /** @throws {Hdf5Error} if the array has 2^53 elements or more. */
  constructor(
    appender: Appender,
    array: {
      extents: readonly number[];
      isCategory: readonly boolean[];
      layout: CellLayout;
      grouped: boolean;
    },
  ) {
    const { extents, isCategory, layout, grouped } = array;
    this.#elements = product(extents);
    if (this.#elements > Number.MAX_SAFE_INTEGER) {
      throw new Hdf5Error("Cannot write a histogram of 2^53 cells or more", {
        reason: "too_large",
      });
    }
    const { components } = layout;
    const elementsMax = Math.floor(blockBytesMax / 8);
    const grid = cutIntoBlocks({ extents, isCategory }, { elementsMax, grouped });
    this.#appender = appender;
    this.#grid = grid;
    this.#layout = layout;
    this.#runs = findRuns(grid);
    this.#chunkCells = product(extents.filter((_, axis) => !isCategory[axis]));
    this.#blockStrides = stridesOf(grid.blockShape);
    this.#gridStrides = stridesOf(grid.counts);
    this.#stores = components.map(() => new BlockStore(appender));
    this.#buffers = components.map(({ empty }) => new Float64Array(grid.blockElements).fill(empty));
  }

  /** Takes a chunk or a part of one. @throws {Hdf5Error} if it is none. */
  async add(chunk: CellChunk): Promise<void> {
    const { source, from } = this.#check(chunk);
    const { width } = this.#layout;
    const { outerAxes, rowCells, segmentCells, cutAxis } = this.#runs;
    const { blockShape, extents } = this.#grid;
    const base = this.#place(chunk.index);
    const end = from + source.length / width;
    for (let cell = from; cell < end;) {
      let { block, place } = base;
      let row = Math.floor(cell / rowCells);
      const inRow = cell - row * rowCells;
      const segment = Math.floor(inRow / segmentCells);
      const inSegment = inRow - segment * segmentCells;
      const count = Math.min(segmentCells - inSegment, rowCells - inRow, end - cell);
      for (let i = outerAxes.length - 1; i >= 0; i--) {
        const axis = outerAxes[i]!;
        const outer = Math.floor(row / extents[axis]!);
        const bin = row - outer * extents[axis]!;
        const along = Math.floor(bin / blockShape[axis]!);
        block += along * this.#gridStrides[axis]!;
        place += (bin - along * blockShape[axis]!) * this.#blockStrides[axis]!;
        row = outer;
      }
      if (cutAxis >= 0) block += segment * this.#gridStrides[cutAxis]!;
      if (block !== this.#open) {
        await this.#flush();
        this.#open = block;
      }
      const range = { from: cell - from, count, at: place + inSegment };
      this.#layout.split(source, this.#buffers, range);
      cell += count;
    }
  }

  /** Writes what is left. @returns where each component lies. */
  async close(): Promise<Layout[]> {
    if (this.#elements < compressedElementsMin) return await this.#closeSmall();
    await this.#flush();
    const layouts: Layout[] = [];
    for (const store of this.#stores) {
      const address = await store.close(this.#grid);
      layouts.push({ kind: "chunked", address, blockShape: this.#grid.blockShape });
    }
    return layouts;
  }

  async #closeSmall(): Promise<Layout[]> {
    const layouts: Layout[] = [];
    for (const buffer of this.#buffers) {
      const bytes = 8 * this.#elements;
      const address = bytes === 0 ? null : await this.#appender.append(bytesOf(buffer));
      layouts.push({ kind: "contiguous", address, bytes });
    }
    return layouts;
  }

  async #flush(): Promise<void> {
    if (this.#open < 0) return;
    for (const [i, { empty }] of this.#layout.components.entries()) {
      const buffer = this.#buffers[i]!;
      if (isEmpty(buffer, empty)) continue;
      await this.#stores[i]!.store(this.#open, bytesOf(buffer));
      buffer.fill(empty);
    }
    this.#open = -1;
  }

  /** The block and the place in it where a chunk begins. */
  #place(index: readonly number[]): { block: number; place: number } {
    const { blockShape, isCategory, extents } = this.#grid;
    let [block, place, component] = [0, 0, 0];
    for (let axis = 0; axis < extents.length; axis++) {
      if (!isCategory[axis]) continue;
      const bin = index[component++]!;
      const along = Math.floor(bin / blockShape[axis]!);
      block += along * this.#gridStrides[axis]!;
      place += (bin - along * blockShape[axis]!) * this.#blockStrides[axis]!;
    }
    return { block, place };
  }

  /** The chunk's cells as doubles, aligned, and the number of the first. */
  #check(chunk: CellChunk): { source: Float64Array; from: number } {
    const { cells, index, offsetBytes = 0 } = chunk;
    const { extents, isCategory } = this.#grid;
    const bins = extents.filter((_, axis) => isCategory[axis]);
    const isInside = index.length === bins.length &&
      index.every((bin, i) => Number.isInteger(bin) && bin >= 0 && bin < bins[i]!);
    if (!isInside) {
      const message = `Cannot write the chunk [${index.join(", ")}]: the category axes have ` +
        `${bins.length === 0 ? "no" : bins.join(", ")} bins`;
      throw new Hdf5Error(message, { reason: "chunk" });
    }
    const cellBytes = 8 * this.#layout.width;
    const from = offsetBytes / cellBytes;
    const count = cells.length / cellBytes;
    const isWhole = Number.isInteger(from) && Number.isInteger(count) && from >= 0;
    if (!isWhole || from + count > this.#chunkCells) {
      const message =
        `Cannot write ${cells.length} bytes from byte ${offsetBytes} of a chunk on: ` +
        `it has ${this.#chunkCells} cells of ${cellBytes} bytes`;
      throw new Hdf5Error(message, { reason: "chunk" });
    }
    if (chunk.offsetBytes === undefined && count !== this.#chunkCells) {
      const message = `Cannot write a chunk of ${count} cells: it has ${this.#chunkCells}`;
      throw new Hdf5Error(message, { reason: "chunk" });
    }
    const isAligned = cells.byteOffset % 8 === 0;
    const { buffer, byteOffset, length } = isAligned ? cells : cells.slice();
    return { source: new Float64Array(buffer, byteOffset, length / 8), from };
  }
}

/** What is contiguous both in a chunk and in a block. */
function findRuns(grid: BlockGrid): Runs {
  const { extents, isCategory, blockShape } = grid;
  const isDense = (axis: number): boolean => !isCategory[axis];
  let inner = 1;
  let axis = extents.length - 1;
  for (; axis >= 0; axis--) {
    if (blockShape[axis] !== (isDense(axis) ? extents[axis] : 1)) break;
    if (isDense(axis)) inner *= extents[axis]!;
  }
  const outerAxes = extents.map((_, i) => i).slice(0, Math.max(axis, 0)).filter(isDense);
  if (axis < 0 || !isDense(axis)) {
    return { outerAxes, rowCells: inner, segmentCells: inner, cutAxis: -1 };
  }
  const rowCells = inner * extents[axis]!;
  return { outerAxes, rowCells, segmentCells: inner * blockShape[axis]!, cutAxis: axis };
}

/** Elements to the next bin of each axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

function isEmpty(buffer: Float64Array, empty: number): boolean {
  for (let i = 0; i < buffer.length; i++) if (!Object.is(buffer[i], empty)) return false;
  return true;
}

function bytesOf(buffer: Float64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
