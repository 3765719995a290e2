/**
 * An axis of two bins, false and true.
 *
 * @module
 */

import { AxisBase, type AxisLabels, noFlow } from "./axis_base.ts";

/**
 * An axis with a bin for false and a bin for true.
 *
 * @example
 * ```ts
 * import { BooleanAxis } from "@histserv/hist";
 *
 * const axis = new BooleanAxis({ name: "passed" });
 * axis.index(true); // 1
 * ```
 */
export class BooleanAxis extends AxisBase {
  /** The axis' kind. */
  readonly type = "boolean";

  /** An axis with these labels. */
  constructor(labels: AxisLabels = {}) {
    super(noFlow, labels);
  }

  /** Number of bins: 2. */
  get size(): number {
    return 2;
  }

  /** 0 for false and 0, 1 for everything else, NaN included. */
  index(x: boolean | number): number {
    return x === false || x === 0 ? 0 : 1;
  }

  /** The lower edge of bin `bin`, as on an integer axis from 0 to 2; may be fractional. */
  edge(bin: number): number {
    return bin;
  }

  /** An equal axis that shares nothing with this one. */
  clone(): BooleanAxis {
    return new BooleanAxis({ metadata: this.metadata });
  }

  /** Whether the other is a boolean axis, too; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof BooleanAxis;
  }
}
