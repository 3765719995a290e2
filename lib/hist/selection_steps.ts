/**
 * Carrying out a resolved selection on an array of cells, in boost-histogram's steps: the order of additions
 * decides the last bits.
 *
 * @see boost_histogram/histogram.py, Histogram.__getitem__
 *
 * @module
 */

import { type Axis, isCategoryAxis } from "./axis.ts";
import { type AxisReduction, groupAxis, keepAxis, sliceAxis, sumAxis } from "./axis_reduction.ts";
import { cloneCells } from "./cell_sums.ts";
import { gatherCells, reduceCells } from "./cell_reduction.ts";
import { IntCategoryAxis, StrCategoryAxis } from "./category_axis.ts";
import type { CellKind, Cells, CellSource } from "./storage.ts";
import { type ResolvedSelection, toSelectionError } from "./selection_resolver.ts";

/** Cells over axes, some of which are gone by now: one cell long. */
interface Stage {
  readonly kind: CellKind;
  readonly axes: readonly (Axis | undefined)[];
  readonly cells: CellSource;
}

/** What remains: its axes, and new cells. */
export interface Remains {
  readonly axes: readonly Axis[];
  readonly cells: Cells;
}

/** Plain arrays of cells over axes. */
export interface SelectedCells {
  readonly kind: CellKind;
  readonly axes: readonly Axis[];
  readonly cells: CellSource;
}

/**
 * What `takes`, one for each axis, leave of `source`.
 *
 * @throws {SelectionError} if an axis does not shrink or merge like that.
 */
export function takeCells(source: SelectedCells, takes: readonly ResolvedSelection[]): Remains {
  let stage: Stage = gather(source, takes);
  for (const [place, take] of takes.entries()) {
    if (take.type !== "groups") continue;
    const { groups, range } = take;
    if (range !== undefined) stage = reduceOne(stage, place, (axis) => sliceAxis(axis, range));
    stage = reduceOne(stage, place, (axis) => groupAxis(axis, groups));
  }
  const hasRange = takes.some((take) =>
    take.type === "range" || (take.type === "sum" && take.range !== undefined)
  );
  if (hasRange) {
    stage = reduceAll(stage, (axis, place) => {
      const take = takes[place]!;
      return "range" in take && take.range !== undefined && take.type !== "groups"
        ? sliceAxis(axis, take.range)
        : keepAxis(axis);
    });
  }
  if (takes.some(({ type }) => type === "sum")) {
    stage = reduceAll(
      stage,
      (axis, place) => takes[place]!.type === "sum" ? sumAxis(axis) : keepAxis(axis),
    );
  }
  const { kind, axes, cells } = stage;
  return {
    axes: axes.filter((axis) => axis !== undefined),
    cells: cells === source.cells ? cloneCells(kind, cells) : cells as Cells,
  };
}

/** Takes single bins and lists of categories: copies, before anything is added. */
function gather(source: SelectedCells, takes: readonly ResolvedSelection[]): Stage {
  if (!takes.some(({ type }) => type === "pick" || type === "list")) return source;
  const { kind, axes, cells } = source;
  const bins = axes.map((axis, place) => {
    const take = takes[place]!;
    if (take.type === "pick") return Int32Array.of(take.bin);
    if (take.type !== "list") return keepAxis(axis).map;
    // What lies in no category stays, at the end.
    return Int32Array.from(axis.overflow ? [...take.bins, axis.size] : take.bins);
  });
  return {
    kind,
    axes: axes.map((axis, place) => pickedAxis(axis, takes[place]!)),
    cells: gatherCells(cells, { kind, extents: axes.map((axis) => axis.extent), bins }),
  };
}

/** What is left of `axis` once single bins and lists are taken; nothing if it is gone. */
export function pickedAxis(axis: Axis, take: ResolvedSelection): Axis | undefined {
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

function reduceOne(stage: Stage, place: number, reduce: (axis: Axis) => AxisReduction): Stage {
  return reduceAll(stage, (axis, other) => other === place ? reduce(axis) : keepAxis(axis));
}

function reduceAll(stage: Stage, reduce: (axis: Axis, place: number) => AxisReduction): Stage {
  const { kind, cells } = stage;
  const reductions = stage.axes.map((axis, place) => {
    if (axis === undefined) return { axis, map: Int32Array.of(0) };
    try {
      return reduce(axis, place);
    } catch (error) {
      throw toSelectionError(error, place);
    }
  });
  const axes = reductions.map(({ axis }) => axis);
  const extents = axes.map((axis) => axis?.extent ?? 1);
  const maps = reductions.map(({ map }) => map);
  return { kind, axes, cells: reduceCells(cells, { kind, maps, extents }) };
}
