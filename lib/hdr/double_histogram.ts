/**
 * The histogram of doubles whose range moves with the values, as HdrHistogram's DoubleHistogram (Java 2.2.2).
 *
 * @module
 */

import { HdrConfigError, HdrRangeError } from "./hdr_errors.ts";
import { HdrHistogram } from "./hdr_histogram.ts";
import type { HdrStep } from "./iteration.ts";
import type { PercentileRule } from "./percentile_rule.ts";

/** What a histogram of doubles is made for. */
export interface DoubleHdrOptions {
  /** Significant decimal digits that are kept, an integer in [0, 5]. 3 by default. */
  readonly digits?: number;
  /** The highest value over the lowest, at least 2. By default 2, growing. */
  readonly highestToLowest?: bigint;
}

/** Values that one correction adds at most. */
const correctedMax = 1e7;
/** A range that has not moved yet lies up there, so that the first value moves it down. */
const firstLowest = 2 ** 800;
/** Ranges stay so far below Infinity. */
const valueMax = 2 ** 1022;

let fromIntegers: (integers: HdrHistogram, highestToLowest: bigint) => DoubleHistogram;

/** A histogram of doubles of `integers`, which become its own. @throws {HdrConfigError} if they do not fit its ratio. */
export function doubleHistogramOf(
  integers: HdrHistogram,
  highestToLowest: bigint,
): DoubleHistogram {
  return fromIntegers(integers, highestToLowest);
}

/**
 * A histogram of doubles >= 0, whose buckets are at most `10^-digits` of their values wide.
 *
 * The lowest value that is not 0 sets the unit. With `highestToLowest` the range moves but does not widen; without,
 * it widens up to `2^63` units.
 *
 * @example
 * ```ts
 * import { DoubleHistogram } from "@histserv/hdr";
 *
 * const seconds = new DoubleHistogram({ digits: 3 });
 * for (const value of [0.000_3, 0.002, 1.5]) seconds.record(value);
 * console.log(seconds.totalCount, seconds.valueAtPercentile(50)); // 3n 0.002000…
 * ```
 */
export class DoubleHistogram {
  #integers: HdrHistogram;
  /** The highest value over the lowest, as configured or grown to. */
  #highestToLowest: bigint;
  #lowest: number;
  /** Values are below. */
  #limit: number;
  /** Widen with the values rather than refuse them. */
  autoResize: boolean;

