/**
 * Answers of cells that are not zero, with their positions: whatever the number of categories, only what was filled
 * costs memory.
 *
 * @module
 */

import {
  applyDense,
  type Cells,
  type CellSource,
  cellWidth,
  isCategoryAxis,
  makeHistSpec,
  newCells,
  type SelectionPlan,
} from "../../hist/mod.ts";

/** Cells and where they stand in the dense array, ascending. */
export interface SparseCells {
  readonly cells: Cells;
  readonly indices: bigint[];
}

/**
 * The cells that are not zero of what `plan` makes of `groups`; null if they and their positions would have more than
 * `bytesMax` bytes as a message.
 */
export function gatherSparse(
  plan: SelectionPlan,
  groups: Iterable<readonly [group: number, cells: CellSource]>,
  bytesMax: number,
): SparseCells | null {
  const kind = plan.spec.cellKind;
  const width = cellWidth(kind);
  const { groupBases, cellOffsets } = layoutOf(plan);
  const reduce = groupReducer(plan);
  const found: [index: number, at: number][] = [];
  let kept = newCells(kind, 64);
  let bytes = 0;
  for (const [group, source] of groups) {
    const cells = reduce(source);
    const base = groupBases(group);
    for (let at = 0; at < cells.length; at += width) {
      if (isZero(cells, at, width)) continue;
      const index = base + cellOffsets(at / width);
      bytes += width * 8 + varintBytes(index);
      if (bytes > bytesMax) return null;
      const to = found.length * width;
      if (to === kept.length) kept = enlarged(kept);
      for (let i = 0; i < width; i++) kept[to + i] = cells[at + i]!;
      found.push([index, to]);
    }
  }
  return ordered(found, { kept, width, cells: newCells(kind, found.length) });
}

/** Groups come in order, but a category axis may stand behind a dense one. */
function ordered(
  found: [index: number, at: number][],
  store: { kept: Cells; width: number; cells: Cells },
): SparseCells {
  const { kept, width, cells } = store;
  found.sort(([a], [b]) => a - b);
  for (const [place, [, at]] of found.entries()) {
    for (let i = 0; i < width; i++) cells[place * width + i] = kept[at + i]!;
  }
  return { cells, indices: found.map(([index]) => BigInt(index)) };
}

function isZero(cells: CellSource, at: number, width: number): boolean {
  // Both 0 and 0n.
  for (let i = 0; i < width; i++) if (cells[at + i] != 0) return false;
  return true;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value / 128; rest >= 1; rest /= 128) bytes++;
  return bytes;
}

function enlarged(cells: Cells): Cells {
  if (cells instanceof BigInt64Array) {
    const larger = new BigInt64Array(cells.length * 2);
    larger.set(cells);
    return larger;
  }
  const larger = new Float64Array(cells.length * 2);
  larger.set(cells);
  return larger;
}

/** What is done with the cells of one group: the plan's dense part, as if there were no categories. */
function groupReducer(plan: SelectionPlan): (cells: CellSource) => CellSource {
  if (plan.dense.steps.length === 0) return (cells) => cells;
  const axes = plan.result.axes.filter((axis) => !isCategoryAxis(axis));
  const result = makeHistSpec(axes, { storage: plan.spec.storage });
  const { chunkCells: resultCells } = result;
  const alone: SelectionPlan = { ...plan, categories: [], groupCount: 1, result, resultCells };
  return (cells) => applyDense(alone, [[0, cells]]).cells;
}

/** Where the cells of groups lie in the dense array of the answer, whose axes stand in declaration order. */
function layoutOf(plan: SelectionPlan): {
  groupBases: (group: number) => number;
  cellOffsets: (cell: number) => number;
} {
  const { axes } = plan.result;
  const steps: { readonly extent: number; readonly stride: number; readonly isKey: boolean }[] = [];
  let stride = 1;
  for (const axis of axes.toReversed()) {
    steps.push({ extent: axis.extent, stride, isKey: isCategoryAxis(axis) });
    stride *= axis.extent;
  }
  // The last axis varies fastest in a group's number, too.
  const placeIn = (dimensions: typeof steps) => (number: number) => {
    let rest = number;
    let place = 0;
    for (const { extent, stride } of dimensions) {
      place += (rest % extent) * stride;
      rest = Math.floor(rest / extent);
    }
    return place;
  };
  return {
    groupBases: placeIn(steps.filter(({ isKey }) => isKey)),
    cellOffsets: placeIn(steps.filter(({ isKey }) => !isKey)),
  };
}
