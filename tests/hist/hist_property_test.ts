import assert from "node:assert/strict";
import {
  type Axis,
  BooleanAxis,
  type FillColumn,
  formatHist,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  parseHist,
  project,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

const rounds = 60;

interface Sample {
  axes: Axis[];
  columns: (from: number, to: number) => FillColumn[];
  count: number;
}

/** A random histogram of up to 3 dimensions and what to fill it with. */
function randomSample(prng: SeededPrng, growth: boolean): Sample {
  const count = prng.int(0, 200);
  const numbers = Array.from({ length: count }, () => {
    const kind = prng.int(0, 40);
    if (kind === 0) return NaN;
    if (kind === 1) return Infinity;
    if (kind === 2) return -Infinity;
    return 4 * prng.uniform() - 2;
  });
  const integers = Array.from({ length: count }, () => prng.int(-3, 9));
  const texts = integers.map((integer) => `k${integer}`);
  const makers: (() => [Axis, FillColumn[]])[] = [
    () => [new RegularAxis({ bins: 7, lower: -1, upper: 1, underflow: false }), numbers],
    () => [new RegularAxis({ bins: 5, lower: 0, upper: 1, circular: true }), numbers],
    () => [new VariableAxis({ edges: [-1, 0, 0.1, 1] }), numbers],
    () => [new IntegerAxis({ lower: 0, upper: 5, overflow: false }), integers],
    () => [new BooleanAxis(), integers.map((integer) => integer > 0)],
    () => [new IntCategoryAxis({ categories: [3, 1], growth }), integers],
    () => [new StrCategoryAxis({ growth }), texts],
  ] as (() => [Axis, FillColumn[]])[];
  const chosen = Array.from(
    { length: prng.int(1, 4) },
    () => makers[prng.int(0, makers.length)]!(),
  );
  return {
    axes: chosen.map(([axis]) => axis),
    columns: (from, to) => chosen.map(([, column]) => column.slice(from, to) as FillColumn & []),
    count,
  };
}

function eachRound(run: (prng: SeededPrng) => void): void {
  for (let round = 0; round < rounds; round++) {
    const seed = 20261122 + 7919 * round;
    try {
      run(new SeededPrng(seed));
    } catch (error) {
      assert.fail(`seed ${seed}: ${String(error)}`);
    }
  }
}

function filled(sample: Sample, part: [from: number, to: number], storage: StorageType): Hist {
  const hist = new Hist(sample.axes, { storage });
  const [from, to] = part;
  const weight = Array.from({ length: to - from }, (_, k) => ((from + k) % 7) - 3);
  hist.fill(sample.columns(from, to), { weight });
  return hist;
}

function sum(...hists: Hist[]): Hist {
  const [first, ...rest] = hists as [Hist, ...Hist[]];
  const total = first.clone();
  for (const hist of rest) total.add(hist);
  return total;
}

Deno.test("Hist: adding integers is associative, and so is the order of categories", () => {
  eachRound((prng) => {
    const sample = randomSample(prng, true);
    const cut = Math.floor(sample.count / 3);
    const a = filled(sample, [0, cut], "int64");
    const b = filled(sample, [cut, 2 * cut], "int64");
    const c = filled(sample, [2 * cut, sample.count], "int64");
    assert.equal(formatHist(sum(sum(a, b), c)), formatHist(sum(a, sum(b, c))));
  });
});

Deno.test("Hist: adding integers is commutative for fixed axes", () => {
  eachRound((prng) => {
    const sample = randomSample(prng, false);
    const cut = Math.floor(sample.count / 2);
    const a = filled(sample, [0, cut], "int64");
    const b = filled(sample, [cut, sample.count], "int64");
    assert.equal(formatHist(sum(a, b)), formatHist(sum(b, a)));
  });
});

Deno.test("project: after a fill is a fill of the projection", () => {
  for (const storage of ["int64", "double", "weight"] as const) {
    eachRound((prng) => {
      // An entry that one axis drops is in no projection: all must have their flow bins.
      const sample = randomSample(prng, true);
      const kept = sample.axes.keys().toArray().filter(() => prng.int(0, 2) === 1);
      const isWhole = sample.axes.every((axis) =>
        axis.growth || axis.type === "boolean" ||
        (axis.overflow && (axis.underflow || axis.circular))
      );
      if (!isWhole) return;
      const hist = filled(sample, [0, sample.count], storage);
      const axes = kept.map((axis) => sample.axes[axis]!);
      const columns = (from: number, to: number) => {
        const all = sample.columns(from, to);
        return kept.map((axis) => all[axis]!);
      };
      if (kept.length === 0) return;
      const direct = filled({ ...sample, axes, columns }, [0, sample.count], storage);
      assert.deepEqual(project(hist, kept).cells, direct.cells);
    });
  }
});

Deno.test("Hist: means filled apart and added are one fill, up to rounding", () => {
  for (const storage of ["mean", "weighted_mean"] as const) {
    eachRound((prng) => {
      const sample = randomSample(prng, true);
      const cut = prng.int(0, sample.count + 1);
      const fill = (from: number, to: number) => {
        const hist = new Hist(sample.axes, { storage });
        const samples = Array.from({ length: to - from }, (_, k) => ((from + k) % 11) / 3 - 1);
        const weight = Array.from({ length: to - from }, (_, k) => 1 + (from + k) % 3);
        hist.fill(sample.columns(from, to), { sample: samples, weight });
        return hist;
      };
      const parts = sum(fill(0, cut), fill(cut, sample.count)).cells as Float64Array;
      const whole = fill(0, sample.count).cells as Float64Array;
      for (const [i, value] of parts.entries()) {
        assert.ok(Math.abs(value - whole[i]!) <= 1e-12 * (1 + Math.abs(whole[i]!)), `element ${i}`);
      }
    });
  }
});

for (const storage of ["int64", "atomic_int64", "double", "weight", "unlimited"] as const) {
  // Weights are small integers here, so that sums of doubles are exact, too.
  Deno.test(`Hist: parts filled apart and added are one fill (${storage})`, () => {
    eachRound((prng) => {
      const sample = randomSample(prng, true);
      const cut = prng.int(0, sample.count + 1);
      const parts = sum(
        filled(sample, [0, cut], storage),
        filled(sample, [cut, sample.count], storage),
      );
      assert.equal(formatHist(parts), formatHist(filled(sample, [0, sample.count], storage)));
    });
  });

  Deno.test(`parseHist, formatHist: identity, dense and sparse (${storage})`, () => {
    eachRound((prng) => {
      const sample = randomSample(prng, prng.int(0, 2) === 1);
      const hist = filled(sample, [0, sample.count], storage);
      const text = formatHist(hist);
      assert.deepEqual(parseHist(text).cells, hist.cells);
      assert.equal(formatHist(parseHist(text)), text);
      const sparse = formatHist(hist, { sparse: true });
      assert.deepEqual(parseHist(sparse).cells, hist.cells);
      assert.equal(formatHist(parseHist(sparse), { sparse: true }), sparse);
    });
  });
}
