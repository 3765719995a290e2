/**
 * Merging axes, so that two histograms can be added.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { latticeOffset } from "./axis_lattice.ts";
import { type BinMap, growthMap, identityMap } from "./cell_layout.ts";
import { IntegerAxis } from "./integer_axis.ts";
import { sameFlow } from "./regular_axis.ts";
import { VariableAxis } from "./variable_axis.ts";

/** A merged axis, and where the bins of its two sources went, flow bins included. */
export interface AxisMerge {
  /** The target itself if it has room for all bins of the source, else a grown copy. */
  readonly axis: Axis;
  /** From a bin of the target to a bin of `axis`. */
  readonly targetMap: BinMap;
  /** From a bin of the source to a bin of `axis`; the target's map itself if the axes are equal. */
  readonly sourceMap: BinMap;
  /** Whether `axis` has more bins than the target had. */
  readonly isGrown: boolean;
}

/**
 * The axis that holds the bins of both `target` and `source`: equal axes are one; growing category axes get the
 * categories of both, the target's first; other growing axes that began as the same one get the bins of
 * both. Names and labels do not count; the target's stay.
 *
 * @throws {RangeError} if the axes differ otherwise; `place` names them in the message.
 */
export function mergeAxes(target: Axis, source: Axis, place: string): AxisMerge {
  if (target.equals(source)) {
    const map = identityMap(target.extent);
    return { axis: target, targetMap: map, sourceMap: map, isGrown: false };
  }
  if (target.type === "category_str" && source.type === "category_str") {
    if (target.growth && source.growth) return mergeCategories<string>(target, source);
  } else if (target.type === "category_int" && source.type === "category_int") {
    if (target.growth && source.growth) return mergeCategories<number>(target, source);
  } else if (target.growth && target.type === source.type && sameFlow(target, source)) {
    const offset = latticeOffset(target, source);
    if (offset !== undefined) return mergeGrown(target, source, offset);
  }
  throw new RangeError(
    `Cannot add histograms: ${place} differ, and did not grow from the same beginning`,
  );
}

/** Merges axes of one lattice, of which the source begins `offset` bins after the target. */
function mergeGrown(target: Axis, source: Axis, offset: number): AxisMerge {
  const front = Math.max(0, -offset);
  const back = Math.max(0, offset + source.size - target.size);
  const axis = front + back === 0 ? target : grownAxis(target, source, { front, back });
  return {
    axis,
    targetMap: growthMap(target.size, axis, front),
    sourceMap: growthMap(source.size, axis, front + offset),
    isGrown: axis !== target,
  };
}

function grownAxis(target: Axis, source: Axis, added: { front: number; back: number }): Axis {
  const { front, back } = added;
  const { metadata } = target;
  if (target.type === "variable" && source.type === "variable") {
    const head = source.edges.subarray(0, front);
    const tail = source.edges.subarray(source.edges.length - back);
    const edges = Float64Array.of(...head, ...target.edges, ...tail);
    return new VariableAxis({ edges, growth: true, metadata });
  }
  if (target.type === "integer") {
    const { lower, upper } = target;
    return new IntegerAxis({ lower: lower - front, upper: upper + back, growth: true, metadata });
  }
  const axis = target.clone();
  if (axis.type === "regular") axis.growBy(front, back);
  return axis;
}

function mergeCategories<T>(
  target: Axis & Categories<T>,
  source: Axis & Categories<T>,
): AxisMerge {
  const axis = target.clone() as Axis & Categories<T>;
  for (const category of source.categories) axis.growToHold(category);
  return {
    axis,
    targetMap: growthMap(target.size, axis, 0),
    sourceMap: Int32Array.from(source.categories, (category) => axis.index(category)),
    isGrown: axis.size !== target.size,
  };
}

interface Categories<T> {
  readonly categories: T[];
  index(category: T): number;
  growToHold(category: T): number;
}
