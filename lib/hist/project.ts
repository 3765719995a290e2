/**
 * Operations that take axes away or put them in another order.
 *
 * @module
 */

import { isCategoryAxis } from "./axis.ts";
import { keepAxis } from "./axis_reduction.ts";
import { permuteCells, reduceCells } from "./cell_reduction.ts";
import type { Hist } from "./hist.ts";
import { select } from "./select.ts";
import { type AxisPoint, type SelectionEntry, SelectionError } from "./selection.ts";
import { axisNumber } from "./selection_resolver.ts";

/** An axis by its name or number; negative counts from the end. */
export type AxisName = string | number;

/**
 * `hist` over these axes, in this order; the others are summed over, their flow bins included unless `flow` is
 * false.
 *
 * @throws {SelectionError} if there is no such axis, or one is named twice.
 */
export function project(
  hist: Hist,
  axes: readonly AxisName[],
  options: { flow?: boolean } = {},
): Hist {
  const kept = axes.map((axis) => axisNumber(hist.axes, axis));
  if (new Set(kept).size < kept.length) throw new SelectionError(-1, "an axis is named twice");
  const flow = options.flow ?? true;
  const bounds = flow ? {} : { start: { type: "index", index: 0 } as const, stop: overflow };
  const entries: SelectionEntry[] = [];
  for (const axis of hist.axes.keys()) {
    if (kept.includes(axis)) continue;
    entries.push({ axis, take: { type: "slice", action: "sum", ...bounds } });
  }
  const projected = entries.length === 0 ? addedOnce(hist) : select(hist, { entries });
  const ascending = kept.toSorted((a, b) => a - b);
  if (ascending.every((axis, i) => axis === kept[i])) return projected;
  return reorder(projected, kept.map((axis) => ascending.indexOf(axis)));
}

/** `hist` added to an empty one, as Boost does even if no axis goes: of means it may change the last bit. */
function addedOnce(hist: Hist): Hist {
  const { axes, cells, extents, spec } = hist;
  const maps = axes.map((axis) => keepAxis(axis).map);
  return hist.derive(axes, reduceCells(cells, { kind: spec.cellKind, maps, extents }));
}

const overflow: AxisPoint = { type: "overflow" };

/** `hist` with its axes in reverse order: hist's `T`. */
export function transpose(hist: Hist): Hist {
  return project(hist, hist.axes.keys().toArray().reverse());
}

function reorder(hist: Hist, order: readonly number[]): Hist {
  const { axes, cells, extents, spec } = hist;
  const permuted = permuteCells(cells, { kind: spec.cellKind, extents, order });
  return hist.derive(order.map((axis) => axes[axis]!), permuted);
}

/**
 * `hist` with one axis summed over: everything, flow bins included, the bins from `start` to before
 * `stop`, or the listed categories.
 *
 * @throws {SelectionError} if there is no such axis, or it has no such bins.
 */
export function integrate(
  hist: Hist,
  axis: AxisName,
  range: { start?: AxisPoint; stop?: AxisPoint } | readonly AxisPoint[] = {},
): Hist {
  if (!isList(range)) {
    return select(hist, { entries: [{ axis, take: { type: "slice", ...range, action: "sum" } }] });
  }
  const picked = select(hist, { entries: [{ axis, take: { type: "pick", points: range } }] });
  const start: AxisPoint = { type: "index", index: 0 };
  return integrate(picked, axis, { start, stop: overflow });
}

function isList(range: object): range is readonly AxisPoint[] {
  return Array.isArray(range);
}

/**
 * `hist` with the categories of `axis` in ascending order: of their numbers, or of their code points.
 *
 * @throws {SelectionError} if there is no such axis, or it has no categories.
 */
export function sort(hist: Hist, axis: AxisName, options: { reverse?: boolean } = {}): Hist {
  const place = axisNumber(hist.axes, axis);
  const sorted = hist.axes[place]!;
  if (!isCategoryAxis(sorted)) throw new SelectionError(place, "it has no categories to sort");
  const bins = sorted.type === "category_str"
    ? sortedBins(sorted.categories, compareCodePoints)
    : sortedBins(sorted.categories, (a, b) => a - b);
  if (bins.length === 0) return hist.clone();
  const points = bins.map((index): AxisPoint => ({ type: "index", index }));
  if (options.reverse ?? false) points.reverse();
  return select(hist, { entries: [{ axis: place, take: { type: "pick", points } }] });
}

function sortedBins<T>(categories: readonly T[], compare: (a: T, b: T) => number): number[] {
  return categories.keys().toArray().sort((a, b) => compare(categories[a]!, categories[b]!));
}

/** As Python compares strings. JavaScript's `<` would put U+FF5E before U+1F600, which has a surrogate first. */
function compareCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
