import assert from "node:assert/strict";
import { histogram, histogramdd, type NumpyRange } from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { decodeNumbers, normals, readGolden, uniforms } from "./golden.ts";

interface NumpyCase {
  bins: number | number[];
  range: NumpyRange | null;
  weighted: boolean;
  density: boolean;
  counts: unknown;
  edges: unknown;
}

const golden = readGolden<{
  cases: NumpyCase[];
  dd: { bins: number[]; range: NumpyRange[]; counts: unknown; edges: unknown };
  "2d": { counts: unknown };
}>("numpy.json");

const x = normals(new SeededPrng(11), 500);
const y = normals(new SeededPrng(12), 500);
const w = uniforms(new SeededPrng(14), 500).map((u) => 0.5 + u);
const s = normals(new SeededPrng(15), 500).map((sample) => 2 * sample + 1);
const z = Float64Array.of(...x.subarray(0, 100), -2, 2, 0, -0, 1);
const zWeights = Float64Array.of(...w.subarray(0, 100), 1, 1, 1, 1, 1);

for (const { bins, range, weighted, density, counts, edges } of golden.cases) {
  const what = JSON.stringify({ bins, range, weighted, density });
  Deno.test(`histogram: as numpy's, ${what} (numpy.json)`, () => {
    const actual = histogram(z, {
      bins,
      density,
      ...(range === null ? {} : { range }),
      ...(weighted ? { weights: zWeights } : {}),
    });
    assert.deepEqual([...actual.edges[0]!], decodeNumbers(edges));
    const expected = decodeNumbers(counts);
    if (!weighted || typeof bins === "number") {
      assert.deepEqual([...actual.counts], expected);
      return;
    }
    // There numpy subtracts running sums of sorted weights, which loses digits that we keep.
    for (const [i, count] of actual.counts.entries()) {
      assert.ok(Math.abs(count - expected[i]!) <= 1e-14 * Math.abs(expected[i]!), `${count}`);
    }
  });
}

Deno.test("histogramdd: three dimensions, as numpy's (numpy.json)", () => {
  const { bins, range, counts, edges } = golden.dd;
  const actual = histogramdd([x, y, s], { bins, range });
  assert.deepEqual([...actual.counts], decodeNumbers(counts));
  assert.deepEqual(actual.edges.flatMap((own) => [...own]), decodeNumbers(edges));
});

Deno.test("histogramdd: two dimensions with weights, as numpy's histogram2d (numpy.json)", () => {
  const { counts } = histogramdd([x, y], { bins: [5, 3], range: [[-2, 2], [-2, 2]], weights: w });
  assert.deepEqual([...counts], decodeNumbers(golden["2d"].counts));
});

Deno.test("histogramdd: the density of two dimensions has integral 1", () => {
  const { counts } = histogramdd([x, y], {
    bins: [5, 3],
    range: [[-2, 2], [-2, 1]],
    density: true,
  });
  assert.ok(Math.abs(counts.reduce((a, b) => a + b, 0) * (4 / 5) * (3 / 3) - 1) < 1e-14);
});

Deno.test("histogram: the range of no value, of one, and of NaN (numpy.histogram)", () => {
  assert.deepEqual([...histogram([], { bins: 2 }).edges[0]!], [0, 0.5, 1]);
  assert.deepEqual([...histogram([3, 3], { bins: 2 }).edges[0]!], [2.5, 3, 3.5]);
  assert.throws(() => histogram([1, NaN]), RangeError);
  assert.throws(() => histogram([1, 2], { bins: 0 }), RangeError);
  assert.throws(() => histogram([1, 2], { range: [2, 1] }), RangeError);
  assert.deepEqual([...histogram([1, NaN, 2], { bins: [1, 1.5, 2] }).counts], [1, 1]);
});
