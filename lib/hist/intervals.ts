/**
 * Intervals of counts, efficiencies and ratios, with the names and conventions of hist.
 *
 * @see hist.intervals
 *
 * @module
 */

import { betaQuantile } from "./incomplete_beta.ts";
import { gammaQuantile } from "./incomplete_gamma.ts";

/** The part of a normal distribution within one standard deviation. */
export const oneSigma = 0.6826894921370859;

/** Lower and upper ends, one of each for every value. */
export interface Intervals {
  /** Where each interval begins, or how far it reaches below. */
  readonly lower: Float64Array;
  /** Where each interval ends, or how far it reaches above. */
  readonly upper: Float64Array;
}

/**
 * Garwood's intervals of Poisson counts. With `variances` (sums of squared weights) the counts are values² /
 * variances, scaled back; then there is no upper end for 0: NaN.
 *
 * @throws {RangeError} if there are not as many variances as values.
 *
 * @example
 * ```ts
 * import { poissonInterval } from "@histserv/hist";
 *
 * const { lower, upper } = poissonInterval([0, 4]);
 * lower; // Float64Array [0, 2.0856608…]
 * upper; // Float64Array [1.8410216…, 7.1627531…]
 * ```
 */
export function poissonInterval(
  values: ArrayLike<number>,
  options: { variances?: ArrayLike<number>; coverage?: number } = {},
): Intervals {
  const { variances, coverage = oneSigma } = options;
  if (variances !== undefined) checkLengths(values, variances);
  const lower = new Float64Array(values.length);
  const upper = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const isScaled = variances !== undefined && Number.isFinite(value) && value !== 0;
    const scale = isScaled ? variances[i]! / value : 1;
    const count = value / scale;
    lower[i] = value === 0 ? 0 : scale * gammaQuantile((1 - coverage) / 2, count);
    upper[i] = variances !== undefined && value === 0
      ? NaN
      : scale * gammaQuantile((1 + coverage) / 2, count + 1);
  }
  return { lower, upper };
}

/**
 * Clopper and Pearson's intervals of an efficiency: `passed` of `total` entries.
 *
 * @throws {RangeError} if there are not as many of both, or more passed than there are.
 */
export function clopperPearsonInterval(
  passed: ArrayLike<number>,
  total: ArrayLike<number>,
  options: { coverage?: number } = {},
): Intervals {
  checkLengths(passed, total);
  const { coverage = oneSigma } = options;
  const lower = new Float64Array(passed.length);
  const upper = new Float64Array(passed.length);
  for (let i = 0; i < passed.length; i++) {
    const k = passed[i]!;
    const n = total[i]!;
    if (k > n) throw new RangeError(`Cannot take an efficiency: ${k} of ${n} passed`);
    lower[i] = k === 0 ? 0 : betaQuantile((1 - coverage) / 2, { a: k, b: n - k + 1 });
    upper[i] = k === n ? 1 : betaQuantile((1 + coverage) / 2, { a: k + 1, b: n - k });
  }
  return { lower, upper };
}

/**
 * How far the intervals of `numerator` / `denominator` reach below and above it: of a Poisson count scaled by the
 * denominator (`poisson`), of two independent Poisson counts (`poisson-ratio`), or of an efficiency.
 *
 * @throws {RangeError} if there are not as many of both, or an efficiency is above 1.
 */
export function ratioUncertainty(
  numerator: ArrayLike<number>,
  denominator: ArrayLike<number>,
  options: { type?: "poisson" | "poisson-ratio" | "efficiency" } = {},
): Intervals {
  checkLengths(numerator, denominator);
  const { type = "poisson" } = options;
  const ratios = Float64Array.from(numerator, (value, i) => value / denominator[i]!);
  const { lower, upper } = intervalsOf(type, numerator, denominator);
  return {
    lower: lower.map((end, i) => Math.abs(end - ratios[i]!)),
    upper: upper.map((end, i) => Math.abs(end - ratios[i]!)),
  };
}

function intervalsOf(
  type: "poisson" | "poisson-ratio" | "efficiency",
  numerator: ArrayLike<number>,
  denominator: ArrayLike<number>,
): Intervals {
  if (type === "efficiency") return clopperPearsonInterval(numerator, denominator);
  if (type === "poisson") {
    const ratios = Float64Array.from(numerator, (value, i) => value / denominator[i]!);
    const variances = Float64Array.from(numerator, (value, i) => value * denominator[i]! ** -2);
    return poissonInterval(ratios, { variances });
  }
  const totals = Float64Array.from(numerator, (value, i) => value + denominator[i]!);
  const { lower, upper } = clopperPearsonInterval(numerator, totals);
  return { lower: lower.map(oddsOf), upper: upper.map(oddsOf) };
}

function oddsOf(part: number): number {
  return part / (1 - part);
}

function checkLengths(left: ArrayLike<number>, right: ArrayLike<number>): void {
  if (left.length === right.length) return;
  throw new RangeError(`Cannot take intervals: of ${left.length} and of ${right.length} values`);
}
