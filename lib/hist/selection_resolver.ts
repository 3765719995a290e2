/**
 * From a selection to bins: what it means on the axes of a histogram.
 *
 * @module
 */

import { type Axis, isCategoryAxis } from "./axis.ts";
import { type BinRange, groupsOfEdges, sliceAxis } from "./axis_reduction.ts";
import { matchesGlob } from "./glob.ts";
import {
  type AxisPick,
  type AxisPoint,
  type AxisSelection,
  type AxisSlice,
  type Rebin,
  type Selection,
  SelectionError,
} from "./selection.ts";

/** What to take of an axis, in bins. */
export type ResolvedSelection =
  | { readonly type: "keep" }
  /** The bin counts from 0 with the flow bins. */
  | { readonly type: "pick"; readonly bin: number }
  /** Categories, in this order. */
  | { readonly type: "list"; readonly bins: readonly number[] }
  /** A range, or everything with the flow bins if there is none, in one cell. */
  | { readonly type: "sum"; readonly range?: BinRange }
  | { readonly type: "range"; readonly range: BinRange }
  /** Groups within a range, or within everything. */
  | { readonly type: "groups"; readonly groups: readonly number[]; readonly range?: BinRange };

/**
 * What `selection` takes of each of `axes`.
 *
 * @throws {SelectionError} if it does not fit them.
 */
export function resolveSelection(
  axes: readonly Axis[],
  selection: Selection,
): ResolvedSelection[] {
  const { entries, rank = axes.length } = selection;
  if (rank !== axes.length) {
    throw new SelectionError(-1, `there are ${rank} indices for ${axes.length} axes`);
  }
  const takes = new Map<number, AxisSelection>();
  for (const { axis, take } of entries) {
    const place = axisNumber(axes, axis);
    if (takes.has(place)) throw new SelectionError(place, "it is selected twice");
    takes.set(place, take);
  }
  return axes.map((axis, place) => {
    const take = takes.get(place);
    return take === undefined ? { type: "keep" } : resolveAxis(axis, take, place);
  });
}

/**
 * The number of the axis called `name`, or of that number, which may count from the end.
 *
 * @throws {SelectionError} if there is none.
 */
export function axisNumber(axes: readonly Axis[], name: string | number): number {
  if (typeof name === "string") {
    const place = axes.findIndex((axis) => axis.name === name);
    if (place >= 0) return place;
    throw new SelectionError(-1, `there is no axis called "${name.slice(0, 80)}"`);
  }
  const place = name < 0 ? name + axes.length : name;
  if (Number.isInteger(place) && place >= 0 && place < axes.length) return place;
  throw new SelectionError(-1, `there is no axis ${name} of ${axes.length}`);
}

function resolveAxis(axis: Axis, take: AxisSelection, place: number): ResolvedSelection {
  if (take.type === "pick") return resolvePick(axis, take, place);
  if (take.type !== "slice") return { type: "pick", bin: flowBin(axis, take, place) };
  const { action } = take;
  const range = boundsOf(axis, take, place);
  if (action === "sum") return range === undefined ? { type: "sum" } : { type: "sum", range };
  if (action === undefined) {
    return range === undefined
      ? { type: "keep" }
      : { type: "range", range: { ...range, crop: false } };
  }
  return resolveRebin(axis, { action, range, place });
}

function resolveRebin(
  axis: Axis,
  request: { action: Rebin; range: BinRange | undefined; place: number },
): ResolvedSelection {
  const { action, range, place } = request;
  if (action.type === "factor") {
    const { factor } = action;
    const { begin, end } = range ?? { begin: 0, end: axis.size };
    if (!Number.isInteger(factor) || factor < 1) {
      throw new SelectionError(place, `cannot merge ${factor} bins`);
    }
    return { type: "range", range: { begin, end, merge: factor, crop: false } };
  }
  const bounds = range === undefined ? {} : { range };
  if (action.type === "groups") return { type: "groups", groups: action.groups, ...bounds };
  try {
    const ranged = range === undefined ? axis : sliceAxis(axis, range).axis!;
    return { type: "groups", groups: groupsOfEdges(ranged, action.edges), ...bounds };
  } catch (error) {
    throw toSelectionError(error, place);
  }
}

