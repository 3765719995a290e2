/**
 * Which bucket holds which values: the arithmetic of HdrHistogram (Java 2.2.2, AbstractHistogram), without counts.
 *
 * @module
 */

import { HdrConfigError, HdrRangeError } from "./hdr_errors.ts";

/** What a histogram of integers is made for. */
export interface HdrOptions {
  /** The lowest value told apart from 0, in [1, 2^61]; its power of two below is the unit. 1 by default. */
  readonly lowest?: number | bigint;
  /** The highest value, at least `2 * lowest`, at most 2^63-1. By default `2 * lowest`, growing. */
  readonly highest?: number | bigint;
  /** Significant decimal digits that are kept, an integer in [0, 5]. 3 by default. */
  readonly digits?: number;
  /** Grow with the values rather than refuse them. True by default if `highest` is not given. */
  readonly autoResize?: boolean;
}

const int64Max = 2n ** 63n - 1n;
const powers = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/**
 * The buckets of one configuration.
 *
 * Bucket 0 holds `[0, unit)`. Values below `2^(halfMagnitude + 1)` units have buckets of one unit; above,
 * every power of two has `2^halfMagnitude` buckets of equal width.
 *
 * @example
 * ```ts
 * import { HdrLayout } from "@histserv/hdr";
 *
 * const layout = new HdrLayout({ lowest: 1n, highest: 3_600_000_000n, digits: 3 });
 * const index = layout.indexOf(100_000);
 * console.log(layout.lowestOf(index), layout.highestOf(index)); // 99968 100031
 * ```
 */
export class HdrLayout {
  /** The lowest value told apart from 0, as configured, in [1, 2^61]. */
  readonly lowest: bigint;
  /** The highest value, as configured or grown to, in [2 * lowest, 2^63-1]. */
  readonly highest: bigint;
  /** Significant decimal digits, in [0, 5]. */
  readonly digits: number;
  /** log2 of the unit, in [0, 61]. */
  readonly unitMagnitude: number;
  /** log2 of the number of buckets in a power of two, in [0, 17]. */
  readonly halfMagnitude: number;
  /** Powers of two covered, the first of them from 0, in [1, 64]. */
  readonly octaves: number;
  /** Buckets in all: `(octaves + 1) * 2^halfMagnitude`. */
  readonly length: number;

  /** The buckets of a configuration. @throws {HdrConfigError} if there can be no such histogram. */
  constructor(config: { lowest: bigint; highest: bigint; digits: number }) {
    const { lowest, highest, digits } = config;
    if (!Number.isInteger(digits) || digits < 0 || digits > 5) {
      throw new HdrConfigError(`Cannot lay out a histogram: digits ${digits} are not in [0, 5]`);
    }
    if (lowest < 1n) throw new HdrConfigError(`Cannot lay out a histogram: lowest ${lowest} < 1`);
    if (highest < 2n * lowest || highest > int64Max) {
      throw new HdrConfigError(
        `Cannot lay out a histogram: highest ${highest} is not in [2 * ${lowest}, 2^63-1]`,
      );
    }
    this.lowest = lowest;
    this.highest = highest;
    this.digits = digits;
    this.unitMagnitude = lowest.toString(2).length - 1;
    this.halfMagnitude = Math.max(1, Math.ceil(Math.log2(2 * 10 ** digits))) - 1;
    if (this.halfMagnitude + 1 + this.unitMagnitude > 62) {
      throw new HdrConfigError(
        `Cannot lay out a histogram: ${digits} digits above ${lowest} exceed 2^62`,
      );
    }
    const top = highest.toString(2).length; // the first power of two above `highest`
    this.octaves = Math.max(1, top - this.unitMagnitude - this.halfMagnitude);
    this.length = (this.octaves + 1) * 2 ** this.halfMagnitude;
  }

  /** Whether buckets mean the same, as far as both layouts reach. */
  isAligned(other: HdrLayout): boolean {
    return this.unitMagnitude === other.unitMagnitude && this.halfMagnitude === other.halfMagnitude;
  }

  /** Whether each bucket of `other` lies inside one bucket of this layout (its length aside). */
  contains(other: HdrLayout): boolean {
    return this.unitMagnitude >= other.unitMagnitude && this.halfMagnitude <= other.halfMagnitude;
  }

