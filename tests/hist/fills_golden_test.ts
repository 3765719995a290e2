import assert from "node:assert/strict";
import {
  type Axis,
  BooleanAxis,
  type FillColumn,
  type FillWeight,
  Hist,
  IntegerAxis,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import {
  decodeNumbers,
  goldenCells,
  ints,
  normals,
  readGolden,
  storageNames,
  uniforms,
} from "./golden.ts";

interface FillCase {
  hist: string;
  storage: string;
  weight: "none" | "array" | "scalar";
  shape_flow: number[];
  view: unknown;
  values: unknown;
  variances: unknown;
  counts: unknown;
  sample: boolean;
}

const golden = readGolden<{
  n: number;
  cases: FillCase[];
  merge: { storage: string; a: unknown; b: unknown; sum: unknown }[];
  broadcast: { view: unknown };
}>("fills.json");

// The inputs, as fills.json documents them.
const count = golden.n;
const x = normals(new SeededPrng(11), count);
const y = normals(new SeededPrng(12), count);
const c = ints(new SeededPrng(13), count, [0, 3]).map((i) => "abc"[i]!);
const w = uniforms(new SeededPrng(14), count).map((u) => 0.5 + u);
const s = normals(new SeededPrng(15), count).map((sample) => 2 * sample + 1);
const i = ints(new SeededPrng(16), count, [-1, 6]);
const b = ints(new SeededPrng(17), count, [0, 2]);
const integerWeights = ints(new SeededPrng(18), count, [0, 4]).map((k) => 1 + k);

const regular = (bins: number, lower: number, upper: number) =>
  new RegularAxis({ bins, lower, upper });
const growing = () => new StrCategoryAxis({ growth: true });

const shapes: Record<string, [axes: Axis[], columns: FillColumn[]]> = {
  "1d_reg": [[regular(8, -2, 2)], [x]],
  "1d_reg_noflow": [
    [new RegularAxis({ bins: 8, lower: -2, upper: 2, underflow: false, overflow: false })],
    [x],
  ],
  "1d_var": [[new VariableAxis({ edges: [-2, -.5, 0, .25, 2] })], [x]],
  "1d_int": [[new IntegerAxis({ lower: 0, upper: 5 })], [i]],
  "1d_str_growth": [[growing()], [c]],
  "1d_str_flow": [[new StrCategoryAxis({ categories: ["a", "b"] })], [c]],
  "1d_bool": [[new BooleanAxis()], [b]],
  "1d_circ": [[new RegularAxis({ bins: 4, lower: 0, upper: 1, circular: true })], [x]],
  "2d": [[regular(4, -2, 2), new VariableAxis({ edges: [-1, 0, 2] })], [x, y]],
  "3d_cat": [[growing(), regular(3, -1, 2), new BooleanAxis()], [c, x, b]],
};

function weightOf(mode: string, isInteger: boolean): { weight?: FillWeight } {
  if (mode === "none") return {};
  if (mode === "array") return { weight: isInteger ? integerWeights : w };
  return { weight: isInteger ? 3 : 2.5 };
}

function cellsOf(hist: Hist): number[] {
  return Array.from(hist.cells as Float64Array, Number);
}

for (const fill of golden.cases) {
  const storage = storageNames[fill.storage]!;
  Deno.test(`Hist: ${fill.hist}, ${fill.storage}, weight ${fill.weight} (fills.json)`, () => {
    const [axes, columns] = shapes[fill.hist]!;
    const hist = new Hist(axes, { storage });
    const weight = weightOf(fill.weight, fill.storage.includes("Int64"));
    hist.fill(columns, fill.sample ? { ...weight, sample: s } : weight);
    assert.deepEqual(hist.extents, fill.shape_flow);
    assert.deepEqual(cellsOf(hist), goldenCells(fill.view));
    assert.deepEqual([...hist.values({ flow: true })], decodeNumbers(fill.values));
    const variances = hist.variances({ flow: true });
    if (fill.variances === null) assert.equal(variances, null);
    else assert.deepEqual([...variances!], decodeNumbers(fill.variances));
    assert.deepEqual([...hist.counts({ flow: true })], decodeNumbers(fill.counts));
  });
}

for (const merge of golden.merge) {
  const storage = storageNames[merge.storage]!;
  Deno.test(`Hist: adds histograms of storage ${merge.storage} (fills.json, merge)`, () => {
    const [first, second] = [0, 250].map((from) => {
      const hist = new Hist([regular(8, -2, 2)], { storage });
      const part = (column: Float64Array) => column.subarray(from, from + 250);
      hist.fill([part(x)], {
        ...(storage.startsWith("weight") ? { weight: part(w) } : {}),
        ...(storage.endsWith("mean") ? { sample: part(s) } : {}),
      });
      return hist;
    }) as [Hist, Hist];
    assert.deepEqual(cellsOf(first), goldenCells(merge.a));
    assert.deepEqual(cellsOf(second), goldenCells(merge.b));
    first.add(second);
    assert.deepEqual(cellsOf(first), goldenCells(merge.sum));
  });
}

Deno.test("Hist: a single value stands for all entries (fills.json, broadcast)", () => {
  const hist = new Hist([growing(), regular(4, -2, 2)]);
  hist.fill(["sig", x]);
  assert.deepEqual(cellsOf(hist), decodeNumbers(golden.broadcast.view));
});
