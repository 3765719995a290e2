import assert from "node:assert/strict";
import {
  add,
  density,
  divide,
  Hist,
  multiply,
  profile,
  RegularAxis,
  scale,
  statistics,
  type StorageType,
  subtract,
} from "../../lib/hist/mod.ts";

const axis = new RegularAxis({ bins: 4, lower: 0, upper: 4, name: "x" });

function filled(storage: StorageType, values: number[], weight?: number): Hist {
  const hist = new Hist([axis], { storage });
  hist.fill([values], weight === undefined ? {} : { weight });
  return hist;
}

Deno.test("statistics: of 1 2 1 at 0.5, 1.5, 2.5, one below, two above (by hand)", () => {
  const values = [0.5, 1.5, 1.5, 2.5, -1, 9, 9];
  const { sum, underflow, overflow, mean, standardDeviation, skewness, kurtosis, effectiveCount } =
    statistics(filled("double", values));
  assert.deepEqual([sum, underflow, overflow, effectiveCount], [4, 1, 2, 4]);
  // Variance (1 + 1) / 4, fourth moment (1 + 1) / 4: 0.5 / 0.25 - 3 = -1.
  assert.deepEqual([mean, standardDeviation, skewness, kurtosis], [1.5, Math.sqrt(0.5), 0, -1]);
});

Deno.test("statistics: weights of 2 count once each; nothing has no mean", () => {
  assert.equal(statistics(filled("weight", [0.5, 1.5, 2.5], 2)).effectiveCount, 3);
  const empty = statistics(filled("double", []));
  assert.deepEqual([empty.sum, empty.effectiveCount, empty.mean], [0, 0, NaN]);
});

Deno.test("statistics, profile: not of means, and statistics of one axis only", () => {
  const means = new Hist([axis], { storage: "mean" });
  assert.throws(() => statistics(means), TypeError);
  assert.throws(() => profile(means, 0), TypeError);
  assert.throws(() => statistics(new Hist([axis, axis])), RangeError);
});

Deno.test("density: its integral is 1; of nothing it is nothing", () => {
  const values = density(filled("double", [0.5, 0.6, 3]));
  assert.ok(Math.abs(values.reduce((a, b) => a + b, 0) - 1) < 1e-15);
  assert.deepEqual([...density(filled("double", []))], [0, 0, 0, 0]);
});

Deno.test("profile: an empty bin stays empty, so that it can be merged (hist makes NaN of it)", () => {
  const hist = new Hist([axis, axis]);
  hist.fill([[0.5, 0.5], [1.5, 2.5]]);
  const means = profile(hist, 1);
  assert.deepEqual([...means.counts()], [2, 0, 0, 0]);
  assert.deepEqual([...means.values()], [2, 0, 0, 0]);
});

Deno.test("multiply, divide: integers stay integers as long as the factor is one (boost-histogram)", () => {
  const hist = filled("int64", [0.5, 0.5, 1.5]);
  assert.equal(multiply(hist, 3).storage, "int64");
  assert.deepEqual([...multiply(hist, 3).values()], [6, 3, 0, 0]);
  assert.equal(multiply(hist, 0.5).storage, "double");
  assert.deepEqual([...divide(hist, 2).values()], [1, 0.5, 0, 0]);
  assert.deepEqual([...divide(hist, hist).values()], [1, 1, NaN, NaN]);
  assert.deepEqual([...subtract(hist, 1).values()], [1, 0, -1, -1]);
  assert.throws(() => add(hist, 0.5), { name: "StorageError" });
});

Deno.test("add, multiply: variances of weights (boost-histogram)", () => {
  const hist = filled("weight", [0.5], 3);
  assert.deepEqual([...multiply(hist, -2).variances()!].slice(0, 1), [36]);
  assert.deepEqual([...add(hist, 2).variances()!], [13, 4, 4, 4]);
  assert.deepEqual([...add(hist, hist).variances()!].slice(0, 1), [18]);
});

Deno.test("multiply: what is scaled is no count any more", () => {
  assert.equal(multiply(filled("double", [0.5]), 2).variances(), null);
  assert.notEqual(add(filled("double", [0.5]), filled("double", [1.5])).variances(), null);
});

Deno.test("arithmetic: means take factors only; operands are not changed", () => {
  const hist = new Hist([axis], { storage: "weighted_mean" });
  hist.fill([[0.5, 0.5]], { sample: [1, 3], weight: [1, 1] });
  const before = hist.clone();
  const scaled = divide(hist, 2);
  assert.deepEqual([scaled.values()[0], scaled.counts()[0]], [1, 2]);
  assert.deepEqual(scaled.view("sum_of_weighted_deltas_squared")[0], 0.5);
  for (const operation of [subtract, multiply, divide]) {
    assert.throws(() => operation(hist, hist), { name: "StorageError", message: /WeightedMean/ });
  }
  assert.throws(() => add(hist, 1), { name: "StorageError" });
  assert.throws(() => subtract(filled("double", []), filled("int64", [])), RangeError);
  assert.deepEqual(hist.cells, before.cells);
});

Deno.test("scale: values by the factor, variances by its square; integers by a fraction become doubles (ROOT)", () => {
  const axes = [new RegularAxis({ bins: 2, lower: 0, upper: 2 })];
  const weighted = new Hist(axes, { storage: "weight" });
  weighted.fill([[0.5, 0.5, 1.5]]);
  assert.deepEqual([...scale(weighted, 3).values()], [6, 3]);
  assert.deepEqual([...scale(weighted, 3).variances()!], [18, 9]);
  const counts = new Hist(axes, { storage: "int64" });
  counts.fill([[0.5]]);
  assert.equal(scale(counts, 0.5).storage, "double");
  assert.equal(scale(counts, 2).storage, "int64");
});
