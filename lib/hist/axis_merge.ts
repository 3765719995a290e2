/**
 * Merging axes, so that two histograms can be added.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { type BinMap, growthMap, identityMap } from "./cell_layout.ts";

/** A merged axis, and where the bins of its two sources went. */
export interface AxisMerge {
  readonly axis: Axis;
  readonly targetMap: BinMap;
  readonly sourceMap: BinMap;
  /** Whether `axis` has more bins than the target had. */
  readonly isGrown: boolean;
}

/**
 * The axis that holds the bins of both `target` and `source`: equal axes are one, growing category axes get the
 * categories of both, the target's first. Names and labels do not count; the target's stay.
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
  }
  throw new RangeError(
    `Cannot add histograms: ${place} differ, and they are not growing categories`,
  );
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
