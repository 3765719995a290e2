/**
 * A single cell, and the sum of all cells.
 *
 * @module
 */

import { gatherCells, permuteCells, reduceCells } from "./cell_reduction.ts";
import type { Hist } from "./hist.ts";
import { type CellKind, type CellSource, cellWidth } from "./storage.ts";

/** What a cell says, with the names of boost-histogram's accumulators; a variance is that of the samples. */
export type Accumulator =
  | { readonly kind: "f64"; readonly value: number }
  | { readonly kind: "i64"; readonly value: bigint }
  | { readonly kind: "weighted"; readonly value: number; readonly variance: number }
  | {
    readonly kind: "mean";
    readonly count: number;
    readonly value: number;
    readonly variance: number;
  }
  | {
    readonly kind: "weighted_mean";
    readonly sumOfWeights: number;
    readonly sumOfWeightsSquared: number;
    readonly value: number;
    readonly variance: number;
  };

/** The cell of `cells` whose first element is `cells[at]`. */
export function accumulatorAt(kind: CellKind, cells: CellSource, at = 0): Accumulator {
  if (kind === "i64") return { kind, value: (cells as BigInt64Array)[at]! };
  const [first = NaN, second = NaN, third = NaN, fourth = NaN] = (cells as Float64Array)
    .subarray(at, at + cellWidth(kind));
  if (kind === "f64") return { kind, value: first };
  if (kind === "weighted") return { kind, value: first, variance: second };
  if (kind === "mean") {
    return { kind, count: first, value: second, variance: first > 1 ? third / (first - 1) : NaN };
  }
  const variance = fourth / (first - second / first);
  return { kind, sumOfWeights: first, sumOfWeightsSquared: second, value: third, variance };
}

/**
 * The sum of all cells of `hist`, flow bins included if `flow`: integers exactly (modulo 2^64), doubles with
 * Neumaier's compensation, means merged; in Boost's order, so the same bits.
 *
 * @see boost/histogram/algorithm/sum.hpp
 */
export function sum(hist: Hist, options: { flow?: boolean } = {}): Accumulator {
  const { axes, cells, extents } = hist;
  const kind = hist.spec.cellKind;
  const flow = options.flow ?? false;
  if (kind === "f64") {
    const bins = axes.map((axis) => {
      const first = axis.underflow && !flow ? 1 : 0;
      return Int32Array.from({ length: flow ? axis.extent : axis.size }, (_, bin) => first + bin);
    });
    const inside = gatherCells(cells, { kind, extents, bins });
    const lengths = bins.map(({ length }) => length);
    const order = lengths.keys().toArray().reverse();
    const ordered = permuteCells(inside, { kind, extents: lengths, order });
    return { kind, value: compensatedSum(ordered as Float64Array) };
  }
  const maps = axes.map((axis) => {
    const map = new Int32Array(axis.extent);
    if (!flow && axis.underflow) map[0] = -1;
    if (!flow && axis.overflow) map[map.length - 1] = -1;
    return map;
  });
  return accumulatorAt(kind, reduceCells(cells, { kind, maps, extents: axes.map(() => 1) }));
}

/** @see boost/histogram/accumulators/sum.hpp */
function compensatedSum(values: Float64Array): number {
  let large = 0;
  let small = 0;
  for (const value of values) {
    const next = large + value;
    small += Math.abs(large) >= Math.abs(value) ? large - next + value : value - next + large;
    large = next;
  }
  return large + small;
}
