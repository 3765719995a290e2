/**
 * The arrays of a storage in UHI JSON and HDF5, from and to the fields of cells.
 *
 * They are the fields, but for means: UHI has the variance of the samples, cells the sum of squared deltas.
 *
 * @module
 */

import { type CellKind, type Cells, type CellSource, cellWidth } from "./storage.ts";

/** The names of the arrays, in order of the fields. */
export const uhiFields: Readonly<Record<CellKind, readonly string[]>> = {
  f64: ["values"],
  i64: ["values"],
  weighted: ["values", "variances"],
  mean: ["counts", "values", "variances"],
  weighted_mean: ["sum_of_weights", "sum_of_weights_squared", "values", "variances"],
};

/** What UHI has for field `element` of cell `place`: boost-histogram's quotient, -0 or NaN if there are no entries. */
export function uhiValue(
  cells: CellSource,
  cell: { kind: CellKind; place: number; element: number },
): number | bigint {
  const { kind, place, element } = cell;
  const at = place * cellWidth(kind);
  const value = cells[at + element]!;
  if (kind === "mean" && element === 2) return Number(value) / freedomOf(kind, cells, at);
  if (kind === "weighted_mean" && element === 3) return Number(value) / freedomOf(kind, cells, at);
  return value;
}

/**
 * Makes sums of squared deltas of the variances that a reader has put in their place.
 *
 * A variance that is not a number because there were too few entries becomes no deltas at all, so that the
 * cell can be filled further. (boost-histogram 1.8 reads NaN, and the cell stays NaN for ever.)
 */
export function variancesToDeltas(kind: "mean" | "weighted_mean", cells: Cells): void {
  const width = cellWidth(kind);
  const doubles = cells as Float64Array;
  for (let at = 0; at < doubles.length; at += width) {
    const variance = doubles[at + width - 1]!;
    doubles[at + width - 1] = deltasOf(variance, freedomOf(kind, doubles, at));
  }
}

/** By what the sum of squared deltas is divided: entries less one, or what stands for that with weights. */
function freedomOf(kind: CellKind, cells: CellSource, at: number): number {
  const total = Number(cells[at]!);
  return kind === "mean" ? total - 1 : total - Number(cells[at + 1]!) / total;
}

function deltasOf(variance: number, freedom: number): number {
  const deltas = variance * freedom;
  if (Number.isNaN(deltas) && !(freedom > 0)) {
    // Infinite is what rounding makes of one weighted entry: next to nothing, divided by nothing.
    return Math.abs(variance) === Infinity ? Math.sign(variance) * Number.MIN_VALUE : 0;
  }
  if (deltas === 0) return 0;
  if (deltas / freedom === variance || !Number.isFinite(deltas)) return deltas;
  // What is read must be written again: a neighbour that rounds to the variance is as good.
  for (const neighbour of neighboursOf(deltas)) {
    if (neighbour / freedom === variance) return neighbour;
  }
  return deltas;
}

function neighboursOf(x: number): number[] {
  const bits = new BigInt64Array(new Float64Array([x]).buffer);
  return [1n, -1n].map((step) => new Float64Array(BigInt64Array.of(bits[0]! + step).buffer)[0]!);
}
