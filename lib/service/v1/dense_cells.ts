/**
 * Where the cells of chunks lie in the array of a whole histogram: row-major over all axes, categories included.
 *
 * @module
 */

import {
  type CellSource,
  cellWidth,
  type HistSpec,
  isCategoryAxis,
  newCells,
} from "../../hist/mod.ts";

/** The places of one histogram's chunks. */
export class DenseCells {
  /** Elements of a cell. */
  readonly #width: number;
  readonly #kind: HistSpec["cellKind"];
  /** For each cell of a chunk its place among all cells, where all categories are the first. */
  readonly #places: Float64Array;
  /** Cells from one category to the next, by category axis. */
  readonly #strides: readonly number[];

  /** `spec` has all categories, and cells that there is memory for. */
  constructor(spec: HistSpec) {
    this.#kind = spec.cellKind;
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

  /** The chunk at `index`, as bytes; null if all of it is zero. */
  gather(index: readonly number[], source: CellSource): Uint8Array | null {
    const width = this.#width;
    const base = this.#base(index);
    const cells = newCells(this.#kind, this.#places.length) as CellSource;
    for (let at = 0; at < cells.length; at += width) {
      const place = (base + this.#places[at / width]!) * width;
      for (let element = 0; element < width; element++) {
        cells[at + element] = source[place + element]!;
      }
    }
    const bytes = new Uint8Array(cells.buffer);
    const words = new Uint32Array(cells.buffer);
    return words.some((word) => word !== 0) ? bytes : null;
  }

  #base(index: readonly number[]): number {
    return index.reduce((base, bin, axis) => base + bin * this.#strides[axis]!, 0);
  }
}
