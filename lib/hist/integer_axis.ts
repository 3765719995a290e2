/**
 * An axis of consecutive integers.
 *
 * @module
 */

import { AxisBase, type AxisLabels } from "./axis_base.ts";
import { type FlowOptions, integerFlow } from "./axis_flow.ts";
import { circularIntegerIndex, integerIndex } from "./axis_index.ts";
import { AxisError } from "./hist_format_error.ts";
import { binsMax, sameFlow } from "./regular_axis.ts";

/** What describes an integer axis. */
export interface IntegerAxisOptions extends FlowOptions, AxisLabels {
  /** The first integer; in [-2^31, 2^31). */
  readonly lower: number;
  /** One past the last integer; in [lower, 2^31). */
  readonly upper: number;
}

/**
 * An axis with a bin for each integer from `lower` to `upper - 1`. Values are 32-bit integers.
 *
 * @example
 * ```ts
 * import { IntegerAxis } from "@histserv/hist";
 *
 * const axis = new IntegerAxis({ lower: -3, upper: 4 });
 * axis.index(0); // 3
 * ```
 */
export class IntegerAxis extends AxisBase {
  /** The axis' kind. */
  readonly type = "integer";
  /** In [-2^31, 2^31). */
  #lower: number;
  /** In [0, 2^31). */
  #size: number;

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if there is no such axis.
   */
  constructor(options: IntegerAxisOptions) {
    super(integerFlow(options), options);
    const { lower, upper } = options;
    if (!isInt32(lower)) throw new AxisError("lower", "must be a 32-bit integer");
    if (!isInt32(upper)) throw new AxisError("upper", "must be a 32-bit integer");
    if (upper < lower) throw new AxisError("upper", "must not be below lower");
    if (upper - lower > binsMax) throw new AxisError("bins", `must not be more than ${binsMax}`);
    this.#lower = lower;
    this.#size = upper - lower;
  }

  /** Number of bins, without flow bins. */
  get size(): number {
    return this.#size;
  }

  /** The first integer. */
  get lower(): number {
    return this.#lower;
  }

  /** One past the last integer. */
  get upper(): number {
    return this.#lower + this.#size;
  }

  /**
   * The bin of `x`: -1 for underflow, `size` for overflow.
   *
   * @throws {TypeError} if `x` is not a 32-bit integer.
   */
  index(x: number): number {
    checkInt32(x);
    return this.circular
      ? circularIntegerIndex(x, this.#lower, this.#size)
      : integerIndex(x, this.#lower, this.#size);
  }

  /** The lower edge of bin `bin`, which may be fractional; in [0, size]. */
  edge(bin: number): number {
    return this.#lower + bin;
  }

  /**
   * Adds the bins that 32-bit integer `x` needs.
   *
   * @returns the number of bins added in front.
   * @throws {RangeError} if the axis would have more than 2^31 - 1 bins; it is unchanged then.
   */
  growToHold(x: number): number {
    const offset = x - this.#lower;
    const size = offset < 0 ? this.#size - offset : Math.max(this.#size, offset + 1);
    if (size > binsMax) {
      throw new RangeError(
        `Cannot grow the axis "${this.name}" to hold ${x}: needs more than ${binsMax} bins`,
      );
    }
    this.#size = size;
    if (offset >= 0) return 0;
    this.#lower = x;
    return -offset;
  }

  /** An equal axis that shares nothing with this one. */
  clone(): IntegerAxis {
    const { lower, upper, underflow, overflow, circular, growth, metadata } = this;
    return new IntegerAxis({ lower, upper, underflow, overflow, circular, growth, metadata });
  }

  /** Whether the bins, flow bins and options are the same; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof IntegerAxis && this.#size === other.#size &&
      this.#lower === other.#lower && sameFlow(this, other);
  }
}

/** Whether `x` is an integer in [-2^31, 2^31). */
export function isInt32(x: number): boolean {
  return x === (x | 0);
}

/**
 * Ends the operation if `x` is not a 32-bit integer: such axes hold nothing else.
 *
 * @throws {TypeError} if it is not.
 */
export function checkInt32(x: number): void {
  if (!isInt32(x)) throw new TypeError(`Cannot fill an integer axis: ${x} is not a 32-bit integer`);
}
