/**
 * The histogram of integers with a fixed number of significant digits, as HdrHistogram (Java 2.2.2) defines it.
 *
 * @module
 */

import { correctedSpans } from "./coordinated_omission.ts";
import { HdrAnswers } from "./hdr_answers.ts";
import { HdrConfigError, HdrRangeError } from "./hdr_errors.ts";
import { HdrCounts } from "./hdr_counts.ts";
import {
  checkCount,
  describeLayout,
  type HdrLayout,
  type HdrOptions,
  layoutOf,
} from "./hdr_layout.ts";
import { type PercentileRule, rankOf } from "./percentile_rule.ts";
import { shiftedCounts } from "./value_shift.ts";

/** What {@linkcode HdrHistogram.add} does with buckets that are wider than its own. */
export interface AddOptions {
  /**
   * `"refuse"` (default): {@linkcode HdrConfigError}. `"lowest"`: all at the lowest value of the other's bucket,
   * as Java does, which makes percentiles smaller than they were.
   */
  readonly coarser?: "refuse" | "lowest";
}

/** What a decoder knows besides the counts. */
export interface DecodedParts {
  readonly layout: HdrLayout;
  readonly normalizingIndexOffset: number;
  readonly integerToDoubleRatio: number;
}

let fromCounts: (counts: HdrCounts, parts: DecodedParts) => HdrHistogram;

/** A histogram of `counts`, which become its own. */
export function histogramOf(counts: HdrCounts, parts: DecodedParts): HdrHistogram {
  return fromCounts(counts, parts);
}

/**
 * A histogram of integers in [0, 2^63-1], whose buckets are at most `10^-digits` of their values wide.
 *
 * Counts are exact up to a total of 2^63-1. Memory follows the buckets in use, not the range. All answers equal
 * Java's HdrHistogram 2.2.2, bit for bit; values above 2^53 are exact through {@linkcode HdrHistogram.layout}
 * and the methods called exact, others are the nearest double.
 *
 * @example
 * ```ts
 * import { HdrHistogram } from "@histserv/hdr";
 *
 * const latenciesUs = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
 * for (let value = 1; value <= 1000; value++) latenciesUs.record(value * 100);
 * console.log(latenciesUs.valueAtPercentile(99), latenciesUs.totalCount); // 99007 1000n
 * ```
 */
export class HdrHistogram extends HdrAnswers {
  #layout: HdrLayout;
  #counts = new HdrCounts();
  /** Grow with the values rather than refuse them. */
  autoResize: boolean;
  /** How far Java would have rotated its counters: kept for its encoding, without effect on values. */
  normalizingIndexOffset = 0;
  /** What an integer is worth in doubles, 1 unless it is part of a DoubleHistogram: kept for the encoding. */
  integerToDoubleRatio = 1;
  /** When the first value may have been recorded, milliseconds since 1970; null if not known. */
  startMs: number | null = null;
  /** When the last value may have been recorded, milliseconds since 1970; null if not known. */
  endMs: number | null = null;
  /** The tag of a log of several series; null for none. */
  tag: string | null = null;

  /** An empty histogram. @throws {HdrConfigError} if there can be no such histogram. */
  constructor(options: HdrOptions = {}) {
    super();
    this.#layout = layoutOf(options);
    this.autoResize = options.autoResize ?? options.highest === undefined;
  }

  static {
    fromCounts = (counts, parts) => {
      const histogram = new HdrHistogram();
      histogram.#layout = parts.layout;
      histogram.#counts = counts;
      histogram.normalizingIndexOffset = parts.normalizingIndexOffset;
      histogram.integerToDoubleRatio = parts.integerToDoubleRatio;
      return histogram;
    };
  }

  /** The buckets. Another object after the histogram grew. */
  get layout(): HdrLayout {
    return this.#layout;
  }

  /** The lowest value told apart from 0. */
  get lowest(): bigint {
    return this.#layout.lowest;
  }

  /** The highest value, as configured or grown to. */
  get highest(): bigint {
    return this.#layout.highest;
  }

  /** Significant digits, in [0, 5]. */
  get digits(): number {
    return this.#layout.digits;
  }

  /** How many values are recorded, in [0, 2^63-1]. */
  get totalCount(): bigint {
    return this.#counts.exactTotal;
  }

  /** Bytes of the counters. */
  get byteLength(): number {
    return this.#counts.byteLength;
  }

  /** The last bucket in use, or -1. */
  get maxIndex(): number {
    return this.#counts.maxIndex;
  }