/** `error` as one of the selection if it says why an axis cannot do something; else as it is. */
export function toSelectionError(error: unknown, place: number): unknown {
  if (!(error instanceof RangeError) || error instanceof SelectionError) return error;
  return new SelectionError(place, error.message);
}

/** The bins of a slice; nothing if it has no bounds. Ranges of sums drop what is outside. */
function boundsOf(axis: Axis, slice: AxisSlice, place: number): BinRange | undefined {
  const { start, stop } = slice;
  if (start === undefined && stop === undefined) return undefined;
  const begin = start === undefined ? 0 : boundOf(axis, start, place);
  const end = stop === undefined ? axis.size : boundOf(axis, stop, place);
  if (begin >= end) {
    throw new SelectionError(place, `the slice from bin ${begin} to bin ${end} has no bins`);
  }
  return { begin, end, merge: 1, crop: true };
}

/** A bound of a slice, in [0, size]. */
function boundOf(axis: Axis, point: AxisPoint, place: number): number {
  let index = indexOf(axis, point, place);
  if (point.type === "index" && index < 0) index += axis.size;
  return Math.min(Math.max(index, 0), axis.size);
}

/** The bin of `point`, counting from 0 with the flow bins. */
function flowBin(axis: Axis, point: AxisPoint, place: number): number {
  const { size } = axis;
  let index = indexOf(axis, point, place);
  if (point.type === "index") {
    if (index < -size || index >= size) {
      throw new SelectionError(place, `there is no bin ${index} of ${size}`);
    }
    if (index < 0) index += size;
  }
  if (index === -1 && !axis.underflow) throw new SelectionError(place, "it has no underflow bin");
  if (index === size && !axis.overflow) throw new SelectionError(place, "it has no overflow bin");
  if (index < -1 || index > size) {
    throw new SelectionError(place, `there is no bin ${index} of ${size}`);
  }
  return index + (axis.underflow ? 1 : 0);
}

/** The bin of `point` as it is numbered inside: -1 for underflow, size for overflow, anything if so given. */
function indexOf(axis: Axis, point: AxisPoint, place: number): number {
  const { type } = point;
  const offset = "offset" in point ? point.offset ?? 0 : 0;
  if (!Number.isInteger(offset)) throw new SelectionError(place, `${offset} is no number of bins`);
  if (type === "loc") return locate(axis, point.value, place) + offset;
  if (type === "underflow") return offset - 1;
  if (type === "overflow") return axis.size + offset;
  if (Number.isInteger(point.index)) return point.index;
  throw new SelectionError(place, `${point.index} is no bin: a value is written loc(…)`);
}

function locate(axis: Axis, value: number | string | boolean, place: number): number {
  if (isCategoryAxis(axis)) {
    const index = axis.type === "category_str"
      ? axis.index(value as string)
      : axis.index(value as number);
    if (index < axis.size) return index;
    throw new SelectionError(place, `it has no category ${JSON.stringify(value)}`);
  }
  if (typeof value === "string") {
    throw new SelectionError(place, `${JSON.stringify(value)} is no value of a numeric axis`);
  }
  try {
    return axis.index(Number(value));
  } catch {
    throw new SelectionError(place, `${value} is no value of an axis of integers`);
  }
}

function resolvePick(axis: Axis, pick: AxisPick, place: number): ResolvedSelection {
  if (!isCategoryAxis(axis)) {
    throw new SelectionError(place, "a list picks categories only, and it has none");
  }
  const bins = new Set<number>();
  const named = new Set<number>();
  for (const point of pick.points) {
    if (point.type === "match") {
      for (const bin of matchingBins(axis.categories, point.pattern)) bins.add(bin);
      continue;
    }
    const bin = flowBin(axis, point, place);
    if (bin >= axis.size) throw new SelectionError(place, "a list cannot pick the overflow bin");
    if (named.has(bin)) throw new SelectionError(place, `category ${bin} is picked twice`);
    named.add(bin);
    bins.add(bin);
  }
  if (bins.size === 0) throw new SelectionError(place, "no category is picked");
  return { type: "list", bins: [...bins] };
}

function matchingBins(categories: readonly (string | number)[], pattern: string): number[] {
  const bins = categories.keys().filter((bin) => matchesGlob(String(categories[bin]), pattern));
  return [...bins];
}
