/**
 * Taking cells out of an array of cells, and adding cells of one array into fewer of another.
 *
 * @module
 */

import { type BinMap, countCells } from "./cell_layout.ts";
import { mergeMean, mergeWeightedMean } from "./cell_sums.ts";
import { type CellKind, type Cells, type CellSource, cellWidth, newCells } from "./storage.ts";

/**
 * The cells at the given bins of each axis, bit for bit: of an array of these `extents`, one of as many as there are
 * `bins`. Both are row-major.
 */
export function gatherCells(
  source: CellSource,
  layout: { kind: CellKind; extents: readonly number[]; bins: readonly BinMap[] },
): Cells {
  const { kind, extents, bins } = layout;
  const width = cellWidth(kind);
  const strides = stridesOf(extents, width);
  const counts = bins.map((list) => list.length);
  const target = newCells(kind, countCells(counts));
  const positions = new Int32Array(counts.length);
  for (let at = 0; at < target.length; at += width) {
    let from = 0;
    for (let axis = 0; axis < positions.length; axis++) {
      from += bins[axis]![positions[axis]!]! * strides[axis]!;
    }
    for (let i = 0; i < width; i++) target[at + i] = source[from + i]!;
    for (let axis = positions.length - 1; axis >= 0; axis--) {
      if (++positions[axis]! < counts[axis]!) break;
      positions[axis] = 0;
    }
  }
  return target;
}

/** The cells of an array of these `extents`, its axes in another order: `order[i]` is the axis that becomes number i. */
export function permuteCells(
  source: CellSource,
  layout: { kind: CellKind; extents: readonly number[]; order: readonly number[] },
): Cells {
  const { kind, extents, order } = layout;
  const width = cellWidth(kind);
  const sourceStrides = stridesOf(extents, width);
  const counts = order.map((axis) => extents[axis]!);
  const strides = order.map((axis) => sourceStrides[axis]!);
  const target = newCells(kind, countCells(counts));
  const positions = new Int32Array(counts.length);
  let from = 0;
  for (let at = 0; at < target.length; at += width) {
    for (let i = 0; i < width; i++) target[at + i] = source[from + i]!;
    for (let axis = positions.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++positions[axis]! < counts[axis]!) break;
      from -= strides[axis]! * counts[axis]!;
      positions[axis] = 0;
    }
  }
  return target;
}

/** Where the cells of an array go. */
export interface CellReduction {
  readonly kind: CellKind;
  /** For each axis from each of its bins to a bin of the target, or -1. */
  readonly maps: readonly BinMap[];
  /** The extents of the target; 1 for an axis that goes. */
  readonly extents: readonly number[];
}

/**
 * Cells in which each cell of `source` was added where `maps` put it, or dropped. Both are row-major.
 *
 * Cells are added in Boost's order, first axis fastest: it decides the last bits of sums.
 */
export function reduceCells(source: CellSource, reduction: CellReduction): Cells {
  const { kind, maps, extents } = reduction;
  const width = cellWidth(kind);
  const target = newCells(kind, countCells(extents));
  if (source.length === 0) return target;
  const targetStrides = stridesOf(extents, width);
  const sourceStrides = stridesOf(maps.map((map) => map.length), width);
  // Where each bin of each axis leads, -1 for nowhere.
  const steps = maps.map((map, axis) =>
    Float64Array.from(map, (bin) => bin < 0 ? -1 : bin * targetStrides[axis]!)
  );
  const order = traversal(maps, extents);
  const bins = new Int32Array(order.length);
  const fastest = order[0] ?? -1;
  const run = {
    steps: fastest < 0 ? Float64Array.of(0) : steps[fastest]!,
    stride: fastest < 0 ? 0 : sourceStrides[fastest]!,
  };
  for (;;) {
    let from = 0;
    let to = 0;
    for (let i = 1; i < order.length && to >= 0; i++) {
      const axis = order[i]!;
      const step = steps[axis]![bins[i]!]!;
      from += bins[i]! * sourceStrides[axis]!;
      to = step < 0 ? -1 : to + step;
    }
    if (to >= 0) addRun(kind, target, { source, from, to, ...run });
    let next = 1;
    for (; next < order.length; next++) {
      if (++bins[next]! < maps[order[next]!]!.length) break;
      bins[next] = 0;
    }
    if (next >= order.length) return target;
  }
}

/** The axes from fastest to slowest: Boost's order, or that in memory if it gives the same sums. */
function traversal(maps: readonly BinMap[], extents: readonly number[]): number[] {
  const axes = maps.map((_, axis) => axis);
  const merging = maps.filter((map, axis) => map.length > extents[axis]!);
  return merging.length > 1 ? axes : axes.reverse();
}

function stridesOf(extents: readonly number[], width: number): Float64Array {
  const strides = new Float64Array(extents.length);
  let stride = width;
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= extents[axis]!;
  }
  return strides;
}

interface Run {
  readonly source: CellSource;
  /** The first element of the first cell. */
  readonly from: number;
  /** Elements from one cell to the next. */
  readonly stride: number;
  /** The element of the target to which the steps are added. */
  readonly to: number;
  readonly steps: Float64Array;
}

function addRun(kind: CellKind, target: Cells, run: Run): void {
  if (kind === "i64") addIntegers(target as BigInt64Array, run);
  else if (kind === "mean" || kind === "weighted_mean") addMeans(kind, target as Float64Array, run);
  else addDoubles(target as Float64Array, run, cellWidth(kind));
}

function addDoubles(target: Float64Array, run: Run, width: number): void {
  const { from, stride, to, steps } = run;
  const source = run.source as Float64Array;
  for (let bin = 0; bin < steps.length; bin++) {
    const step = steps[bin]!;
    if (step < 0) continue;
    for (let i = 0; i < width; i++) target[to + step + i]! += source[from + bin * stride + i]!;
  }
}

function addIntegers(target: BigInt64Array, run: Run): void {
  const { from, stride, to, steps } = run;
  const source = run.source as BigInt64Array;
  for (let bin = 0; bin < steps.length; bin++) {
    if (steps[bin]! >= 0) target[to + steps[bin]!]! += source[from + bin * stride]!;
  }
}

function addMeans(kind: "mean" | "weighted_mean", target: Float64Array, run: Run): void {
  const { from, stride, to, steps } = run;
  const source = run.source as Float64Array;
  const merge = kind === "mean" ? mergeMean : mergeWeightedMean;
  for (let bin = 0; bin < steps.length; bin++) {
    if (steps[bin]! >= 0) merge(target, to + steps[bin]!, source, from + bin * stride);
  }
}
