/**
 * Profiles, densities and moments: what histograms say about the values behind them.
 *
 * @module
 */

import { axisNumber } from "./selection_resolver.ts";
import { type Axis, centersOf, widthsOf } from "./axis.ts";

import { Hist } from "./hist.ts";
import { pairwiseSum } from "./numpy_histogram.ts";
import type { AxisName } from "./project.ts";
import { isMeanKind } from "./storage.ts";

/**
 * The mean of one axis' values in each bin of the others, flow bins left out: a histogram of storage `mean`, as hist
 * makes it from the centers of bins.
 *
 * @throws {SelectionError} if there is no such axis.
 * @throws {TypeError} if the histogram holds means already.
 */
export function profile(hist: Hist, axis: AxisName): Hist {
  if (isMeanKind(hist.spec.cellKind)) {
    throw new TypeError("Cannot profile: the histogram holds means, not counts");
  }
  const place = axisNumber(hist.axes, axis);
  const values = hist.values();
  const variances = hist.variances() ?? values;
  const centers = centersOf(hist.axes[place]!);
  const axes = hist.axes.filter((_, i) => i !== place);
  const { metadata, writerInfo } = hist;
  const result = new Hist(axes, { storage: "mean", metadata, writerInfo });
  const cells = result.cells as Float64Array;
  const rows = rowsAlong(hist.axes, place);
  for (const [i, cell] of innerPlaces(axes).entries()) {
    const moments = { count: 0, sum: 0, varianceOfSum: 0, variance: 0 };
    for (const [bin, center] of centers.entries()) {
      const from = rows.starts[i]! + bin * rows.stride;
      moments.count += values[from]!;
      moments.sum += values[from]! * center;
      moments.varianceOfSum += variances[from]! * (center * center);
      moments.variance += variances[from]!;
    }
    // An empty bin stays empty; hist makes NaN of it.
    if (moments.count !== 0) cells.set(meanOf(moments), 3 * cell);
  }
  return result;
}

/** Count, mean and squared deltas; the latter are hist's, scaled errors included. */
function meanOf(
  moments: { count: number; sum: number; varianceOfSum: number; variance: number },
): [count: number, mean: number, deltas: number] {
  const { count, sum } = moments;
  const errorOfSum = Math.sqrt(moments.varianceOfSum);
  const errorOfCount = Math.sqrt(moments.variance);
  const left = errorOfSum / count;
  const right = errorOfCount * sum / (count * count);
  const variance = left * left - right * right;
  return [count, sum / count, count * variance * (count - 1)];
}

/** Where the rows along an axis begin in an array without flow bins, and how far its elements are apart. */
function rowsAlong(axes: readonly Axis[], place: number): { starts: number[]; stride: number } {
  const sizes = axes.map((axis) => axis.size);
  const stride = sizes.slice(place + 1).reduce((a, b) => a * b, 1);
  const length = stride * sizes[place]!;
  const total = sizes.reduce((a, b) => a * b, 1);
  const starts: number[] = [];
  for (let block = 0; block < total; block += length) {
    for (let i = 0; i < stride; i++) starts.push(block + i);
  }
  return { starts, stride };
}

/** The cells that are no flow bins, in order. */
function innerPlaces(axes: readonly Axis[]): number[] {
  return axes.reduce<number[]>((places, axis) => {
    const first = axis.underflow ? 1 : 0;
    const bins = Array.from({ length: axis.size }, (_, bin) => first + bin);
    return places.flatMap((place) => bins.map((bin) => place * axis.extent + bin));
  }, [0]);
}

/** The values of `hist` divided by their sum and by the volume of each bin, flow bins left out. Row-major. */
export function density(hist: Hist): Float64Array<ArrayBuffer> {
  const values = hist.values();
  const sum = pairwiseSum(values);
  const volumes = hist.axes.map(widthsOf).reduce<number[]>(
    (products, widths) => products.flatMap((product) => Array.from(widths, (w) => product * w)),
    [1],
  );
  return values.map((value, i) => {
    const total = sum * volumes[i]!;
    return total > 0 ? value / total : value;
  });
}

/** What a histogram says about the values of one axis. */
export interface AxisStatistics {
  /** Sum of the values of the bins, flow bins left out. */
  readonly sum: number;
  /** Likewise, of the flow bins. */
  readonly underflow: number;
  /** Likewise, of the flow bins. */
  readonly overflow: number;
  /** The number of entries that would say as much if they had no weights: sum² / variance. */
  readonly effectiveCount: number;
  /** Mean of the centers of bins. NaN if the sum is 0. */
  readonly mean: number;
  /** Square root of their variance, which is divided by the sum. */
  readonly standardDeviation: number;
  /** Third standardized moment; 0 if symmetric. */
  readonly skewness: number;
  /** Fourth standardized moment less 3: 0 for a normal distribution. */
  readonly kurtosis: number;
}

/**
 * The moments of a histogram of one axis, from the centers of its bins; of more axes, project first.
 *
 * @throws {RangeError} if it has not exactly one axis.
 * @throws {TypeError} if it holds means.
 */
export function statistics(hist: Hist): AxisStatistics {
  const [axis] = hist.axes;
  if (axis === undefined || hist.axes.length > 1) {
    throw new RangeError(`Cannot take statistics: ${hist.axes.length} axes, not one`);
  }
  if (isMeanKind(hist.spec.cellKind)) {
    throw new TypeError("Cannot take statistics: the histogram holds means, not counts");
  }
  const values = hist.values();
  const all = hist.values({ flow: true });
  const centers = centersOf(axis);
  const sum = pairwiseSum(values);
  const variance = pairwiseSum(hist.variances() ?? values);
  const mean = pairwiseSum(values.map((value, i) => value * centers[i]!)) / sum;
  const moment = (power: number) =>
    pairwiseSum(values.map((value, i) => value * (centers[i]! - mean) ** power)) / sum;
  const second = moment(2);
  return {
    sum,
    underflow: axis.underflow ? all[0]! : 0,
    overflow: axis.overflow ? all[all.length - 1]! : 0,
    effectiveCount: variance === 0 ? 0 : sum * sum / variance,
    mean,
    standardDeviation: Math.sqrt(second),
    skewness: moment(3) / second ** 1.5,
    kurtosis: moment(4) / (second * second) - 3,
  };
}