  /** The same buckets, up to `highest` at least. */
  withHighest(highest: bigint): HdrLayout {
    return new HdrLayout({ lowest: this.lowest, highest, digits: this.digits });
  }

  /**
   * The bucket of `value`, which may be one that the layout does not have (`>= length`).
   *
   * @throws {HdrRangeError} if `value` is not an integer in [0, 2^63-1].
   */
  indexOf(value: number | bigint): number {
    if (typeof value === "number" && (value | 0) === value && value >= 0) {
      const exponent = 31 - Math.clz32(value) - this.halfMagnitude;
      const shift = exponent > this.unitMagnitude ? exponent : this.unitMagnitude;
      if (shift > 31) return 0;
      return ((shift - this.unitMagnitude) << this.halfMagnitude) + (value >>> shift);
    }
    return this.#indexOfLarge(value);
  }

  #indexOfLarge(value: number | bigint): number {
    let exponent: number;
    if (typeof value === "bigint") {
      if (value < 0n || value > int64Max) {
        throw new HdrRangeError(`Cannot place ${value}: not in [0, 2^63-1]`);
      }
      exponent = value.toString(2).length - 1;
    } else {
      if (!Number.isInteger(value) || value < 0 || value >= 2 ** 63) {
        throw new HdrRangeError(`Cannot place ${value}: not an integer in [0, 2^63-1]`);
      }
      exponent = value >= 2 ** 32
        ? 63 - Math.clz32(Math.floor(value / 2 ** 32))
        : 31 - Math.clz32(value);
    }
    const shift = Math.max(exponent - this.halfMagnitude, this.unitMagnitude);
    const sub = typeof value === "bigint"
      ? Number(value >> BigInt(shift))
      : Math.floor(value / powers[shift]!);
    return (shift - this.unitMagnitude) * powers[this.halfMagnitude]! + sub;
  }

  /** The lowest value of a bucket; exact. `index` is in [0, length]. */
  lowestOf(index: number): number {
    const octave = (index >>> this.halfMagnitude) - 1;
    const half = 1 << this.halfMagnitude;
    if (octave < 0) return index * powers[this.unitMagnitude]!;
    return ((index & (half - 1)) + half) * powers[octave + this.unitMagnitude]!;
  }

  /** How many values a bucket holds, a power of two; exact. */
  widthOf(index: number): number {
    const octave = (index >>> this.halfMagnitude) - 1;
    return powers[(octave < 0 ? 0 : octave) + this.unitMagnitude]!;
  }

  /** The highest value of a bucket; above 2^53 the double nearest to it. */
  highestOf(index: number): number {
    return this.lowestOf(index) + this.widthOf(index) - 1;
  }

  /** The highest value of a bucket. */
  exactHighestOf(index: number): bigint {
    return BigInt(this.lowestOf(index) + this.widthOf(index)) - 1n;
  }

  /** The value that stands for a bucket in means: its middle, rounded up; exact. */
  medianOf(index: number): number {
    return this.lowestOf(index) + Math.floor(this.widthOf(index) / 2);
  }
}

/** The layout of `options`, their defaults filled in. */
export function layoutOf(options: HdrOptions): HdrLayout {
  const lowest = toInt64(options.lowest ?? 1, "lowest");
  const highest = options.highest === undefined ? 2n * lowest : toInt64(options.highest, "highest");
  return new HdrLayout({ lowest, highest, digits: options.digits ?? 3 });
}

function toInt64(value: number | bigint, name: string): bigint {
  if (typeof value === "bigint") return value;
  if (!Number.isInteger(value)) {
    throw new HdrConfigError(`Cannot lay out a histogram: ${name} ${value} is not an integer`);
  }
  return BigInt(value);
}

/** Throws unless `count` can be added. @throws {HdrRangeError} */
export function checkCount(count: number | bigint): void {
  if (typeof count === "bigint" ? count >= 0n : Number.isSafeInteger(count) && count >= 0) return;
  throw new HdrRangeError(`Cannot record ${count} times: not an integer in [0, 2^53-1]`);
}

/** A configuration, as text of an error. */
export function describeLayout({ lowest, highest, digits }: HdrLayout): string {
  return `(${lowest}, ${highest}, ${digits})`;
}
