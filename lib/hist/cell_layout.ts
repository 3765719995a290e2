/**
 * Where the cells of a histogram lie, and how they move when an axis changes.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { type CellKind, type Cells, type CellSource, cellWidth, newCells } from "./storage.ts";

/** The most cells in memory at once: a place is a 32-bit integer. */
export const cellsMax = 2147483647;

/**
 * The number of cells of an array with these extents; 1 for none.
 *
 * @throws {RangeError} if it is above {@linkcode cellsMax}.
 */
export function countCells(extents: readonly number[]): number {
  const count = extents.includes(0) ? 0 : extents.reduce((a, b) => a * b, 1);
  if (count <= cellsMax) return count;
  throw new RangeError(`Cannot make a histogram of ${count} cells: the limit is ${cellsMax}`);
}

/** Where each bin of an axis, flow bins included, goes when the axis changes; length: the old extent. */
export type BinMap = Int32Array;

/** The map of an axis that stays as it is. */
export function identityMap(extent: number): BinMap {
  return Int32Array.from({ length: extent }, (_, bin) => bin);
}

/** The map of an axis that had `size` bins, and now is `grown` after `added` were put in front. */
export function growthMap(size: number, grown: Axis, added: number): BinMap {
  const first = grown.underflow ? 1 : 0;
  const extent = size + first + (grown.overflow ? 1 : 0);
  const map = new Int32Array(extent);
  for (let bin = 0; bin < size; bin++) map[first + bin] = first + bin + added;
  if (grown.overflow) map[extent - 1] = grown.extent - 1;
  return map;
}

/**
 * New cells with extents `extents`, in which each cell of `source` stands where `maps`, one for each axis,
 * put it; the others are empty. Both are row-major.
 *
 * @throws {RangeError} if there is not that much memory.
 */
export function moveCells(
  source: CellSource,
  layout: { kind: CellKind; maps: readonly BinMap[]; extents: readonly number[] },
): Cells {
  const { kind, maps, extents } = layout;
  const target = newCells(kind, countCells(extents));
  if (source.length === 0) return target;
  const width = cellWidth(kind);
  const strides = new Float64Array(extents.length);
  let stride = width;
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= extents[axis]!;
  }
  const bins = new Int32Array(maps.length);
  for (let from = 0; from < source.length; from += width) {
    let place = 0;
    for (let axis = 0; axis < bins.length; axis++) {
      place += maps[axis]![bins[axis]!]! * strides[axis]!;
    }
    for (let i = 0; i < width; i++) target[place + i] = source[from + i]!;
    for (let axis = bins.length - 1; axis >= 0; axis--) {
      if (++bins[axis]! < maps[axis]!.length) break;
      bins[axis] = 0;
    }
  }
  return target;
}
