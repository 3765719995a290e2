/**
 * Which options go together, and which flow bins an axis has then: the table of boost-histogram's
 * axis constructors.
 *
 * @module
 */

import type { AxisFlow } from "./axis_base.ts";
import { AxisError } from "./hist_format_error.ts";

/** Options of an axis on which values lie above or below. */
export interface FlowOptions {
  /** A bin for what lies below; default true. */
  readonly underflow?: boolean;
  /** A bin for what lies above; default true. */
  readonly overflow?: boolean;
  /** The axis repeats itself; default false. */
  readonly circular?: boolean;
  /** A fill adds the bins that it lacks; default false. */
  readonly growth?: boolean;
}

/**
 * The flow bins of a regular or variable axis: a circular one has only overflow, for NaN and infinities;
 * a growing one has both, for the infinities.
 *
 * @throws {AxisError} if the options contradict each other.
 */
export function continuousFlow(options: FlowOptions): AxisFlow {
  const { underflow = true, overflow = true, circular = false, growth = false } = options;
  if (circular && growth) throw new AxisError("growth", "does not go with circular");
  if (growth && !(underflow && overflow)) {
    throw new AxisError("growth", "does not go without underflow and overflow");
  }
  if (circular && !overflow) {
    throw new AxisError("overflow", "must be true for a circular axis");
  }
  return { underflow: underflow && !circular, overflow, circular, growth };
}

/**
 * The flow bins of an integer axis: none if it is circular or grows, since every value has its bin then.
 *
 * @throws {AxisError} if the options contradict each other.
 */
export function integerFlow(options: FlowOptions): AxisFlow {
  const { underflow = true, overflow = true, circular = false, growth = false } = options;
  if (circular && growth) throw new AxisError("growth", "does not go with circular");
  if (circular || growth) return { underflow: false, overflow: false, circular, growth };
  return { underflow, overflow, circular, growth };
}

/** The flow bins of a category axis: overflow for unknown categories, unless it grows. */
export function categoryFlow(options: { overflow?: boolean; growth?: boolean }): AxisFlow {
  const { overflow = true, growth = false } = options;
  return { underflow: false, overflow: overflow && !growth, circular: false, growth };
}
