/**
 * Reading of the golden vectors in tests/data/hist, and the random numbers behind them.
 *
 * @module
 */

import { type DenseAxis, IntegerAxis, RegularAxis, VariableAxis } from "../../lib/hist/mod.ts";
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

/** An axis as fuzz.json describes it, for those that it does not call by UHI's names. */
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

/** The numeric axis that `golden` describes. */
export function goldenAxis(golden: GoldenAxis): DenseAxis {
  const { args = [], edges = [], underflow = true, overflow = true } = golden;
  const flow = {
    underflow,
    overflow,
    circular: golden.circular ?? false,
    growth: golden.growth ?? false,
  };
  switch (golden.type) {
    case "Regular": {
      const [bins, lower, upper] = args as [number, number, number];
      const transform = golden.transform;
      const scale = transform === undefined ? {} : { transform: { type: transform } };
      return new RegularAxis({ bins, lower, upper, ...flow, ...scale });
    }
    case "Variable":
      return new VariableAxis({ edges, ...flow });
    case "Integer": {
      const [lower, upper] = args as [number, number];
      return new IntegerAxis({ lower, upper, ...flow });
    }
    default:
      throw new RangeError(`Cannot make a golden axis: unknown type "${golden.type}"`);
  }
}