  /** An empty histogram. @throws {HdrConfigError} if there can be no such histogram. */
  constructor(options: DoubleHdrOptions = {}) {
    const { digits = 3, highestToLowest = 2n } = options;
    if (highestToLowest < 2n || Number(highestToLowest) * 10 ** digits >= 2 ** 61) {
      throw new HdrConfigError(
        `Cannot lay out a histogram: ratio ${highestToLowest} is not in [2, 2^61 / 10^${digits})`,
      );
    }
    const { halfMagnitude } = new HdrHistogram({ digits }).layout;
    const internalRatio = 2n ** BigInt(highestToLowest.toString(2).length + 1);
    this.#integers = new HdrHistogram({
      highest: (internalRatio << BigInt(halfMagnitude)) - 1n,
      digits,
      autoResize: false,
    });
    this.autoResize = options.highestToLowest === undefined;
    this.#highestToLowest = highestToLowest;
    this.#lowest = firstLowest;
    this.#limit = firstLowest * Number(internalRatio);
    this.#setRange();
  }

  static {
    fromIntegers = (integers, highestToLowest) => {
      const { digits } = integers;
      const histogram = new DoubleHistogram({ digits, highestToLowest });
      if (integers.lowest !== 1n || integers.highest !== histogram.#integers.highest) {
        throw new HdrConfigError(
          `Cannot make a histogram of doubles: range ${integers.highest} is not that of ratio ${highestToLowest}`,
        );
      }
      const lowest = integers.integerToDoubleRatio * 2 ** integers.layout.halfMagnitude;
      const limit = lowest * (histogram.#limit / histogram.#lowest);
      if (!(lowest > 0 && limit < Infinity)) {
        throw new HdrConfigError(
          `Cannot make a histogram of doubles: a unit of ${integers.integerToDoubleRatio}`,
        );
      }
      histogram.#integers = integers;
      integers.autoResize = false;
      histogram.autoResize = true;
      histogram.#lowest = lowest;
      histogram.#limit = limit;
      histogram.#setRange();
      return histogram;
    };
  }

  /** The counts, of integers that are each worth {@linkcode ratio}. Read it only. */
  get integers(): HdrHistogram {
    return this.#integers;
  }

  /** What an integer is worth. */
  get ratio(): number {
    return this.#integers.integerToDoubleRatio;
  }

  /** The highest value over the lowest, as configured or grown to. */
  get highestToLowest(): bigint {
    return this.#highestToLowest;
  }

  /** Significant digits, in [0, 5]. */
  get digits(): number {
    return this.#integers.digits;
  }

  /** How many values are recorded, in [0, 2^63-1]. */
  get totalCount(): bigint {
    return this.#integers.totalCount;
  }

  /** The lowest value of the lowest bucket in use; 0 of nothing. */
  get min(): number {
    return this.#integers.min * this.ratio;
  }

  /** The highest double of the highest bucket in use; 0 of nothing. */
  get max(): number {
    const { maxIndex, layout } = this.#integers;
    if (maxIndex < 0) return 0;
    return doubleBelow((layout.lowestOf(maxIndex) + layout.widthOf(maxIndex)) * this.ratio);
  }

  /** The mean; 0 of nothing. */
  get mean(): number {
    return this.#integers.mean * this.ratio;
  }

  /** The standard deviation of the population; 0 of nothing. */
  get stdDev(): number {
    return this.#integers.stdDev * this.ratio;
  }

  /** When the first value may have been recorded, milliseconds since 1970; null if not known. */
  get startMs(): number | null {
    return this.#integers.startMs;
  }
  set startMs(value: number | null) {
    this.#integers.startMs = value;
  }

  /** When the last value may have been recorded, milliseconds since 1970; null if not known. */
  get endMs(): number | null {
    return this.#integers.endMs;
  }
  set endMs(value: number | null) {
    this.#integers.endMs = value;
  }

  /** The tag of a log of several series; null for none. */
  get tag(): string | null {
    return this.#integers.tag;
  }
  set tag(value: string | null) {
    this.#integers.tag = value;
  }

  /**
   * Records `value` once.
   *
   * @throws {HdrRangeError} if `value` is not in [0, 2^1022], or is too far from the others.
   */
  record(value: number): void {
    if (!(value >= this.#lowest && value < this.#limit)) this.#adjust(value);
    this.#integers.record(Math.floor(value / this.ratio));
  }

  /** Records `value` `count` times. @throws {HdrRangeError} as {@linkcode record}, and as for integers. */
  recordWithCount(value: number, count: number | bigint): void {
    if (!(value >= this.#lowest && value < this.#limit)) this.#adjust(value);
    this.#integers.recordWithCount(Math.floor(value / this.ratio), count);
  }

  /**
   * Records `value`, and the values that a client which was blocked by it would have seen every
   * `expectedInterval`; 0 corrects nothing. Costs time by the number of values, at most 10^7.
   *
   * @throws {HdrRangeError} as {@linkcode recordWithCount}, and if that would be more values.
   */
  recordWithExpectedInterval(
    value: number,
    options: { expectedInterval: number; count?: number | bigint },
  ): void {
    const { expectedInterval, count = 1 } = options;
    if (!(expectedInterval === 0 || value / expectedInterval <= correctedMax)) {
      throw new HdrRangeError(`Cannot correct ${value} by ${expectedInterval}: too many values`);
    }
    this.recordWithCount(value, count);
    if (expectedInterval <= 0) return;
    for (let missing = value - expectedInterval; missing >= expectedInterval;) {
      this.recordWithCount(missing, count);
      missing -= expectedInterval;
    }
  }

  /**
   * Adds all counts of `other`, each at the lowest value of its bucket (as Java does).
   *
   * @throws {HdrRangeError} if a value is too far from the others.
   */
  add(other: DoubleHistogram): void {
    const { integers, ratio } = other;
    const copy = this.copy();
    for (let index = integers.nextUsed(0); index >= 0; index = integers.nextUsed(index + 1)) {
      copy.recordWithCount(integers.layout.lowestOf(index) * ratio, integers.countAt(index));
    }
    this.#become(copy);
    if (other.startMs !== null) this.startMs = Math.min(this.startMs ?? Infinity, other.startMs);
    if (other.endMs !== null) this.endMs = Math.max(this.endMs ?? 0, other.endMs);
  }

  /** The value of rank `percentile`, in [0, 100], as of integers. */
  valueAtPercentile(percentile: number, rule: PercentileRule = "ceil"): number {
    return this.#integers.valueAtPercentile(percentile, rule) * this.ratio;
  }

  /** Each bucket in use; values are integers, to be multiplied by {@linkcode ratio}. */
  recorded(): Generator<HdrStep, void, undefined> {
    return this.#integers.recorded();
  }

  /** As of integers; values are to be multiplied by {@linkcode ratio}. */
  percentiles(ticksPerHalfDistance: number): Generator<HdrStep, void, undefined> {
    return this.#integers.percentiles(ticksPerHalfDistance);
  }

  /** An independent copy. */
  copy(): DoubleHistogram {
    const copy = new DoubleHistogram({ digits: this.digits });
    copy.#become(this);
    copy.#integers = this.#integers.copy();
    return copy;
  }

  /** Whether both have the same unit, digits, ratio and counts. */
  equals(other: DoubleHistogram): boolean {
    return this.#integers.equals(other.#integers);
  }

  #become(other: DoubleHistogram): void {
    this.#integers = other.#integers;
    this.#highestToLowest = other.#highestToLowest;
    this.#lowest = other.#lowest;
    this.#limit = other.#limit;
    this.autoResize = other.autoResize;
  }

  #setRange(): void {
    this.#integers.integerToDoubleRatio = this.#lowest / 2 ** this.#integers.layout.halfMagnitude;
  }

  /** Moves or widens the range until `value` is in it. */
  #adjust(value: number): void {
    if (value === 0) return;
    if (!(value > 0 && value <= valueMax)) {
      throw new HdrRangeError(`Cannot record ${value}: not in [0, 2^1022]`);
    }
    while (value < this.#lowest) this.#lower(this.#octavesOf(Math.ceil(this.#lowest / value) - 1));
    while (value >= this.#limit) {
      this.#raise(this.#octavesOf(Math.ceil((value + ulpOf(value)) / this.#limit) - 1));
    }
  }

  /** Powers of two in `factor`, as many as one step may take. */
  #octavesOf(factor: number): number {
    const ratio = this.#highestToLowest;
    if (factor > Number(ratio)) return ratio.toString(2).length - 1;
    return factor > 2 ** 50 ? 50 : factor.toString(2).length;
  }

  /** Units become smaller, integers larger. */
  #lower(octaves: number): void {
    if (this.#integers.minNonZeroIndex !== Infinity) {
      try {
        this.#integers.shiftValues(octaves);
      } catch (error) {
        this.#widen(octaves, error);
        this.#integers.shiftValues(octaves);
        this.#limit *= 2 ** octaves;
      }
    }
    this.#lowest /= 2 ** octaves;
    this.#limit /= 2 ** octaves;
    this.#setRange();
  }

  /** Units become larger and integers smaller, or the range widens if low values would lose digits. */
  #raise(octaves: number): void {
    try {
      this.#integers.shiftValues(-octaves);
      this.#lowest *= 2 ** octaves;
    } catch (error) {
      this.#widen(octaves, error);
    }
    this.#limit *= 2 ** octaves;
    this.#setRange();
  }

  #widen(octaves: number, cause: unknown): void {
    const magnitude = this.#integers.highest.toString(2).length + octaves;
    if (!this.autoResize || magnitude > 63) {
      throw new HdrRangeError(
        `Cannot record a value: the range [${this.#lowest}, ${this.#limit}) cannot widen by 2^${octaves}`,
        { cause },
      );
    }
    this.#integers.resize(2n ** BigInt(magnitude) - 1n);
    this.#highestToLowest <<= BigInt(octaves);
  }
}

/** The distance from `value`, positive and finite, to the next double. */
function ulpOf(value: number): number {
  let ulp = 2 ** Math.max(-1074, Math.floor(Math.log2(value)) - 52);
  while (ulp > 2 ** -1074 && value + ulp / 2 > value) ulp /= 2;
  return ulp;
}

/** The highest double below `value`, which is positive. */
function doubleBelow(value: number): number {
  const ulp = ulpOf(value);
  return value - ulp / 2 < value ? value - ulp / 2 : value - ulp;
}
