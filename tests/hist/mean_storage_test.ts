import assert from "node:assert/strict";
import {
  addCells,
  ChunkedHist,
  formatHist,
  Hist,
  parseHist,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { normals, uniforms } from "./golden.ts";

const axis = new RegularAxis({ bins: 2, lower: 0, upper: 1, name: "x" });
const kinds = ["mean", "weighted_mean"] as const;

function filled(storage: StorageType, samples: number[]): Hist {
  const hist = new Hist([axis], { storage });
  hist.fill([0.1], { sample: samples });
  return hist;
}

Deno.test("Hist: mean of 1, 2, 4: count, mean, squared deltas (by hand)", () => {
  // 7/3; (16 + 1 + 25)/9 = 14/3; variance of the mean: 14/3 / 2 / 3 = 7/9.
  const hist = filled("mean", [1, 2, 4]);
  assert.deepEqual([...hist.counts()], [3, 0]);
  assert.ok(Math.abs(hist.values()[0]! - 7 / 3) < 1e-15);
  assert.ok(Math.abs(hist.view("sum_of_deltas_squared")[0]! - 14 / 3) < 1e-14);
  assert.ok(Math.abs(hist.variances()![0]! - 7 / 9) < 1e-15);
  assert.ok(Number.isNaN(hist.variances()![1]));
});

Deno.test("Hist: a fill of means needs a sample, one of others takes none", () => {
  assert.throws(() => new Hist([axis], { storage: "mean" }).fill([0.5]), TypeError);
  assert.throws(() => new Hist([axis]).fill([0.5], { sample: [1] }), TypeError);
  const hist = new Hist([axis], { storage: "weighted_mean" });
  assert.throws(() => hist.fill([[0.1, 0.2]], { sample: [1, 2, 3] }), RangeError);
  assert.deepEqual([...hist.counts({ flow: true })], [0, 0, 0, 0]);
});

Deno.test("Hist.view: names the fields that there are", () => {
  assert.throws(() => new Hist([axis], { storage: "mean" }).view("variance"), {
    name: "RangeError",
    message: /"variance": cells have count, value, sum_of_deltas_squared$/,
  });
});

for (const storage of kinds) {
  Deno.test(`parseHist: a ${storage} of too few entries can be filled further (field/histograms.md §0)`, () => {
    const hist = parseHist(formatHist(filled(storage, [4])));
    assert.match(formatHist(hist), /NaN/);
    hist.fill([0.1], { sample: [6] });
    assert.deepEqual(hist.cells, filled(storage, [4, 6]).cells);
    assert.deepEqual([...hist.values()], [5, 0]);
  });

  Deno.test(`formatHist: of ${storage} is read and written to the same text`, () => {
    for (let seed = 1; seed <= 40; seed++) {
      const hist = new Hist([new RegularAxis({ bins: 30, lower: -3, upper: 3 })], { storage });
      const prng = new SeededPrng(seed);
      const count = prng.int(0, 300);
      hist.fill([normals(prng, count)], {
        sample: normals(prng, count),
        weight: uniforms(prng, count).map((u) => 0.5 + u),
      });
      const text = formatHist(hist);
      assert.equal(formatHist(parseHist(text)), text, `seed ${seed}`);
      assert.equal(formatHist(parseHist(formatHist(hist, { sparse: true }))), text, `seed ${seed}`);
    }
  });

  Deno.test(`addCells: an empty ${storage} changes nothing, and takes over what is added`, () => {
    const { cells, spec } = filled(storage, [1, 2, 4]);
    const sum = cells.slice();
    addCells(spec.cellKind, sum as typeof cells, filled(storage, []).cells);
    assert.deepEqual(sum, cells);
    const empty = filled(storage, []).cells;
    addCells(spec.cellKind, empty, cells);
    for (const [i, value] of (empty as Float64Array).entries()) {
      assert.ok(Math.abs(value - Number(cells[i])) < 1e-15);
    }
  });

  Deno.test(`ChunkedHist: chunks of ${storage} are merged, and form the dense histogram`, () => {
    const axes = [new StrCategoryAxis({ growth: true, name: "c" }), axis];
    const chunked = new ChunkedHist(axes, { storage });
    chunked.fill({ c: "a", x: [0.1, 0.7] }, { sample: [1, 2] });
    chunked.fill({ c: "b", x: [0.1, 0.2] }, { sample: [3, 5], weight: [1, 3] });
    const other = new ChunkedHist(axes, { storage });
    other.fill({ c: "a", x: 0.1 }, { sample: 3 });
    chunked.add(other);
    assert.deepEqual([...chunked.toHist().values()], [2, 2, 4.5, 0]);
    assert.deepEqual(ChunkedHist.fromHist(chunked.toHist()).chunk(["b"]), chunked.chunk(["b"]));
  });
}
