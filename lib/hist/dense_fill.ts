/**
 * Filling a dense array of cells: entries go block by block from values to bins, from bins to places, and
 * from places into cells, with scratch memory that is allocated once.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { isCategoryAxis } from "./axis.ts";
import { type BinMap, countCells, growthMap, identityMap, moveCells } from "./cell_layout.ts";
import { findBins, growBins } from "./fill_bins.ts";
import { addEntries } from "./fill_cells.ts";
import { fillFused } from "./fill_fused.ts";
import { type Column, countEntries, type NumberColumn } from "./fill_columns.ts";
import { type CellKind, type Cells, isMeanKind } from "./storage.ts";

/** Entries that are on their way at once: their values, bins and places stay in the first-level cache. */
const blockEntries = 2048;

const placesScratch = new Int32Array(blockEntries);
const binsScratch = new Int32Array(blockEntries);

/** A dense array: axes, and the cells over them, row-major, flow bins included. */
export interface DenseState {
  /** In order of dimensions. */
  axes: Axis[];
  /** How a cell is laid out. */
  readonly kind: CellKind;
  /** As many as the product of the extents. */
  cells: Cells;
}

/** What a fill adds. */
export interface DenseEntries {
  /** A column for each axis. */
  readonly columns: readonly Column[];
  /** Their weights; without, each counts one. */
  readonly weight: NumberColumn | undefined;
  /** What means are taken of; for those storages only, and always for them. */
  readonly sample: NumberColumn | undefined;
}

/** How the axes of a dense array changed: where their bins went, and their extents now. */
export interface DenseGrowth {
  readonly maps: readonly BinMap[];
  readonly extents: readonly number[];
}

/**
 * Adds `entries` to `state`, in order, growing axes that grow and lack a bin.
 *
 * All or nothing: after an error, `state` is as before.
 *
 * @returns how the cells moved if an axis grew.
 * @throws {RangeError} if lengths differ, or an axis cannot grow as far as needed.
 * @throws {TypeError} if weights of integer cells are not integers, or samples are missing or not expected.
 */
export function fillDense(state: DenseState, entries: DenseEntries): DenseGrowth | undefined {
  const { columns, weight, sample } = entries;
  if (columns.length !== state.axes.length) {
    throw new RangeError(
      `Cannot fill ${state.axes.length} axes: there are ${columns.length} columns`,
    );
  }
  checkSample(state.kind, sample);
  const numbers = [weight, sample].filter((column) => column !== undefined);
  const count = countEntries([...columns, ...numbers]);
  if (weight !== undefined && state.kind === "i64") checkIntegers(weight.values);
  if (state.axes.some((axis) => axis.growth)) return fillGrowing(state, { ...entries, count });
  if (!fillFused(state, { ...entries, count })) fillFixed(state, { ...entries, count });
  return undefined;
}

interface CountedEntries extends DenseEntries {
  readonly count: number;
}

function fillFixed(state: DenseState, entries: CountedEntries): void {
  const { axes, kind, cells } = state;
  const { columns, weight, sample } = entries;
  const places = placesScratch;
  for (let from = 0; from < entries.count; from += blockEntries) {
    const count = Math.min(blockEntries, entries.count - from);
    if (axes.length === 0) places.fill(0, 0, count);
    for (const [i, axis] of axes.entries()) {
      const source = { axis, column: columns[i]!, block: { from, count } };
      if (i === 0) {
        findBins(places, source);
      } else {
        findBins(binsScratch, source);
        appendBins(places, binsScratch, { count, extent: axis.extent });
      }
    }
    const weights = blockWeights(weight, from);
    addEntries(cells, { kind, places, count, weights, samples: blockWeights(sample, from) });
  }
}

function fillGrowing(state: DenseState, entries: CountedEntries): DenseGrowth | undefined {
  const { count, columns, weight, sample } = entries;
  const sizes = state.axes.map((axis) => axis.size);
  // Categories grow in place, since copying them for each fill would be slow; they can be taken back.
  const axes = state.axes.map((axis) => axis.growth && !isCategoryAxis(axis) ? axis.clone() : axis);
  try {
    const places = new Int32Array(count);
    const bins = new Int32Array(count);
    const added = new Int32Array(axes.length);
    for (const [i, axis] of axes.entries()) {
      const column = columns[i]!;
      const target = i === 0 ? places : bins;
      if (axis.growth) added[i] = growBins(target, { axis, column });
      else findBins(target, { axis, column, block: { from: 0, count } });
      if (i > 0) appendBins(places, bins, { count, extent: axis.extent });
    }
    const growth = growthOf(axes, { sizes, added });
    const { kind } = state;
    if (growth !== undefined) state.cells = moveCells(state.cells, { kind, ...growth });
    state.axes = axes;
    const weights = blockWeights(weight, 0);
    addEntries(state.cells, { kind, places, count, weights, samples: blockWeights(sample, 0) });
    return growth;
  } catch (error) {
    for (const [i, axis] of axes.entries()) if (isCategoryAxis(axis)) axis.shrinkTo(sizes[i]!);
    throw error;
  }
}

/** How cells must move now that axes of `sizes` bins have become `axes`; nothing if none has grown. */
function growthOf(
  axes: readonly Axis[],
  before: { sizes: readonly number[]; added: Int32Array },
): DenseGrowth | undefined {
  const { sizes, added } = before;
  if (axes.every((axis, i) => axis.size === sizes[i])) return undefined;
  const extents = axes.map((axis) => axis.extent);
  countCells(extents);
  const maps = axes.map((axis, i) =>
    axis.size === sizes[i] ? identityMap(axis.extent) : growthMap(sizes[i]!, axis, added[i]!)
  );
  return { maps, extents };
}

/** Appends a dimension of `extent` bins: place · extent + bin, and -1 if either is none. */
function appendBins(
  places: Int32Array,
  bins: Int32Array,
  size: { count: number; extent: number },
): void {
  const { count, extent } = size;
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    const bin = bins[k]!;
    places[k] = (place | bin) < 0 ? -1 : Math.imul(place, extent) + bin;
  }
}

function blockWeights(
  weight: NumberColumn | undefined,
  from: number,
): { values: Float64Array; from: number; isScalar: boolean } | undefined {
  if (weight === undefined) return undefined;
  const { values, isScalar } = weight;
  return { values, from: isScalar ? 0 : from, isScalar };
}

function checkSample(kind: CellKind, sample: NumberColumn | undefined): void {
  if (isMeanKind(kind) === (sample !== undefined)) return;
  throw new TypeError(
    sample === undefined
      ? "Cannot fill means: there is no sample"
      : "Cannot fill: only mean storages take a sample",
  );
}

function checkIntegers(weights: Float64Array): void {
  for (const weight of weights) {
    if (!Number.isSafeInteger(weight)) {
      throw new TypeError(`Cannot fill integer cells: the weight ${weight} is no safe integer`);
    }
  }
}
