/**
 * Evaluating a selection chunk by chunk, without ever building the whole array: which chunks are needed, which of
 * them are added up, and what is then left of their cells.
 *
 * @module
 */

import { type Axis, type CategoryAxis, isCategoryAxis } from "./axis.ts";
import { type BinMap, countCells } from "./cell_layout.ts";
import { addCells, cloneCells, copyCells } from "./cell_sums.ts";
import { permuteCells } from "./cell_reduction.ts";
import { binOfScalar, type ChunkKey } from "./chunk_key.ts";
import { type ChunkedHist, growCategories } from "./chunked_hist.ts";
import { Hist } from "./hist.ts";
import { type HistSpec, makeHistSpec } from "./hist_spec.ts";
import type { Selection } from "./selection.ts";
import { resolveSelection } from "./selection_resolver.ts";
import { planSteps, reduceByTake, runSteps, type SelectionSteps } from "./selection_steps.ts";
import { type Cells, type CellSource, cellWidth, newCells } from "./storage.ts";

/** What becomes of the categories of one axis. */
export interface CategoryPlan {
  /** The axis as it was when the plan was made. */
  readonly axis: CategoryAxis;
  /** What remains of it; nothing if it is picked or summed away. */
  readonly kept: CategoryAxis | undefined;
  /** From each category's bin, overflow last, to a bin of what remains (0 if nothing does), or -1. */
  readonly map: BinMap;
}

/**
 * How to answer a selection from chunks: add the cells of all chunks of a group, as {@linkcode addCells} does, then
 * hand the sums to {@linkcode applyDense}.
 */
export interface SelectionPlan {
  /** The histogram that is asked. */
  readonly spec: HistSpec;
  /** The answer: the remaining axes, in declaration order. */
  readonly result: HistSpec;
  /** One for each category axis, in declaration order. */
  readonly categories: readonly CategoryPlan[];
  /** Number of keys that {@linkcode keysOf} gives: if it is more than there are chunks, rather look at those. */
  readonly keyCount: number;
  /** Number of groups: the product of the extents of the kept category axes, 1 for none. */
  readonly groupCount: number;
  /** Cells of the answer, flow bins included. May be far more than there is memory. */
  readonly resultCells: number;
  /** What is done with the cells of a group. */
  readonly dense: SelectionSteps;
}

/**
 * How to answer `selection` from the chunks of a histogram. The category axes of `spec` must hold the categories
 * that there are by now; what is filled under others later is not in the answer.
 *
 * Costs as much time and memory as the axes have bins; cells are not touched.
 *
 * @throws {SelectionError} if the selection does not fit the axes.
 *
 * @example
 * ```ts
 * import { addCells, applyDense, type Cells, groupOf, newCells, planSelection } from "@histserv/hist";
 * import type { ChunkKey, Hist, HistSpec, Selection } from "@histserv/hist";
 *
 * function answer(
 *   spec: HistSpec,
 *   selection: Selection,
 *   chunks: Iterable<readonly [ChunkKey, Cells]>,
 * ): Hist {
 *   const plan = planSelection(spec, selection);
 *   const sums = new Map<number, Cells>();
 *   for (const [key, cells] of chunks) {
 *     const group = groupOf(plan, key);
 *     if (group < 0) continue;
 *     const sum = sums.get(group) ?? newCells(spec.cellKind, spec.chunkCells);
 *     addCells(spec.cellKind, sum, cells);
 *     sums.set(group, sum);
 *   }
 *   return applyDense(plan, sums);
 * }
 * ```
 */
export function planSelection(spec: HistSpec, selection: Selection): SelectionPlan {
  const takes = resolveSelection(spec.axes, selection);
  const categories: CategoryPlan[] = [];
  const densePlaces: number[] = [];
  for (const [place, axis] of spec.axes.entries()) {
    if (!isCategoryAxis(axis)) {
      densePlaces.push(place);
      continue;
    }
    const { axis: kept, map } = reduceByTake(axis, takes[place]!, place);
    // A copy: the axis of a living histogram grows on.
    categories.push({ axis, kept: kept?.clone() as CategoryAxis | undefined, map });
  }
  const denseTakes = densePlaces.map((place) => takes[place]!);
  const dense = planSteps(spec.denseAxes, denseTakes, { places: densePlaces });
  const axes = inDeclarationOrder(spec.axes, { categories, dense }).filter(isPresent);
  const { storage, name, label } = spec;
  const groupCount = product(categories.map(({ kept }) => kept?.extent ?? 1));
  return {
    spec,
    result: makeHistSpec(axes, { storage, name, label }),
    categories,
    keyCount: product(categories.map(({ map }) => neededBins(map).length)),
    groupCount,
    resultCells: groupCount * product(dense.axes.map((axis) => axis?.extent ?? 1)),
    dense,
  };
}

