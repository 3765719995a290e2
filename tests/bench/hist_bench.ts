/**
 * Filling dense histograms: one operation a bench, a million entries each; the result is checked.
 *
 *     deno bench -A tests/bench/hist_bench.ts
 *
 * @module
 */

import assert from "node:assert/strict";
import { Hist, IntegerAxis, RegularAxis, VariableAxis } from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

const entries = 1_000_000;
const prng = new SeededPrng(1);
const x = Float64Array.from({ length: entries }, () => 6 * prng.uniform() - 3);
const y = Float64Array.from({ length: entries }, () => 6 * prng.uniform() - 3);
const weight = Float64Array.from({ length: entries }, () => 0.5 + prng.uniform());
const totalWeight = weight.reduce((a, b) => a + b, 0);
const integers = Int32Array.from({ length: entries }, () => prng.int(0, 50));

const regular = new RegularAxis({ bins: 100, lower: -3, upper: 3 });

/** Ends the bench if not all entries of one fill, or of several, are there. */
function check(hist: Hist, total: number): void {
  const sum = hist.values({ flow: true }).reduce((a, b) => a + b, 0);
  assert.ok(sum > 0 && Math.abs(sum / total - Math.round(sum / total)) < 1e-6, `${sum}`);
}

Deno.bench("Hist.fill: Regular(100), double", { group: "1-D", baseline: true }, () => {
  const hist = new Hist([regular]);
  hist.fill([x]);
  check(hist, entries);
});

Deno.bench("Hist.fill: Regular(100), int64", { group: "1-D" }, () => {
  const hist = new Hist([regular], { storage: "int64" });
  hist.fill([x]);
  check(hist, entries);
});

Deno.bench("Hist.fill: Regular(100), weight, weighted", { group: "1-D" }, () => {
  const hist = new Hist([regular], { storage: "weight" });
  hist.fill([x], { weight });
  check(hist, totalWeight);
});

Deno.bench("Hist.fill: Variable(100), double", { group: "1-D" }, () => {
  const edges = Array.from({ length: 101 }, (_, i) => i * 0.06 - 3);
  const hist = new Hist([new VariableAxis({ edges })]);
  hist.fill([x]);
  check(hist, entries);
});

Deno.bench("Hist.fill: Integer(0, 50), double", { group: "1-D" }, () => {
  const hist = new Hist([new IntegerAxis({ lower: 0, upper: 50 })]);
  hist.fill([integers]);
  check(hist, entries);
});

Deno.bench("Hist.fill: growing Regular(4), double", { group: "1-D" }, () => {
  const hist = new Hist([new RegularAxis({ bins: 4, lower: 0, upper: 0.2, growth: true })]);
  hist.fill([x]);
  check(hist, entries);
});

Deno.bench("Hist.fill: Regular(100) x Regular(100), double", { group: "2-D" }, () => {
  const hist = new Hist([regular, regular]);
  hist.fill([x, y]);
  check(hist, entries);
});

Deno.bench("Hist.fill: Regular(100) x Regular(100), weight, weighted", { group: "2-D" }, () => {
  const hist = new Hist([regular, regular], { storage: "weight" });
  hist.fill([x, y], { weight });
  check(hist, totalWeight);
});
