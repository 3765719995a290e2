/**
 * What can be asked of a histogram: bounds, percentiles and walks, from its buckets and counters alone.
 *
 * @module
 */

import type { HdrLayout } from "./hdr_layout.ts";
import { meanOf, stdDevOf } from "./hdr_statistics.ts";
import {
  allRule,
  type HdrStep,
  linearRule,
  logarithmicRule,
  percentileRule,
  recordedRule,
  walk,
} from "./iteration.ts";
import type { PercentileRule } from "./percentile_rule.ts";

/**
 * The answers that a histogram gives, whatever holds its counters.
 *
 * @example
 * ```ts
 * import { type HdrAnswers, HdrHistogram } from "@histserv/hdr";
 *
 * const answers: HdrAnswers = new HdrHistogram({ highest: 1000 });
 * console.log(answers.max, answers.valueAtPercentile(50)); // 0 0
 * ```
 */
export abstract class HdrAnswers {
  /** The buckets. */
  abstract readonly layout: HdrLayout;
  /** How many values are recorded, in [0, 2^63-1]. */
  abstract readonly totalCount: bigint;
  /** The last bucket in use, or -1. */
  abstract readonly maxIndex: number;
  /** The first bucket in use but for bucket 0, or Infinity. */
  abstract readonly minNonZeroIndex: number;
  /** The counter of a bucket, in [0, 2^63-1]. */
  abstract countAt(index: number): bigint;
  /** The counter of a bucket as a number while it is a safe integer, else as a bigint: for fast loops. */
  abstract smallCountAt(index: number): number | bigint;
  /** The first bucket in use at or after `index`, or -1. */
  abstract nextUsed(index: number): number;
  /** The bucket of the value of rank `percentile`, in [0, 100], by `rule`; -1 of nothing. */
  abstract indexAtPercentile(percentile: number, rule?: PercentileRule): number;

  /** The highest value of the highest bucket in use; 0 of nothing. */
  get max(): number {
    return this.maxIndex < 0 ? 0 : this.layout.highestOf(this.maxIndex);
  }

  /** The lowest value of the lowest bucket in use; 0 of nothing. */
  get min(): number {
    if (this.maxIndex < 0 || this.countAt(0) > 0n) return 0;
    return this.layout.lowestOf(this.minNonZeroIndex);
  }

  /** The lowest value of the lowest bucket in use that does not begin at 0; 2^63 (as a double) of nothing. */
  get minNonZero(): number {
    return this.minNonZeroIndex === Infinity ? 2 ** 63 : this.layout.lowestOf(this.minNonZeroIndex);
  }

  /** The mean; 0 of nothing. */
  get mean(): number {
    return meanOf(this);
  }

  /** The standard deviation of the population; 0 of nothing. */
  get stdDev(): number {
    return stdDevOf(this);
  }

  /** Values counted in the buckets from the one of `low` to the one of `high`. */
  countBetween(low: number | bigint, high: number | bigint): bigint {
    const last = this.layout.indexOf(high);
    let sum = 0n;
    let index = this.nextUsed(this.layout.indexOf(low));
    for (; index >= 0 && index <= last; index = this.nextUsed(index + 1)) {
      sum += this.countAt(index);
    }
    return sum;
  }

  /**
   * The value of rank `percentile`, in [0, 100]: the highest of its bucket; by the rule `"ceil"` the lowest for 0.
   *
   * Above 2^53 the double nearest to it, see {@linkcode indexAtPercentile}. 0 of nothing.
   */
  valueAtPercentile(percentile: number, rule: PercentileRule = "ceil"): number {
    const index = this.indexAtPercentile(percentile, rule);
    if (index < 0) return 0;
    return percentile === 0 && rule === "ceil"
      ? this.layout.lowestOf(index)
      : this.layout.highestOf(index);
  }

  /** How many percent of the values are in the bucket of `value` or below; 100 of nothing. */
  percentileAtOrBelow(value: number | bigint): number {
    const total = Number(this.totalCount);
    return total === 0 ? 100 : 100 * Number(this.countBetween(0, value)) / total;
  }

  /** Each bucket, used or not. */
  all(): Generator<HdrStep, void, undefined> {
    return walk(this, allRule());
  }

  /** Each bucket in use. */
  recorded(): Generator<HdrStep, void, undefined> {
    return walk(this, recordedRule());
  }

  /** Steps of `width` values. @throws {RangeError} if `width` < 1. */
  linear(width: number): Generator<HdrStep, void, undefined> {
    if (!(width >= 1)) throw new RangeError(`Cannot walk in steps of ${width}: less than 1`);
    return walk(this, linearRule(this.layout, width));
  }

  /** Steps that end below `first`, `first * base`, … @throws {RangeError} if `first` < 1 or `base` <= 1. */
  logarithmic(first: number, base: number): Generator<HdrStep, void, undefined> {
    if (!(first >= 1 && base > 1)) {
      throw new RangeError(`Cannot walk in steps of ${first} times ${base}: no growth`);
    }
    return walk(this, logarithmicRule(this.layout, { first, base }));
  }

  /** `ticksPerHalfDistance` steps in each halving of the distance to 100 %. */
  percentiles(ticksPerHalfDistance: number): Generator<HdrStep, void, undefined> {
    if (!(ticksPerHalfDistance >= 1)) {
      throw new RangeError(`Cannot walk with ${ticksPerHalfDistance} ticks: less than 1`);
    }
    return walk(this, percentileRule(ticksPerHalfDistance));
  }
}