function inDeclarationOrder(
  axes: readonly Axis[],
  plans: { categories: readonly CategoryPlan[]; dense: SelectionSteps },
): (Axis | undefined)[] {
  let category = 0;
  let dense = 0;
  return axes.map((axis) =>
    isCategoryAxis(axis) ? plans.categories[category++]!.kept : plans.dense.axes[dense++]
  );
}

function isPresent(axis: Axis | undefined): axis is Axis {
  return axis !== undefined;
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

function neededBins(map: BinMap): number[] {
  return map.keys().filter((bin) => map[bin]! >= 0).toArray();
}

/**
 * The keys of the chunks that `plan` needs, each once, in order of the categories; those that were never filled
 * among them.
 */
export function* keysOf(plan: SelectionPlan): IterableIterator<ChunkKey> {
  const parts = plan.categories.map(({ axis, map }) => {
    const all: (string | number | null)[] = axis.categories;
    // The overflow bin has no category.
    return neededBins(map).map((bin) => axis.overflow && bin === map.length - 1 ? null : all[bin]!);
  });
  const key = parts.map((list) => list[0]!);
  if (parts.some((list) => list.length === 0)) return;
  const positions = new Int32Array(parts.length);
  for (;;) {
    yield [...key];
    let i = parts.length - 1;
    for (; i >= 0; i--) {
      positions[i] = (positions[i]! + 1) % parts[i]!.length;
      key[i] = parts[i]![positions[i]!]!;
      if (positions[i]! > 0) break;
    }
    if (i < 0) return;
  }
}

/** The group, in [0, groupCount), in which the chunk of `key` is added up; -1 if it is not needed. */
export function groupOf(plan: SelectionPlan, key: ChunkKey): number {
  let group = 0;
  for (const [i, { axis, kept, map }] of plan.categories.entries()) {
    const scalar = key[i]!;
    let bin = binOfScalar(axis, scalar);
    if (scalar === null) bin = axis.overflow ? map.length - 1 : -1;
    else if (bin >= axis.size) return -1;
    const to = map[bin] ?? -1;
    if (to < 0) return -1;
    group = group * (kept?.extent ?? 1) + to;
  }
  return group;
}

/**
 * The answer: the histogram of what remains, from the summed cells of each group. Groups that are missing are
 * empty. The cells are only read.
 *
 * @throws {RangeError} if a group is out of range, if there are not as many cells as a chunk has, or not enough
 * memory for the answer.
 */
export function applyDense(
  plan: SelectionPlan,
  groups: Iterable<readonly [group: number, cells: CellSource]>,
): Hist {
  const { spec, result, dense, groupCount } = plan;
  const { cellKind: kind, storage, name, label } = spec;
  const groupCells = product(dense.axes.map((axis) => axis?.extent ?? 1));
  const stacked = newCells(kind, countCells([groupCount, groupCells]));
  const length = stacked.length / groupCount;
  for (const [group, cells] of groups) {
    if (!(group >= 0 && group < groupCount) || cells.length !== spec.chunkCells * cellWidth(kind)) {
      throw new RangeError(`Cannot answer: group ${group} with ${cells.length} elements`);
    }
    const target = stacked.subarray(group * length, (group + 1) * length);
    copyCells(target, runSteps(kind, dense.steps, cells));
  }
  return new Hist(result.axes, { storage, name, label, cells: unstack(plan, stacked) });
}

/** Cells with the category axes in front, brought into declaration order. */
function unstack(plan: SelectionPlan, stacked: Cells): Cells {
  const kept = plan.result.axes;
  const isCategory = (axis: Axis) => isCategoryAxis(axis);
  const front = kept.filter(isCategory);
  const stackedAxes = [...front, ...kept.filter((axis) => !isCategory(axis))];
  const order = kept.map((axis) => stackedAxes.indexOf(axis));
  if (order.every((axis, i) => axis === i)) return stacked;
  const extents = stackedAxes.map((axis) => axis.extent);
  return permuteCells(stacked, { kind: plan.spec.cellKind, extents, order });
}

/**
 * The part of `chunked` that `selection` takes: as `select` of its dense histogram, which is never built. Of sums over
 * categories the last bits may differ.
 *
 * @throws {SelectionError} if the selection does not fit the axes.
 */
export function selectChunks(chunked: ChunkedHist, selection: Selection): Hist {
  const { spec } = chunked;
  const axes = spec.axes.map((axis) => axis.clone());
  const categoryAxes = axes.filter(isCategoryAxis);
  for (const axis of categoryAxes) axis.shrinkTo(0);
  for (const { key } of chunked.chunks()) growCategories(categoryAxes, key);
  const plan = planSelection(makeHistSpec(axes, spec), selection);
  const sums = new Map<number, Cells>();
  for (const { key, cells } of chunked.chunks()) {
    const group = groupOf(plan, key);
    if (group < 0) continue;
    const sum = sums.get(group);
    if (sum === undefined) sums.set(group, cloneCells(spec.cellKind, cells));
    else addCells(spec.cellKind, sum, cells);
  }
  return applyDense(plan, sums);
}
