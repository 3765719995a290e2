/**
 * The first half of a fill: from the values of one axis to its bins, a block at a time.
 *
 * A bin counts from 0 with the flow bins, underflow first; -1 stands for a value that has no bin: its
 * entry is dropped.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import {
  circularIndex,
  circularIntegerIndex,
  integerIndex,
  regularIndex,
  variableIndex,
  wrapVariable,
} from "./axis_index.ts";
import { guidedIndex, guideOf } from "./edge_guide.ts";
import { transformForward } from "./axis_transform.ts";
import type { Column, NumberColumn } from "./fill_columns.ts";
import type { RegularAxis } from "./regular_axis.ts";
import type { VariableAxis } from "./variable_axis.ts";

/** A run of entries. */
export interface Block {
  /** The first entry. */
  readonly from: number;
  /** Number of entries. */
  readonly count: number;
}

/** Writes the bins of `column` on `axis` for the entries of `block` to the front of `bins`. */
export function findBins(
  bins: Int32Array,
  source: { axis: Axis; column: Column; block: Block },
): void {
  const { axis, column, block } = source;
  const { from, count } = block;
  if (column.isScalar) {
    bins.fill(binOf(axis, indexOf(axis, column, 0)), 0, count);
  } else if (axis.type === "regular") {
    findRegularBins(bins, axis, { values: numbersOf(column), from, count });
  } else if (axis.type === "variable") {
    findVariableBins(bins, axis, { values: numbersOf(column), from, count });
  } else if (axis.type === "integer") {
    const { lower, size, circular, underflow, overflow } = axis;
    const values = numbersOf(column);
    for (let k = 0; k < count; k++) {
      const x = values[from + k]!;
      const index = circular ? circularIntegerIndex(x, lower, size) : integerIndex(x, lower, size);
      bins[k] = withFlow(index, size, underflow, overflow);
    }
  } else {
    for (let k = 0; k < count; k++) bins[k] = binOf(axis, indexOf(axis, column, from + k));
  }
}

interface Values {
  readonly values: Float64Array;
  readonly from: number;
  readonly count: number;
}

function findRegularBins(bins: Int32Array, axis: RegularAxis, source: Values): void {
  const { values, from, count } = source;
  const { size, transform, circular, underflow, overflow } = axis;
  const lower = axis.transformedLower;
  const range = axis.transformedRange;
  if (transform === undefined && !circular && underflow && overflow) {
    // By far the most common case: nothing is dropped, both ends have a bin.
    for (let k = 0; k < count; k++) {
      const z = (values[from + k]! - lower) / range;
      bins[k] = z < 1 ? z >= 0 ? ((z * size) | 0) + 1 : 0 : size + 1;
    }
    return;
  }
  for (let k = 0; k < count; k++) {
    const z = (transformForward(transform, values[from + k]!) - lower) / range;
    const index = circular ? circularIndex(z, size) : regularIndex(z, size, overflow);
    bins[k] = withFlow(index, size, underflow, overflow);
  }
}

function findVariableBins(bins: Int32Array, axis: VariableAxis, source: Values): void {
  const { values, from, count } = source;
  const { edges, size, circular, underflow, overflow } = axis;
  const guide = guideOf(edges);
  if (guide !== null && !circular && underflow && overflow) {
    for (let k = 0; k < count; k++) bins[k] = guidedIndex(values[from + k]!, edges, guide) + 1;
    return;
  }
  for (let k = 0; k < count; k++) {
    const x = values[from + k]!;
    const index = variableIndex(circular ? wrapVariable(x, edges) : x, edges, overflow);
    bins[k] = withFlow(index, size, underflow, overflow);
  }
}

// Far from every index: marks of flow bins while the axis still grows.
const underflowMark = -2147483648;
const overflowMark = -2147483647;

/**
 * As {@linkcode findBins} for all entries, growing `axis` so that each finite value has its bin.
 *
 * @returns the number of bins that were added in front.
 * @throws {RangeError} if the axis cannot grow that far; it may have grown until then.
 */
export function growBins(
  bins: Int32Array,
  source: { axis: Axis; column: Column },
): number {
  const { axis, column } = source;
  let added = 0;
  // Positions are relative to the first bin as it was at the start; only at the end it is known where it moved.
  for (let k = 0; k < bins.length; k++) {
    if (column.isScalar && k > 0) {
      bins[k] = bins[0]!;
      continue;
    }
    const { size } = axis;
    const front = growOne(axis, column, k);
    added += front;
    // The new outermost bin is for this value, whatever the rounding of index() says about it.
    let index = front > 0 ? 0 : axis.size - 1;
    if (axis.size === size) index = indexOf(axis, column, k);
    if (index < 0) bins[k] = underflowMark;
    else bins[k] = index < axis.size ? index - added : overflowMark;
  }
  const { size, underflow, overflow } = axis;
  for (let k = 0; k < bins.length; k++) {
    const position = bins[k]!;
    let index = position + added;
    if (position === underflowMark) index = -1;
    else if (position === overflowMark) index = size;
    bins[k] = withFlow(index, size, underflow, overflow);
  }
  return added;
}

function growOne(axis: Axis, column: Column, entry: number): number {
  if (axis.type === "boolean") return 0;
  if (axis.type === "category_str") return axis.growToHold(column.values[entry] as string);
  return axis.growToHold(column.values[entry] as number);
}

function indexOf(axis: Axis, column: Column, entry: number): number {
  if (axis.type === "category_str") return axis.index(column.values[entry] as string);
  return axis.index(column.values[entry] as number);
}

function binOf(axis: Axis, index: number): number {
  return withFlow(index, axis.size, axis.underflow, axis.overflow);
}

/** The bin of an index, or -1 if it is out of range and there is no flow bin for it. */
function withFlow(index: number, size: number, underflow: boolean, overflow: boolean): number {
  if (index < 0) return underflow ? 0 : -1;
  if (index >= size && !overflow) return -1;
  return underflow ? index + 1 : index;
}

function numbersOf(column: Column): Float64Array {
  return (column as NumberColumn).values;
}
