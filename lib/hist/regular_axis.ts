/**
 * An axis of equally wide bins.
 *
 * @module
 */

import { AxisBase, type AxisLabels } from "./axis_base.ts";
import { continuousFlow, type FlowOptions } from "./axis_flow.ts";
import { circularIndex, regularIndex } from "./axis_index.ts";
import { type AxisTransform, transformForward, transformInverse } from "./axis_transform.ts";
import { AxisError } from "./hist_format_error.ts";

/** The most bins of an axis: its indices are 32-bit integers, as in Boost. */
export const binsMax = 2147483647;

/** What describes a regular axis. */
export interface RegularAxisOptions extends FlowOptions, AxisLabels {
  /** Number of bins, in [1, 2^31). */
  readonly bins: number;
  /** The lower edge; finite. */
  readonly lower: number;
  /** The upper edge; finite and not equal to `lower`, but maybe below. */
  readonly upper: number;
  /** Makes the bins equally wide on another scale; such an axis neither grows nor is circular. */
  readonly transform?: AxisTransform;
}

/**
 * An axis of equally wide bins from `lower` to `upper`; each holds its lower edge.
 *
 * @example
 * ```ts
 * import { RegularAxis } from "@histserv/hist";
 *
 * const axis = new RegularAxis({ bins: 10, lower: -3, upper: 3, name: "x" });
 * axis.index(0.1); // 5
 * axis.index(7); // 10: overflow
 * axis.index(-7); // -1: underflow
 * ```
 */
export class RegularAxis extends AxisBase {
  /** The axis' kind. */
  readonly type = "regular";
  #transform: AxisTransform | undefined;
  /** The lower edge, transformed. */
  #lower: number;
  /** From the lower to the upper edge, transformed; not 0. */
  #range: number;
  /** In [1, 2^31). */
  #size: number;

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if there is no such axis.
   */
  constructor(options: RegularAxisOptions) {
    const flow = continuousFlow(options);
    super(flow, options);
    const { bins, lower, upper, transform } = options;
    if (!Number.isInteger(bins) || bins < 1 || bins > binsMax) {
      throw new AxisError("bins", `must be an integer from 1 to ${binsMax}`);
    }
    const plainFlow = flow.underflow && flow.overflow && !flow.growth;
    if (transform !== undefined && !plainFlow) {
      throw new AxisError("transform", "does not go with other options");
    }
    this.#transform = transform;
    this.#size = bins;
    this.#lower = transformForward(transform, lower);
    this.#range = transformForward(transform, upper) - this.#lower;
    if (!Number.isFinite(this.#lower)) throw new AxisError("lower", "must be finite");
    if (!Number.isFinite(this.#range)) {
      throw new AxisError("upper", "must be finite, and the range from lower to upper, too");
    }
    if (this.#range === 0) throw new AxisError("upper", "must differ from lower");
  }

  /** Number of bins, without flow bins. */
  get size(): number {
    return this.#size;
  }

  /** Makes the bins equally wide on another scale. */
  get transform(): AxisTransform | undefined {
    return this.#transform;
  }

  /** The lower edge. */
  get lower(): number {
    return this.edge(0);
  }

  /** The upper edge, as the sum of the lower edge and the range; may differ from the given one in its last bit. */
  get upper(): number {
    return this.edge(this.#size);
  }

  /** The lower edge, transformed: what a fill loop subtracts. */
  get transformedLower(): number {
    return this.#lower;
  }

  /** From the lower to the upper edge, transformed: what a fill loop divides by. */
  get transformedRange(): number {
    return this.#range;
  }

  /** The bin of `x`: -1 for underflow, `size` for overflow and NaN. */
  index(x: number): number {
    const z = (transformForward(this.#transform, x) - this.#lower) / this.#range;
    return this.circular
      ? circularIndex(z, this.#size)
      : regularIndex(z, this.#size, this.overflow);
  }

  /** The lower edge of bin `bin`, which may be fractional (the middle of bin 3 is `edge(3.5)`); in [0, size]. */
  edge(bin: number): number {
    const z = bin / this.#size;
    const transformed = (1 - z) * this.#lower + z * (this.#lower + this.#range);
    return transformInverse(this.#transform, transformed);
  }

  /**
   * Adds the bins that `x` needs, keeping their width; infinities and NaN need none.
   *
   * @returns the number of bins added in front.
   * @throws {RangeError} if the axis would have more than 2^31 - 1 bins; it is unchanged then.
   */
  growToHold(x: number): number {
    const z = (x - this.#lower) / this.#range;
    if (!Number.isFinite(z) || (z >= 0 && z < 1)) return 0;
    const front = z < 0 ? -Math.floor(z * this.#size) : 0;
    this.growBy(front, z < 0 ? 0 : Math.trunc(z * this.#size) - this.#size + 1);
    return front;
  }

  /**
   * Adds `front` bins below the first and `back` bins above the last, keeping their width.
   *
   * @throws {RangeError} if the axis would have more than 2^31 - 1 bins; it is unchanged then.
   */
  growBy(front: number, back: number): void {
    if (this.#size + front + back > binsMax) {
      throw new RangeError(`Cannot grow the axis "${this.name}": needs more than ${binsMax} bins`);
    }
    // Exactly the steps of Boost's regular::update: the edges depend on each rounding.
    if (front > 0) {
      const upper = this.#lower + this.#range;
      this.#lower += -front * (this.#range / this.#size);
      this.#range = upper - this.#lower;
      this.#size += front;
    }
    if (back > 0) {
      this.#range /= this.#size;
      this.#range *= this.#size + back;
      this.#size += back;
    }
  }

  /** An equal axis that shares nothing with this one. */
  clone(): RegularAxis {
    const { underflow, overflow, circular, growth, metadata } = this;
    const options = { underflow, overflow, circular, growth, metadata };
    const axis = new RegularAxis({ bins: this.#size, lower: 0, upper: 1, ...options });
    axis.#transform = this.#transform;
    axis.#lower = this.#lower;
    axis.#range = this.#range;
    return axis;
  }

  /** Whether the bins, flow bins and options are the same; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof RegularAxis && this.#size === other.#size &&
      this.#lower === other.#lower && this.#range === other.#range && sameFlow(this, other) &&
      sameTransform(this.#transform, other.#transform);
  }
}

function sameTransform(a: AxisTransform | undefined, b: AxisTransform | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.type === b.type && (a.type !== "pow" || b.type !== "pow" || a.power === b.power);
}

/** Whether two axes have the same flow bins and options. */
export function sameFlow(a: AxisBase, b: AxisBase): boolean {
  return a.underflow === b.underflow && a.overflow === b.overflow && a.circular === b.circular &&
    a.growth === b.growth;
}
