/**
 * Adding cells to cells.
 *
 * @module
 */

import {
  type CellKind,
  type Cells,
  type CellSource,
  cellWidth,
  isMeanKind,
  newCells,
} from "./storage.ts";

/**
 * Adds `source` to `target`, cell by cell: sums are added (integers wrap modulo 2^64), means are merged as
 * boost-histogram merges them.
 *
 * @throws {RangeError} if they are not of `kind`, or not equally many.
 */
export function addCells(kind: CellKind, target: CellSource, source: CellSource): void {
  if (target.length !== source.length) {
    throw new RangeError(`Cannot add ${source.length} elements to ${target.length}`);
  }
  if (target instanceof Float64Array && source instanceof Float64Array && kind !== "i64") {
    if (isMeanKind(kind)) addMeans(kind, target, source);
    else for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  } else if (target instanceof BigInt64Array && source instanceof BigInt64Array && kind === "i64") {
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  } else {
    throw new RangeError("Cannot add cells of another kind");
  }
}

/**
 * Writes `source` to `target`, bit for bit.
 *
 * @throws {RangeError} if their lengths or kinds of elements differ.
 */
export function copyCells(target: CellSource, source: CellSource): void {
  if (target.length !== source.length) {
    throw new RangeError(`Cannot copy ${source.length} elements to ${target.length}`);
  }
  if (target instanceof Float64Array && source instanceof Float64Array) target.set(source);
  else if (target instanceof BigInt64Array && source instanceof BigInt64Array) target.set(source);
  else throw new RangeError("Cannot copy cells of another kind");
}

/** A copy of `source`, bit for bit, in memory of its own. */
export function cloneCells(kind: CellKind, source: CellSource): Cells {
  const target = newCells(kind, source.length / cellWidth(kind));
  copyCells(target, source);
  return target;
}

function addMeans(
  kind: "mean" | "weighted_mean",
  target: Float64Array,
  source: Float64Array,
): void {
  const width = cellWidth(kind);
  for (let i = 0; i < target.length; i += width) {
    if (kind === "mean") mergeMean(target, i, source, i);
    else mergeWeightedMean(target, i, source, i);
  }
}

/**
 * Merges the mean at `source[from]` into the one at `target[at]`: the parallel form of Welford's algorithm.
 *
 * Follows Boost rounding for rounding, so a merge into an empty mean may change the last bit.
 *
 * @see boost/histogram/accumulators/mean.hpp
 */
export function mergeMean(
  target: Float64Array,
  at: number,
  source: Float64Array,
  from: number,
): void {
  const countRight = source[from]!;
  if (countRight === 0) return;
  const countLeft = target[at]!;
  const left = target[at + 1]!;
  const right = source[from + 1]!;
  const count = countLeft + countRight;
  const mean = (countLeft * left + countRight * right) / count;
  target[at] = count;
  target[at + 1] = mean;
  const shift = countLeft * (mean - left) * (mean - left) +
    countRight * (mean - right) * (mean - right);
  target[at + 2] = target[at + 2]! + source[from + 2]! + shift;
}

/**
 * As {@linkcode mergeMean}, of weighted means.
 *
 * @see boost/histogram/accumulators/weighted_mean.hpp
 */
export function mergeWeightedMean(
  target: Float64Array,
  at: number,
  source: Float64Array,
  from: number,
): void {
  const weightRight = source[from]!;
  if (weightRight === 0) return;
  const weightLeft = target[at]!;
  const left = target[at + 2]!;
  const right = source[from + 2]!;
  const weight = weightLeft + weightRight;
  const mean = (weightLeft * left + weightRight * right) / weight;
  target[at] = weight;
  target[at + 1]! += source[from + 1]!;
  target[at + 2] = mean;
  const shift = weightLeft * (mean - left) * (mean - left) +
    weightRight * (mean - right) * (mean - right);
  target[at + 3] = target[at + 3]! + source[from + 3]! + shift;
}
