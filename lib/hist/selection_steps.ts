/**
 * Carrying out a resolved selection on arrays of cells, in boost-histogram's steps: the order of additions decides
 * the last bits.
 *
 * @see boost_histogram/histogram.py, Histogram.__getitem__
 *
 * @module
 */

import { type Axis, isCategoryAxis } from "./axis.ts";
import { type AxisReduction, groupAxis, keepAxis, sliceAxis, sumAxis } from "./axis_reduction.ts";
import type { BinMap } from "./cell_layout.ts";
import { gatherCells, reduceCells } from "./cell_reduction.ts";
import { cloneCells } from "./cell_sums.ts";
import { IntCategoryAxis, StrCategoryAxis } from "./category_axis.ts";
import { type ResolvedSelection, toSelectionError } from "./selection_resolver.ts";
import type { CellKind, Cells, CellSource } from "./storage.ts";

/** A pass over all cells: copying those at some bins, or adding each where its bins lead. */
export type SelectionStep =
  | { readonly type: "gather"; readonly extents: readonly number[]; readonly bins: BinMap[] }
  | { readonly type: "reduce"; readonly extents: readonly number[]; readonly maps: BinMap[] };

/** What is to be done with cells, and the axes that then remain. */
export interface SelectionSteps {
  /** To be carried out in order. */
  readonly steps: readonly SelectionStep[];
  /** What remains of each axis; nothing of those that are gone, which are one cell long. */
  readonly axes: readonly (Axis | undefined)[];
}

/** Axes on the way; one that is gone is one cell long. */
type StageAxes = readonly (Axis | undefined)[];

/**
 * What to do to take `takes`, one for each of `axes`, which errors number as `places` says. Memory: 4 bytes for each
 * bin of each axis.
 *
 * @throws {SelectionError} if an axis does not shrink or merge like that.
 */
export function planSteps(
  axes: readonly Axis[],
  takes: readonly ResolvedSelection[],
  options: { places?: readonly number[] } = {},
): SelectionSteps {
  const { places = axes.keys().toArray() } = options;
  const steps: SelectionStep[] = [];
  let stage: StageAxes = axes;
  function reduce(reduceAxis: (axis: Axis, place: number) => AxisReduction): void {
    const reductions = stage.map((axis, i) => {
      if (axis === undefined) return { axis, map: Int32Array.of(0) };
      try {
        return reduceAxis(axis, i);
      } catch (error) {
        throw toSelectionError(error, places[i]!);
      }
    });
    stage = reductions.map(({ axis }) => axis);
    const extents = stage.map((axis) => axis?.extent ?? 1);
    steps.push({ type: "reduce", extents, maps: reductions.map(({ map }) => map) });
  }

  // Single bins and lists first: copies, before anything is added.
  if (takes.some(({ type }) => type === "pick" || type === "list")) {
    const bins = axes.map((axis, place) => gatheredBins(axis, takes[place]!));
    steps.push({ type: "gather", extents: axes.map((axis) => axis.extent), bins });
    stage = axes.map((axis, place) => pickedAxis(axis, takes[place]!));
  }
  for (const [place, take] of takes.entries()) {
    if (take.type !== "groups") continue;
    const { groups, range } = take;
    if (range !== undefined) {
      reduce((axis, other) => other === place ? sliceAxis(axis, range) : keepAxis(axis));
    }
    reduce((axis, other) => other === place ? groupAxis(axis, groups) : keepAxis(axis));
  }
  const ranges = takes.map((take) =>
    take.type === "range" || take.type === "sum" ? take.range : undefined
  );
  if (ranges.some((range) => range !== undefined)) {
    reduce((axis, place) =>
      ranges[place] === undefined ? keepAxis(axis) : sliceAxis(axis, ranges[place])
    );
  }
  if (takes.some(({ type }) => type === "sum")) {
    reduce((axis, place) => takes[place]!.type === "sum" ? sumAxis(axis) : keepAxis(axis));
  }
  return { steps, axes: stage };
}

/** New cells: those that `steps` make of `source`. */
export function runSteps(
  kind: CellKind,
  steps: readonly SelectionStep[],
  source: CellSource,
): Cells {
  let cells: Cells | undefined;
  for (const step of steps) {
    const { extents } = step;
    cells = step.type === "gather"
      ? gatherCells(cells ?? source, { kind, extents, bins: step.bins })
      : reduceCells(cells ?? source, { kind, extents, maps: step.maps });
  }
  return cells ?? cloneCells(kind, source);
}

function gatheredBins(axis: Axis, take: ResolvedSelection): BinMap {
  if (take.type === "pick") return Int32Array.of(take.bin);
  if (take.type !== "list") return keepAxis(axis).map;
  // What lies in no category stays, at the end.
  return Int32Array.from(axis.overflow ? [...take.bins, axis.size] : take.bins);
}

/** What is left of `axis` once single bins and lists are taken; nothing if it is gone. */
function pickedAxis(axis: Axis, take: ResolvedSelection): Axis | undefined {
  if (take.type === "pick") return undefined;
  if (take.type !== "list" || !isCategoryAxis(axis)) return axis;
  const { overflow, growth, metadata } = axis;
  const options = { overflow, growth, metadata };
  if (axis.type === "category_str") {
    const all = axis.categories;
    return new StrCategoryAxis({ categories: take.bins.map((bin) => all[bin]!), ...options });
  }
  const all = axis.categories;
  return new IntCategoryAxis({ categories: take.bins.map((bin) => all[bin]!), ...options });
}

/** What a selection makes of one axis alone: the axis that remains, and where its bins go, or -1. */
export function reduceByTake(axis: Axis, take: ResolvedSelection, place: number): AxisReduction {
  const { axes: [left], steps } = planSteps([axis], [take], { places: [place] });
  let map = keepAxis(axis).map;
  for (const step of steps) {
    if (step.type === "reduce") map = map.map((bin) => bin < 0 ? -1 : step.maps[0]![bin]!);
    else map = map.map((bin) => step.bins[0]!.indexOf(bin));
  }
  return { axis: left, map };
}
