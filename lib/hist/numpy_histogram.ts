/**
 * Histograms of arrays with numpy's arguments and meaning: the last bin holds its upper edge, what lies outside is
 * dropped.
 *
 * @see numpy.histogram, numpy.histogramdd
 *
 * @module
 */

import { Hist } from "./hist.ts";
import { VariableAxis } from "./variable_axis.ts";

/** Which bins: a number of equally wide ones, or their edges, ascending. */
export type NumpyBins = number | ArrayLike<number>;

/** A range of values. */
export type NumpyRange = readonly [lower: number, upper: number];

/** Counts, or densities, and the edges of their bins. */
export interface NumpyHistogram {
  /** Row-major, of the shape of the bins. */
  readonly counts: Float64Array;
  /** For each dimension; one more than bins. */
  readonly edges: readonly Float64Array[];
}

/**
 * Counts `values` as numpy's `histogram`: 10 bins from the least to the greatest value unless told otherwise. With
 * `density` the integral over the bins is 1.
 *
 * @throws {RangeError} if there are no such bins, or values and weights differ in number.
 *
 * @example
 * ```ts
 * import { histogram } from "@histserv/hist";
 *
 * const { counts, edges } = histogram([1, 2, 2, 4], { bins: 3 });
 * counts; // Float64Array [1, 2, 1]
 * edges[0]; // Float64Array [1, 2, 3, 4]
 * ```
 */
export function histogram(
  values: ArrayLike<number>,
  options: {
    bins?: NumpyBins;
    range?: NumpyRange;
    weights?: ArrayLike<number>;
    density?: boolean;
  } = {},
): NumpyHistogram {
  const { bins, range, ...others } = options;
  return histogramdd([values], {
    ...others,
    ...(bins === undefined ? {} : { bins: [bins] }),
    ...(range === undefined ? {} : { range: [range] }),
  });
}

/**
 * Counts points as numpy's `histogramdd`: a column for each dimension, and for each its bins and range.
 *
 * @throws {RangeError} if there are no such bins, or columns and weights differ in length.
 */
export function histogramdd(
  columns: readonly ArrayLike<number>[],
  options: {
    bins?: readonly NumpyBins[];
    range?: readonly (NumpyRange | null)[];
    weights?: ArrayLike<number>;
    density?: boolean;
  } = {},
): NumpyHistogram {
  const { bins, range, weights, density = false } = options;
  const edges = columns.map((column, i) =>
    edgesOfBins(bins?.[i] ?? 10, range?.[i] ?? outerEdges(column))
  );
  const axes = edges.map((own) =>
    new VariableAxis({ edges: own, underflow: false, overflow: false })
  );
  const hist = new Hist(axes);
  hist.fill(columns, weights === undefined ? {} : { weight: weights });
  const counts = hist.cells as Float64Array;
  return { counts: density ? densityOf(counts, edges) : counts, edges };
}

function outerEdges(column: ArrayLike<number>): NumpyRange {
  if (column.length === 0) return [0, 1];
  let lower = Infinity;
  let upper = -Infinity;
  for (let i = 0; i < column.length; i++) {
    lower = Math.min(lower, column[i]!);
    upper = Math.max(upper, column[i]!);
  }
  return [lower, upper];
}

function edgesOfBins(bins: NumpyBins, range: NumpyRange): Float64Array {
  if (typeof bins !== "number") return Float64Array.from(bins);
  let [lower, upper] = range;
  if (!Number.isFinite(lower) || !Number.isFinite(upper) || lower > upper) {
    throw new RangeError(`Cannot make bins: the range from ${lower} to ${upper} is none`);
  }
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`Cannot make bins: there are ${bins} of them`);
  }
  if (lower === upper) {
    lower -= 0.5;
    upper += 0.5;
  }
  // numpy.linspace, rounding for rounding.
  const step = (upper - lower) / bins;
  return Float64Array.from(
    { length: bins + 1 },
    (_, i) => i === bins ? upper : i * step + lower,
  );
}

function densityOf(counts: Float64Array, edges: readonly Float64Array[]): Float64Array {
  const total = pairwiseSum(counts);
  const density = counts.slice();
  let stride = counts.length;
  for (const own of edges) {
    const size = own.length - 1;
    stride /= size;
    for (let i = 0; i < density.length; i++) {
      const bin = Math.floor(i / stride) % size;
      density[i]! /= own[bin + 1]! - own[bin]!;
    }
  }
  return density.map((value) => value / total);
}

/** The sum in numpy's order of additions. */
export function pairwiseSum(values: Float64Array): number {
  const { length } = values;
  if (length < 8) return values.reduce((sum, value) => sum + value, 0);
  if (length > 128) {
    const half = Math.floor(length / 16) * 8;
    return pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half));
  }
  const sums = values.slice(0, 8);
  const whole = length - length % 8;
  for (let i = 8; i < whole; i++) sums[i % 8]! += values[i]!;
  const [a, b, c, d, e, f, g, h] = sums as unknown as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
  for (let i = whole; i < length; i++) sum += values[i]!;
  return sum;
}
