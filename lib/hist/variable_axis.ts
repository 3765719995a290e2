/**
 * An axis of bins between given edges.
 *
 * @module
 */

import { AxisBase, type AxisLabels } from "./axis_base.ts";
import { continuousFlow, type FlowOptions } from "./axis_flow.ts";
import { variableIndex, wrapVariable } from "./axis_index.ts";
import { AxisError } from "./hist_format_error.ts";
import { sameFlow } from "./regular_axis.ts";

/** What describes a variable axis. */
export interface VariableAxisOptions extends FlowOptions, AxisLabels {
  /** At least 2, strictly ascending; the outer ones may be infinite. Copied. */
  readonly edges: ArrayLike<number>;
}

/**
 * An axis of bins between `edges`; each holds its lower edge.
 *
 * @example
 * ```ts
 * import { VariableAxis } from "@histserv/hist";
 *
 * const axis = new VariableAxis({ edges: [0, 1, 10, 100], name: "pt" });
 * axis.index(5); // 1
 * ```
 */
export class VariableAxis extends AxisBase {
  /** The axis' kind. */
  readonly type = "variable";
  /** Strictly ascending, length size + 1. Replaced by growth, never written, so clones share it. */
  #edges: Float64Array<ArrayBuffer>;

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if there is no such axis.
   */
  constructor(options: VariableAxisOptions) {
    super(continuousFlow(options), options);
    const edges = Float64Array.from(options.edges);
    if (edges.length < 2) throw new AxisError("edges", "must be at least 2");
    for (let i = 1; i < edges.length; i++) {
      if (!(edges[i - 1]! < edges[i]!)) {
        throw new AxisError("edges", "must be strictly ascending");
      }
    }
    this.#edges = edges;
  }

  /** Number of bins, without flow bins. */
  get size(): number {
    return this.#edges.length - 1;
  }

  /** The edges, length size + 1. Not a copy: do not write. */
  get edges(): Float64Array<ArrayBuffer> {
    return this.#edges;
  }

  /** The bin of `x`: -1 for underflow, `size` for overflow and NaN. */
  index(x: number): number {
    const place = this.circular ? wrapVariable(x, this.#edges) : x;
    return variableIndex(place, this.#edges, this.overflow);
  }

  /** The lower edge of bin `bin`, which may be fractional; in [0, size]. */
  edge(bin: number): number {
    const whole = Math.trunc(bin);
    const z = bin - whole;
    if (whole >= this.size) return this.#edges[this.size]!;
    // As in Boost, where an infinite neighbour must not matter and an edge of -0 comes out as 0.
    return (1 - z) * this.#edges[whole]! + (z === 0 ? 0 : z * this.#edges[whole + 1]!);
  }

  /**
   * Adds the bin that `x` needs: half as wide as its neighbour, or more if that is too little; infinities
   * and NaN need none.
   *
   * @returns the number of bins added in front.
   */
  growToHold(x: number): number {
    const index = this.index(x);
    const { size } = this;
    if (!Number.isFinite(x) || (index >= 0 && index < size)) return 0;
    const edges = new Float64Array(this.#edges.length + 1);
    if (index < 0) {
      const half = this.edge(0.5) - this.edge(0);
      edges[0] = Math.min(x, this.edge(0) - half);
      edges.set(this.#edges, 1);
      this.#edges = edges;
      return 1;
    }
    const half = this.edge(size) - this.edge(size - 0.5);
    edges.set(this.#edges);
    edges[size + 1] = Math.max(nextUp(x), this.edge(size) + half);
    this.#edges = edges;
    return 0;
  }

  /** An equal axis that grows apart from this one. */
  clone(): VariableAxis {
    const { underflow, overflow, circular, growth, metadata } = this;
    const options = { underflow, overflow, circular, growth, metadata };
    const axis = new VariableAxis({ edges: [0, 1], ...options });
    axis.#edges = this.#edges;
    return axis;
  }

  /** Whether the bins, flow bins and options are the same; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof VariableAxis && this.size === other.size && sameFlow(this, other) &&
      this.#edges.every((edge, i) => edge === other.#edges[i]);
  }
}

/** The least double above finite `x`, or the greatest double. */
function nextUp(x: number): number {
  if (x === Number.MAX_VALUE) return x;
  if (x === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([x]).buffer);
  bits[0]! += x > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}
