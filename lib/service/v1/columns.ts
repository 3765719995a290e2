/**
 * The columns of FillSamples: checked against the axes, and turned into what a fill takes.
 *
 * Whatever is refused here is refused with its place, like `columns[2].values[7]`.
 *
 * @module
 */

import { type Axis, type FillWeight, type HistSpec, isMeanKind } from "../../hist/mod.ts";
import type { Column, FillSamplesRequest } from "../../wire/gen_v1.ts";
import { Code, invalidArgument, ServiceError, shorten } from "../errors.ts";

/** Entries of one fill: 128 MiB of doubles. */
export const ENTRIES_MAX = 2 ** 24;

/** Values of one axis; a single one that stands for all entries is no array. */
export type SampleColumn =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | readonly string[]
  | number
  | string;

/** What a request holds. */
export interface Samples {
  readonly entryCount: number;
  /** One for each axis: texts for string categories, doubles, or 32-bit integers for axes of integers. */
  readonly columns: readonly SampleColumn[];
  /** Integers if the storage is one of integers. */
  readonly weight: FillWeight | undefined;
  /** Exactly for means. */
  readonly sample: FillWeight | undefined;
}

/** @throws {ServiceError} INVALID_ARGUMENT, or RESOURCE_EXHAUSTED past {@linkcode ENTRIES_MAX}. */
export function readSamples(spec: HistSpec, request: FillSamplesRequest): Samples {
  const { columns, weight, sample } = request;
  if (columns.length !== spec.axes.length) {
    throw invalidArgument(
      `columns: there are ${columns.length}, the histogram has ${spec.axes.length} axes`,
    );
  }
  if (isMeanKind(spec.cellKind) && !sample) {
    throw invalidArgument(`sample: is missing; the storage is ${spec.storage}`);
  }
  if (!isMeanKind(spec.cellKind) && sample) {
    throw invalidArgument(`sample: only mean and weighted_mean take one, not ${spec.storage}`);
  }
  const places = columns.map(({ values }, i): Place => [`columns[${i}]`, values.value?.values]);
  if (weight) places.push(["weight", weight.values]);
  if (sample) places.push(["sample", sample.values]);
  const entryCount = countEntries(places);
  if (weight && spec.cellKind === "i64") checkIntegers(weight.values, spec);
  return {
    entryCount,
    columns: columns.map((column, i) => readColumn(column, spec.axes[i]!, `columns[${i}]`)),
    weight: weight && readDoubles(weight.values),
    sample: sample && readDoubles(sample.values),
  };
}

type Place = [path: string, values: readonly unknown[] | undefined];

function countEntries(places: readonly Place[]): number {
  let count = 1;
  for (const [path, values] of places) {
    if (!values) throw invalidArgument(`${path}: has no values`);
    if (values.length === 1 || values.length === count) continue;
    if (count !== 1) {
      throw invalidArgument(`${path}: has ${values.length} values, others ${count}`);
    }
    count = values.length;
  }
  if (count > ENTRIES_MAX) {
    throw new ServiceError(
      Code.ResourceExhausted,
      `columns: have ${count} values, the limit is ${ENTRIES_MAX}; fill in parts`,
    );
  }
  return count;
}

function readColumn(column: Column, axis: Axis, path: string): SampleColumn {
  const { value, case: kind } = column.values;
  if ((kind === "texts") !== (axis.type === "category_str")) {
    const takes = axis.type === "category_str" ? "texts" : "numbers";
    throw invalidArgument(
      `${path}: has ${kind}, the axis "${shorten(axis.name)}" (${axis.type}) takes ${takes}`,
    );
  }
  if (kind === "texts") return readTexts(value.values, path);
  const values: readonly (number | bigint)[] = value!.values;
  if (axis.type === "integer" || axis.type === "category_int") return readIntegers(values, path);
  return readDoubles(values);
}

function readTexts(values: readonly string[], path: string): readonly string[] | string {
  const wrong = values.findIndex((value) => !value.isWellFormed());
  if (wrong >= 0) throw invalidArgument(`${path}.values[${wrong}]: is no well-formed Unicode`);
  return values.length === 1 ? values[0]! : values;
}

function readIntegers(
  values: readonly (number | bigint)[],
  path: string,
): Int32Array<ArrayBuffer> | number {
  const integers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    integers[i] = value;
    if (integers[i] !== value) {
      throw invalidArgument(`${path}.values[${i}]: ${values[i]} is not a 32-bit integer`);
    }
  }
  return values.length === 1 ? integers[0]! : integers;
}

function readDoubles(
  values: readonly (number | bigint)[],
): Float64Array<ArrayBuffer> | number {
  if (values.length === 1) return Number(values[0]);
  if (typeof values[0] === "bigint") return Float64Array.from(values, Number);
  const numbers = values as readonly number[];
  const doubles = new Float64Array(numbers.length);
  // Five times as fast as the constructor.
  for (let i = 0; i < doubles.length; i++) doubles[i] = numbers[i]!;
  return doubles;
}

function checkIntegers(weights: readonly number[], spec: HistSpec): void {
  const wrong = weights.findIndex((weight) => !Number.isSafeInteger(weight));
  if (wrong < 0) return;
  throw invalidArgument(
    `weight.values[${wrong}]: ${weights[wrong]} is no safe integer; the storage is ${spec.storage}`,
  );
}
