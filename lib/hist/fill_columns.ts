/**
 * What users hand to a fill, brought into two forms: doubles and strings.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { checkInt32 } from "./integer_axis.ts";

/**
 * The values of one axis: one for each entry, or a single one for all. Numbers for numeric axes (integers of
 * 32 bits for integer and integer-category axes), booleans or numbers for boolean axes, strings for
 * string-category axes.
 */
export type FillColumn =
  | ArrayLike<number>
  | ArrayLike<boolean>
  | readonly string[]
  | BigInt64Array
  | number
  | string
  | boolean;

/** The weights of a fill: one for each entry, or a single one for all. */
export type FillWeight = ArrayLike<number> | number;

/** A checked column. */
export type Column = NumberColumn | StringColumn;

/** Values of a numeric axis. */
export interface NumberColumn {
  readonly type: "numbers";
  readonly values: Float64Array;
  /** Whether the only value stands for all entries. */
  readonly isScalar: boolean;
}

/** Values of a string-category axis. */
export interface StringColumn {
  readonly type: "strings";
  readonly values: readonly string[];
  /** Whether the only value stands for all entries. */
  readonly isScalar: boolean;
}

/**
 * `column` as values of `axis`; a `Float64Array` is not copied.
 *
 * @throws {TypeError} if the axis does not take such values.
 */
export function readColumn(column: FillColumn, axis: Axis): Column {
  return axis.type === "category_str"
    ? readStrings(column, axis)
    : readNumbers(column as Exclude<FillColumn, string | readonly string[]>, axis);
}

/** `weight` as a column. */
export function readWeight(weight: FillWeight): NumberColumn {
  if (typeof weight === "number") {
    return { type: "numbers", values: Float64Array.of(weight), isScalar: true };
  }
  const values = weight instanceof Float64Array ? weight : new Float64Array(weight);
  return { type: "numbers", values, isScalar: false };
}

/**
 * How many entries `columns` are: 1 if all are single values.
 *
 * @throws {RangeError} if their lengths differ.
 */
export function countEntries(columns: readonly Column[]): number {
  let count: number | undefined;
  for (const { values, isScalar } of columns) {
    if (isScalar || values.length === count) continue;
    if (count !== undefined) {
      throw new RangeError(`Cannot fill: columns of ${count} and of ${values.length} entries`);
    }
    count = values.length;
  }
  return count ?? 1;
}

function readStrings(column: FillColumn, axis: Axis): StringColumn {
  if (typeof column === "string") return { type: "strings", values: [column], isScalar: true };
  const values = column as readonly string[];
  if (!Array.isArray(column) || !values.every((value) => typeof value === "string")) {
    throw new TypeError(`Cannot fill the axis "${axis.name}": it takes strings only`);
  }
  return { type: "strings", values, isScalar: false };
}

function readNumbers(
  column: Exclude<FillColumn, string | readonly string[]>,
  axis: Axis,
): NumberColumn {
  if (typeof column === "string" || (Array.isArray(column) && column.some(isString))) {
    throw new TypeError(`Cannot fill the axis "${axis.name}": it takes no strings`);
  }
  const isScalar = typeof column === "number" || typeof column === "boolean";
  const values = isScalar ? Float64Array.of(Number(column)) : doublesOf(column);
  if (axis.type === "integer" || axis.type === "category_int") {
    if (!(column instanceof Int32Array)) { for (const value of values) checkInt32(value); }
  }
  return { type: "numbers", values, isScalar };
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function doublesOf(column: ArrayLike<number> | ArrayLike<boolean> | BigInt64Array): Float64Array {
  if (column instanceof Float64Array) return column;
  if (column instanceof BigInt64Array) return Float64Array.from(column, Number);
  // Booleans become 0 and 1 here, too.
  return new Float64Array(column as ArrayLike<number>);
}