  /** The first bucket in use but for bucket 0, or Infinity. */
  get minNonZeroIndex(): number {
    return this.#counts.minIndex;
  }

  /**
   * Records `value` once.
   *
   * @throws {HdrRangeError} if `value` is not an integer in [0, 2^63-1], or above the range that may not grow.
   */
  record(value: number | bigint): void {
    const layout = this.#layout;
    const index = layout.indexOf(value);
    if (index >= layout.length) this.#grow(value);
    this.#counts.addSmall(index, 1);
  }

  /**
   * Records `value` `count` times.
   *
   * @throws {HdrRangeError} as {@linkcode record}, and if `count` is not an integer >= 0 or the total would exceed 2^63-1.
   */
  recordWithCount(value: number | bigint, count: number | bigint): void {
    checkCount(count);
    const index = this.#layout.indexOf(value);
    if (index >= this.#layout.length) this.#grow(value);
    this.#counts.add(index, count);
  }

  /**
   * Records `value`, and the values that a client which was blocked by it would have seen every
   * `expectedInterval`: `value - expectedInterval`, … down to `expectedInterval`. 0 corrects nothing.
   *
   * Costs time by the number of buckets, not of values.
   */
  recordWithExpectedInterval(
    value: number | bigint,
    options: { expectedInterval: number; count?: number | bigint },
  ): void {
    const count = options.count ?? 1;
    const spans = correctedSpans(this.#layout, { value, ...options });
    this.recordWithCount(value, count);
    for (const span of spans) {
      this.#counts.add(span.index, BigInt(span.times) * BigInt(count));
    }
  }

  /** A copy with each value corrected as {@linkcode recordWithExpectedInterval} does at recording. */
  copyCorrected(expectedInterval: number): HdrHistogram {
    const copy = this.#likeThis();
    copy.addCorrected(this, expectedInterval);
    return copy;
  }

  /** Adds `other` with each value corrected. @throws {HdrRangeError} if a value is out of range. */
  addCorrected(other: HdrHistogram, expectedInterval: number): void {
    for (const { index, countAtValue } of [...other.recorded()]) {
      this.recordWithExpectedInterval(other.layout.exactHighestOf(index), {
        expectedInterval,
        count: countAtValue,
      });
    }
  }

  /**
   * Adds all counts of `other`. Nothing is dropped: either all are added, or none.
   *
   * @throws {HdrConfigError} if buckets of `other` are wider than the ones here (see {@linkcode mergeHdr}).
   * @throws {HdrRangeError} if `other` has values above the range that may not grow, or the total would exceed 2^63-1.
   */
  add(other: HdrHistogram, options: AddOptions = {}): void {
    const isContained = this.#layout.contains(other.layout);
    if (!isContained && options.coarser !== "lowest" && other.maxIndex >= 0) {
      throw new HdrConfigError(
        `Cannot add ${describeLayout(other.layout)} to ${
          describeLayout(this.#layout)
        }: its buckets are wider`,
      );
    }
    const max = isContained
      ? other.layout.exactHighestOf(Math.max(0, other.maxIndex))
      : BigInt(other.layout.lowestOf(Math.max(0, other.maxIndex)));
    if (this.#layout.indexOf(max) >= this.#layout.length) this.#grow(max, { isRounded: false });
    if (this.#layout.isAligned(other.layout)) this.#counts.addAll(other.#counts);
    else this.#counts.addAll(this.#placed(other));
    this.#widenTimes(other);
  }

  /**
   * Takes all counts of `other` away. Either all are taken, or none.
   *
   * @throws {HdrConfigError} if buckets of `other` are wider than the ones here.
   * @throws {HdrRangeError} if a bucket of `other` holds more than its bucket here.
   */
  subtract(other: HdrHistogram): void {
    if (!this.#layout.contains(other.layout)) {
      throw new HdrConfigError(
        `Cannot subtract ${describeLayout(other.layout)} from ${
          describeLayout(this.#layout)
        }: its buckets are wider`,
      );
    }
    const placed = this.#placed(other);
    for (let index = placed.nextUsed(0); index >= 0; index = placed.nextUsed(index + 1)) {
      if (placed.exactAt(index) <= this.#counts.exactAt(index)) continue;
      throw new HdrRangeError(
        `Cannot subtract ${placed.exactAt(index)} at ${this.#layout.lowestOf(index)}: there are ${
          this.#counts.exactAt(index)
        }`,
      );
    }
    for (let index = placed.nextUsed(0); index >= 0; index = placed.nextUsed(index + 1)) {
      this.#counts.take(index, placed.exactAt(index));
    }
  }

  /** Forgets all counts, times and the tag; keeps the configuration. */
  reset(): void {
    this.#counts.clear();
    this.normalizingIndexOffset = 0;
    this.startMs = this.endMs = this.tag = null;
  }

  /** An independent copy. */
  copy(): HdrHistogram {
    const copy = this.#likeThis();
    copy.#counts.addAll(this.#counts);
    copy.normalizingIndexOffset = this.normalizingIndexOffset;
    copy.startMs = this.startMs;
    copy.endMs = this.endMs;
    copy.tag = this.tag;
    return copy;
  }

  /** Whether both have the same unit, digits and counts; the range, times and tag do not matter (as Java). */
  equals(other: HdrHistogram): boolean {
    const [mine, theirs] = [this.#counts, other.#counts];
    if (
      this.lowest !== other.lowest || this.digits !== other.digits ||
      this.integerToDoubleRatio !== other.integerToDoubleRatio ||
      mine.exactTotal !== theirs.exactTotal || mine.maxIndex !== theirs.maxIndex
    ) return false;
    for (let index = mine.nextUsed(0); index >= 0; index = mine.nextUsed(index + 1)) {
      if (mine.exactAt(index) !== theirs.exactAt(index)) return false;
    }
    return true;
  }

  /** The counter of a bucket, in [0, 2^63-1]. */
  countAt(index: number): bigint {
    return this.#counts.exactAt(index);
  }

  /** Sets `dense[i]` to the counter of bucket i; above 2^53 the double nearest to it. */
  copyCountsTo(dense: Float64Array): void {
    this.#counts.copyTo(dense);
  }

  /** The counter of a bucket as a number while it is a safe integer, else as a bigint: for fast loops. */
  smallCountAt(index: number): number | bigint {
    const count = this.#counts.at(index);
    return count <= Number.MAX_SAFE_INTEGER ? count : this.#counts.exactAt(index);
  }

  /** The first bucket in use at or after `index`, or -1. */
  nextUsed(index: number): number {
    return this.#counts.nextUsed(index);
  }

  /** The bucket of the value of rank `percentile`, in [0, 100], by `rule`; -1 of nothing. */
  indexAtPercentile(percentile: number, rule: PercentileRule = "ceil"): number {
    const total = this.totalCount;
    return this.#counts.indexOfRank(rankOf(percentile, { total, rule }));
  }

  /** Multiplies all values by `2^magnitude`, in [-62, 62]; all or nothing. @throws {HdrRangeError} if they do not fit. */
  shiftValues(magnitude: number): void {
    if (magnitude === 0 || this.minNonZeroIndex === Infinity) return;
    this.#counts = shiftedCounts(this.#counts, { layout: this.#layout, magnitude });
    this.normalizingIndexOffset += magnitude * 2 ** this.#layout.halfMagnitude;
  }

  /** Grows the range to `highest`; never makes it smaller. */
  resize(highest: bigint): void {
    if (highest > this.highest) this.#layout = this.#layout.withHighest(highest);
  }

  #likeThis(): HdrHistogram {
    const { lowest, highest, digits, autoResize } = this;
    const histogram = new HdrHistogram({ lowest, highest, digits, autoResize });
    histogram.integerToDoubleRatio = this.integerToDoubleRatio;
    return histogram;
  }

  /** `other`'s counts in the buckets of this layout. */
  #placed(other: HdrHistogram): HdrCounts {
    if (this.#layout.isAligned(other.layout)) return other.#counts;
    const placed = new HdrCounts();
    for (let index = other.nextUsed(0); index >= 0; index = other.nextUsed(index + 1)) {
      placed.add(this.#layout.indexOf(other.layout.lowestOf(index)), other.countAt(index));
    }
    return placed;
  }

  #widenTimes(other: HdrHistogram): void {
    const { startMs, endMs } = other;
    if (startMs !== null) this.startMs = Math.min(this.startMs ?? startMs, startMs);
    if (endMs !== null) this.endMs = Math.max(this.endMs ?? endMs, endMs);
  }

  /** Grows the range to `value`, and to the end of its power of two unless Java does not (in add). */
  #grow(value: number | bigint, options = { isRounded: true }): void {
    if (!this.autoResize) {
      throw new HdrRangeError(`Cannot record ${value}: highest is ${this.highest}`);
    }
    const layout = this.#layout.withHighest(BigInt(value));
    this.#layout = options.isRounded
      ? layout.withHighest(layout.exactHighestOf(layout.length - 1))
      : layout;
  }
}
