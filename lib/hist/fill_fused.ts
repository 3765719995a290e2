/**
 * The fast way of the commonest fills: one or two regular axes, each value in one pass from its place on the axis
 * into its cell.
 *
 * Entries without weights are counted as integers first, which takes half as long as adding to doubles.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import type { DenseEntries, DenseState } from "./dense_fill.ts";
import type { Cells } from "./storage.ts";

/** The most cells that are counted apart: 256 KiB of counts. */
const countedCellsMax = 65536;

/** Counts of one pass fit 32 bits. */
const passEntriesMax = 2147483647;

/** The numbers that make a bin of a value. */
interface Scale {
  readonly lower: number;
  readonly range: number;
  readonly size: number;
}

/**
 * Adds `count` entries to `state` if there is a fast way for it: regular axes with both flow bins, no transforms, a
 * value for each entry, and sums in the cells.
 *
 * @returns whether there was.
 */
export function fillFused(state: DenseState, entries: DenseEntries & { count: number }): boolean {
  const { axes, kind, cells } = state;
  const { columns, weight, count } = entries;
  const scales = axes.map(scaleOf).filter((scale) => scale !== undefined);
  const isPlain = scales.length === axes.length && (axes.length === 1 || axes.length === 2) &&
    columns.every(({ isScalar }) => !isScalar) && weight?.isScalar !== true;
  if (!isPlain || kind === "mean" || kind === "weighted_mean") return false;
  const [first, second] = scales as [Scale, Scale | undefined];
  const [x, y] = columns.map(({ values }) => values as Float64Array) as [
    Float64Array,
    Float64Array | undefined,
  ];
  if (weight === undefined) {
    const cellCount = axes.reduce((product, axis) => product * axis.extent, 1);
    if (cellCount > countedCellsMax || count < cellCount || count > passEntriesMax) return false;
    const counts = new Uint32Array(cellCount);
    if (y === undefined) countOne(counts, x, first);
    else countTwo(counts, { x, y, first, second: second! });
    addCounts(cells, kind === "weighted" ? 2 : 1, counts);
    return true;
  }
  if (kind === "i64") return false;
  const doubles = cells as Float64Array;
  const weights = weight.values;
  if (y === undefined) {
    if (kind === "f64") weighOne(doubles, { x, weights, first });
    else squareOne(doubles, { x, weights, first });
  } else {
    const source = { x, y, weights, first, second: second! };
    if (kind === "f64") weighTwo(doubles, source);
    else squareTwo(doubles, source);
  }
  return true;
}

function scaleOf(axis: Axis): Scale | undefined {
  const isPlain = axis.type === "regular" && axis.transform === undefined && !axis.circular &&
    axis.underflow && axis.overflow;
  if (!isPlain) return undefined;
  return { lower: axis.transformedLower, range: axis.transformedRange, size: axis.size };
}

// The loops below say the same in six ways: what a call or a closure in them would cost is what they save.

function countOne(counts: Uint32Array, x: Float64Array, scale: Scale): void {
  const { lower, range, size } = scale;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    counts[z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1]!++;
  }
}

interface One {
  readonly x: Float64Array;
  readonly weights: Float64Array;
  readonly first: Scale;
}

function weighOne(cells: Float64Array, source: One): void {
  const { x, weights } = source;
  const { lower, range, size } = source.first;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    cells[z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1]! += weights[i]!;
  }
}

function squareOne(cells: Float64Array, source: One): void {
  const { x, weights } = source;
  const { lower, range, size } = source.first;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    const at = 2 * (z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1);
    const weight = weights[i]!;
    cells[at]! += weight;
    cells[at + 1]! += weight * weight;
  }
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly first: Scale;
  readonly second: Scale;
}

function countTwo(counts: Uint32Array, source: Points): void {
  const { x, y } = source;
  const { lower, range, size } = source.first;
  const { lower: lowerY, range: rangeY, size: sizeY } = source.second;
  const extentY = sizeY + 2;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    const u = (y[i]! - lowerY) / rangeY;
    const bin = z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1;
    const binY = u < 1 ? u >= 0 ? ((u * sizeY) | 0) + 1 : 0 : sizeY + 1;
    counts[Math.imul(bin, extentY) + binY]!++;
  }
}

function weighTwo(cells: Float64Array, source: Points & One): void {
  const { x, y, weights } = source;
  const { lower, range, size } = source.first;
  const { lower: lowerY, range: rangeY, size: sizeY } = source.second;
  const extentY = sizeY + 2;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    const u = (y[i]! - lowerY) / rangeY;
    const bin = z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1;
    const binY = u < 1 ? u >= 0 ? ((u * sizeY) | 0) + 1 : 0 : sizeY + 1;
    cells[Math.imul(bin, extentY) + binY]! += weights[i]!;
  }
}

function squareTwo(cells: Float64Array, source: Points & One): void {
  const { x, y, weights } = source;
  const { lower, range, size } = source.first;
  const { lower: lowerY, range: rangeY, size: sizeY } = source.second;
  const extentY = sizeY + 2;
  for (let i = 0; i < x.length; i++) {
    const z = (x[i]! - lower) / range;
    const u = (y[i]! - lowerY) / rangeY;
    const bin = z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1;
    const binY = u < 1 ? u >= 0 ? ((u * sizeY) | 0) + 1 : 0 : sizeY + 1;
    const at = 2 * (Math.imul(bin, extentY) + binY);
    const weight = weights[i]!;
    cells[at]! += weight;
    cells[at + 1]! += weight * weight;
  }
}

/** Adds to each element of each cell as many ones as counted: the same bits as one by one. */
function addCounts(cells: Cells, width: number, counts: Uint32Array): void {
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell]!;
    if (count === 0) continue;
    if (cells instanceof BigInt64Array) {
      cells[cell]! += BigInt(count);
      continue;
    }
    for (let at = cell * width; at < (cell + 1) * width; at++) {
      const sum = cells[at]! + count;
      if (Number.isSafeInteger(cells[at]) && Number.isSafeInteger(sum)) cells[at] = sum;
      else for (let i = 0; i < count; i++) cells[at]! += 1;
    }
  }
}
