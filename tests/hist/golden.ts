/**
 * Reading of the golden vectors in tests/data/hist, and the random numbers behind them.
 *
 * @module
 */

import {
  type Axis,
  BooleanAxis,
  IntCategoryAxis,
  IntegerAxis,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import type { SeededPrng } from "../../lib/base/mod.ts";

/** A number of the golden files: not finite ones are strings. */
export type GoldenNumber = number | "NaN" | "Infinity" | "-Infinity";

/** The golden file `name`. */
export function readGolden<T>(name: string): T {
  return JSON.parse(Deno.readTextFileSync(new URL(`../data/hist/${name}`, import.meta.url)));
}

/** The numbers that `values` stand for, nested arrays flattened. */
export function decodeNumbers(values: unknown): number[] {
  return [values].flat(40).map((value) => Number(value));
}

/** `count` numbers, each the sum of 12 uniform ones less 6. */
export function normals(prng: SeededPrng, count: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: count }, () => {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += prng.uniform();
    return sum - 6;
  });
}

/** `count` numbers in [0, 1). */
export function uniforms(prng: SeededPrng, count: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: count }, () => prng.uniform());
}

/** `count` integers in [low, high). */
export function ints(
  prng: SeededPrng,
  count: number,
  range: [low: number, high: number],
): number[] {
  return Array.from({ length: count }, () => prng.int(...range));
}

/** An axis as fuzz.json and fills.json describe it. */
export interface GoldenAxis {
  type: string;
  args?: number[];
  edges?: number[];
  categories?: (number | string)[];
  underflow?: boolean;
  overflow?: boolean;
  circular?: boolean;
  growth?: boolean;
  transform?: "sqrt" | "log";
}

/** The axis that `golden` describes. */
export function goldenAxis(golden: GoldenAxis): Axis {
  const { args = [], edges = [], underflow = true, overflow = true, transform } = golden;
  const flow = {
    underflow,
    overflow,
    circular: golden.circular ?? false,
    growth: golden.growth ?? false,
  };
  const [first, second, third] = args as [number, number, number];
  switch (golden.type) {
    case "Regular": {
      const scale = transform === undefined ? {} : { transform: { type: transform } };
      return new RegularAxis({ bins: first, lower: second, upper: third, ...flow, ...scale });
    }
    case "Variable":
      return new VariableAxis({ edges, ...flow });
    case "Integer":
      return new IntegerAxis({ lower: first, upper: second, ...flow });
    case "Boolean":
      return new BooleanAxis();
    case "IntCategory":
      return new IntCategoryAxis({ categories: golden.categories as number[], ...flow });
    case "StrCategory":
      return new StrCategoryAxis({ categories: golden.categories as string[], ...flow });
    default:
      throw new RangeError(`Cannot make a golden axis: unknown type "${golden.type}"`);
  }
}

/** What the golden files call the storages that we have. */
export const storageNames: Readonly<Record<string, StorageType>> = {
  Double: "double",
  Int64: "int64",
  AtomicInt64: "atomic_int64",
  Weight: "weight",
  Unlimited: "unlimited",
  Mean: "mean",
  WeightedMean: "weighted_mean",
};

/** Cells as the golden files show a view: numbers, or an array for each field. */
export function goldenCells(view: unknown): number[] {
  if (Array.isArray(view)) return decodeNumbers(view);
  const fields = Object.values(view as Record<string, unknown>).map(decodeNumbers);
  return fields[0]!.flatMap((_, i) => fields.map((field) => field[i]!));
}
