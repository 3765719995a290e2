/**
 * Where the cells of chunks lie in the array of a whole histogram: row-major over all axes, categories included.
 *
 * @module
 */

import { type CellSource, cellWidth, type HistSpec, isCategoryAxis } from "../../hist/mod.ts";

/** The places of one histogram's chunks. */
export class DenseCells {
  /** Elements of a cell. */
  readonly #width: number;
  /** For each cell of a chunk its place among all cells, where all categories are the first. */
  readonly #places: Float64Array;
  /** Cells from one category to the next, by category axis. */
  readonly #strides: readonly number[];

  /** `spec` has all categories, and cells that there is memory for. */
  constructor(spec: HistSpec) {
    this.#width = cellWidth(spec.cellKind);
    const strides = spec.axes.map((_, axis) =>
      spec.axes.slice(axis + 1).reduce((cells, { extent }) => cells * extent, 1)
    );
    this.#strides = strides.filter((_, axis) => isCategoryAxis(spec.axes[axis]!));
    const dense = strides.filter((_, axis) => !isCategoryAxis(spec.axes[axis]!));
    this.#places = new Float64Array(spec.chunkCells);
    const bins = new Int32Array(dense.length);
    let place = 0;
    for (let cell = 0; cell < spec.chunkCells; cell++) {
      this.#places[cell] = place;
      for (let axis = bins.length - 1; axis >= 0; axis--) {
        place += dense[axis]!;
        if (++bins[axis]! < spec.denseExtents[axis]!) break;
        place -= dense[axis]! * bins[axis]!;
        bins[axis] = 0;
      }
    }
  }

  /** Copies a chunk's cells, or some from cell `from` on, to where they belong in `target`. */
  scatter(
    chunk: { index: readonly number[]; cells: CellSource; from: number },
    target: CellSource,
  ): void {
    const width = this.#width;
    const base = this.#base(chunk.index);
    const { cells, from } = chunk;
    for (let at = 0; at < cells.length; at += width) {
      const place = (base + this.#places[from + at / width]!) * width;
      for (let element = 0; element < width; element++) {
        target[place + element] = cells[at + element]!;
      }
    }
  }

  /** Copies the chunk at `index` out of `source` to `target`, its bytes. */
  gather(index: readonly number[], source: CellSource, target: Uint8Array<ArrayBuffer>): void {
    const { buffer, byteOffset, byteLength } = target;
    const cells: CellSource = source instanceof BigInt64Array
      ? new BigInt64Array(buffer, byteOffset, byteLength / 8)
      : new Float64Array(buffer, byteOffset, byteLength / 8);
    const width = this.#width;
    const base = this.#base(index);
    for (let at = 0; at < cells.length; at += width) {
      const place = (base + this.#places[at / width]!) * width;
      for (let element = 0; element < width; element++) {
        cells[at + element] = source[place + element]!;
      }
    }
  }

  /** Whether all cells of the chunk at `index` are zero. */
  isEmpty(index: readonly number[], source: CellSource): boolean {
    const width = this.#width;
    const base = this.#base(index);
    for (const cell of this.#places) {
      const place = (base + cell) * width;
      for (let element = 0; element < width; element++) {
        const value = source[place + element]!;
        if (value !== 0n && !Object.is(value, 0)) return false;
      }
    }
    return true;
  }

  #base(index: readonly number[]): number {
    return index.reduce((base, bin, axis) => base + bin * this.#strides[axis]!, 0);
  }
}
