/**
 * What an axis becomes when some of its bins are taken or merged, and where its bins go.
 *
 * @see boost/histogram/algorithm/reduce.hpp
 *
 * @module
 */

import { type Axis, edgesOf, isCategoryAxis } from "./axis.ts";
import type { BinMap } from "./cell_layout.ts";
import { IntCategoryAxis, StrCategoryAxis } from "./category_axis.ts";
import { IntegerAxis } from "./integer_axis.ts";
import { RegularAxis } from "./regular_axis.ts";
import { VariableAxis } from "./variable_axis.ts";

/** An axis, and where the bins of the one before went, flow bins included; -1 for those that are dropped. */
export interface AxisReduction {
  /** Nothing if all bins became one and the axis is gone. */
  readonly axis: Axis | undefined;
  readonly map: BinMap;
}

/** The bins from `begin` to before `end`, `merge` of them at a time. */
export interface BinRange {
  /** In [0, size). */
  readonly begin: number;
  /** In (begin, size]. */
  readonly end: number;
  /** At least 1; bins that are left over count as behind the end. */
  readonly merge: number;
  /** Whether what is outside is dropped, instead of being added to the flow bins that there are. */
  readonly crop: boolean;
}

/** Everything of `axis` in one cell, flow bins included. */
export function sumAxis(axis: Axis): AxisReduction {
  return { axis: undefined, map: new Int32Array(axis.extent) };
}

/** `axis` as it is. */
export function keepAxis(axis: Axis): AxisReduction {
  return { axis, map: Int32Array.from({ length: axis.extent }, (_, bin) => bin) };
}

/**
 * `axis` over a range of its bins.
 *
 * @throws {RangeError} if the axis does not shrink or merge like that; the message says why.
 */
export function sliceAxis(axis: Axis, range: BinRange): AxisReduction {
  const { begin, merge, crop } = range;
  const size = Math.floor((range.end - begin) / merge);
  const end = begin + size * merge;
  if (size < 1) throw new RangeError("no bins are left");
  if (axis.circular && !(begin === 0 && end === axis.size)) {
    throw new RangeError("cannot shrink a circular axis");
  }
  const sliced = slicedAxis(axis, { begin, end, merge });
  const first = axis.underflow ? 1 : 0;
  const hasOrder = !isCategoryAxis(axis);
  const map = new Int32Array(axis.extent);
  for (let bin = 0; bin < map.length; bin++) {
    const index = bin - first - begin;
    if (index < 0 && hasOrder) map[bin] = crop || !axis.underflow ? -1 : 0;
    else if (index >= 0 && index < size * merge) map[bin] = first + Math.floor(index / merge);
    else map[bin] = crop || !axis.overflow ? -1 : first + size;
  }
  return { axis: sliced, map };
}

function slicedAxis(axis: Axis, range: { begin: number; end: number; merge: number }): Axis {
  const { begin, end, merge } = range;
  const { underflow, overflow, circular, growth, metadata } = axis;
  const options = { underflow, overflow, circular, growth, metadata };
  if (axis.type === "regular") {
    const bins = (end - begin) / merge;
    const [lower, upper] = [axis.edge(begin), axis.edge(end)];
    const scale = axis.transform === undefined ? {} : { transform: axis.transform };
    return new RegularAxis({ bins, lower, upper, ...options, ...scale });
  }
  if (axis.type === "variable") {
    const edges = axis.edges.subarray(begin, end + 1).filter((_, i) => i % merge === 0);
    return new VariableAxis({ edges, ...options });
  }
  if (merge > 1) throw new RangeError(`cannot merge the bins of an axis of type ${axis.type}`);
  if (begin === 0 && end === axis.size) return axis;
  switch (axis.type) {
    case "integer": {
      const lower = axis.lower;
      return new IntegerAxis({ lower: lower + begin, upper: lower + end, ...options });
    }
    case "boolean":
      // One of two: an axis that says so, since a boolean one has both.
      return new IntegerAxis({ lower: begin, upper: end, ...options });
    case "category_int":
      return new IntCategoryAxis({ ...options, categories: axis.categories.slice(begin, end) });
    case "category_str":
      return new StrCategoryAxis({ ...options, categories: axis.categories.slice(begin, end) });
  }
}

/**
 * `axis` with neighbouring bins merged in groups of these sizes, flow bins kept: a variable axis.
 *
 * @throws {RangeError} if its bins have no order, or are not as many as the groups hold.
 */
export function groupAxis(axis: Axis, groups: readonly number[]): AxisReduction {
  if (isCategoryAxis(axis)) throw new RangeError("categories have no order to group them in");
  const wrong = groups.find((group) => !Number.isInteger(group) || group < 1);
  if (wrong !== undefined) throw new RangeError(`a group must be 1 bin or more, not ${wrong}`);
  if (axis.edge(0) > axis.edge(1)) throw new RangeError("a descending axis merges by factor only");
  const total = groups.reduce((a, b) => a + b, 0);
  if (total !== axis.size) {
    throw new RangeError(`the groups hold ${total} bins, the axis has ${axis.size}`);
  }
  const { underflow, overflow, metadata } = axis;
  const first = underflow ? 1 : 0;
  const map = new Int32Array(axis.extent);
  const edges = [axis.edge(0)];
  let bin = first;
  for (const [i, group] of groups.entries()) {
    map.fill(first + i, bin, bin + group);
    bin += group;
    edges.push(axis.edge(bin - first));
  }
  if (overflow) map[bin] = first + groups.length;
  return { axis: new VariableAxis({ edges, underflow, overflow, metadata }), map };
}

/** How far an edge may be off, as in numpy's `isclose`: beside this, 1e-8. */
const relativeTolerance = 1e-5;

/**
 * The sizes of the groups of bins between `edges`, each of which must be an edge of `axis`.
 *
 * @throws {RangeError} if one is not, or the first and last are not exactly those of the axis.
 */
export function groupsOfEdges(axis: Axis, edges: readonly number[]): number[] {
  if (isCategoryAxis(axis)) throw new RangeError("categories have no order to group them in");
  const own = edgesOf(axis);
  if (edges.length < 2 || edges[0] !== own[0]) {
    throw new RangeError(`edges must start at the first bin, at ${own[0]}`);
  }
  if (edges.at(-1) !== own.at(-1)) {
    throw new RangeError(`edges must end at the last bin, at ${own.at(-1)}`);
  }
  const places = edges.map((edge) => {
    const nearest = nearestPlace(own, edge);
    const distance = own[nearest] === edge ? 0 : Math.abs(own[nearest]! - edge);
    if (distance <= 1e-8 + relativeTolerance * Math.abs(edge)) return nearest;
    throw new RangeError(`there is no edge at ${edge}`);
  });
  return places.slice(1).map((place, i) => place - places[i]!);
}

/** Where in `edges`, ascending or descending, `x` is nearest. */
function nearestPlace(edges: Float64Array, x: number): number {
  const isAscending = edges[0]! < edges[edges.length - 1]!;
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAscending ? edges[middle]! < x : edges[middle]! > x) low = middle + 1;
    else high = middle;
  }
  const isBefore = low > 0 && Math.abs(edges[low - 1]! - x) <= Math.abs(edges[low]! - x);
  return isBefore ? low - 1 : low;
}
