import assert from "node:assert/strict";
import {
  applyDense,
  type Axis,
  BooleanAxis,
  type Cells,
  ChunkedHist,
  formatHist,
  groupOf,
  Hist,
  IntCategoryAxis,
  keysOf,
  parseUhi,
  planSelection,
  RegularAxis,
  select,
  selectChunks,
  type StorageType,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { ints, normals } from "./golden.ts";

const axes: Axis[] = [
  new RegularAxis({ name: "x", bins: 4, lower: -2, upper: 2 }),
  new StrCategoryAxis({ name: "dataset", growth: true }),
  new BooleanAxis({ name: "passed" }),
  new IntCategoryAxis({ name: "channel", categories: [3, 1, 4] }),
];

function filled(storage: StorageType, seed: number): Hist {
  const hist = new Hist(axes, { storage, name: "h", label: "" });
  const prng = new SeededPrng(seed);
  const count = 400;
  const columns = [
    normals(prng, count),
    ints(prng, count, [0, 3]).map((i) => "cab"[i]!),
    ints(prng, count, [0, 2]),
    ints(prng, count, [0, 6]),
  ];
  const sample = ints(prng, count, [0, 9]);
  hist.fill(columns as [Float64Array, string[]], storage === "mean" ? { sample } : {});
  return hist;
}

/** For each axis what may be asked of it. */
const questions: string[][] = [
  [":", "1", "underflow", "0:len:sum", "::sum", "1:3", "::rebin(2)", "1:4:rebin(groups=[1, 2])"],
  [":", "'a'", "['b', 'a']", "::sum", "0:2:sum", "1:", "'[bc]*'", "-1"],
  [":", "loc(True)", "::sum", "1:2"],
  [":", "3j", "[4j, 3j]", "::sum", "0:len:sum", "1:", "overflow", ":2"],
];

Deno.test("selectChunks: is select of the dense histogram, for every kind of question", () => {
  const hist = filled("int64", 5);
  const chunked = ChunkedHist.fromHist(hist, { keepOverflow: true });
  const prng = new SeededPrng(6);
  for (let round = 0; round < 150; round++) {
    const text = questions.map((list) => list[prng.int(0, list.length)]!).join(", ");
    const expected = select(hist, parseUhi(text));
    const actual = selectChunks(chunked, parseUhi(text));
    assert.equal(formatHist(actual), formatHist(expected), text);
  }
});

Deno.test("selectChunks: means of summed categories are merged", () => {
  const hist = filled("mean", 7);
  const text = "::rebin(2), ::sum, ::sum, 3j";
  const expected = select(hist, parseUhi(text)).cells as Float64Array;
  const actual = selectChunks(ChunkedHist.fromHist(hist), parseUhi(text)).cells;
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(Number(actual[i]) - value) <= 1e-13 * Math.abs(value), `${i}`);
  }
});

Deno.test("planSelection: keys are those that have a group, and no others", () => {
  const hist = filled("int64", 8);
  const all = planSelection(hist.spec, parseUhi("..."));
  assert.deepEqual([all.keyCount, all.groupCount, all.resultCells], [12, 12, 12 * 12]);
  for (const question of ["'b'", "['c', 'b']", "::sum", "1:", ":"]) {
    for (const other of ["overflow", "0:len:sum", "::sum", "[4j]", ":"]) {
      const plan = planSelection(hist.spec, parseUhi(`0, ${question}, :, ${other}`));
      const keys = [...keysOf(plan)];
      assert.equal(keys.length, plan.keyCount);
      const groups = keys.map((key) => groupOf(plan, key));
      assert.ok(groups.every((group) => group >= 0 && group < plan.groupCount));
      const others = [...keysOf(all)].filter((key) => groupOf(plan, key) < 0);
      assert.equal(others.length, all.keyCount - plan.keyCount);
    }
  }
});

Deno.test("planSelection: a histogram without category axes has one group", () => {
  const hist = new Hist([axes[0]!]);
  const plan = planSelection(hist.spec, parseUhi("::sum"));
  assert.deepEqual([...keysOf(plan)], [[]]);
  assert.deepEqual([groupOf(plan, []), plan.groupCount, plan.resultCells], [0, 1, 1]);
});

Deno.test("planSelection: is not disturbed by categories that come later", () => {
  const axis = new StrCategoryAxis({ name: "c", categories: ["a"], growth: true });
  const { spec } = new Hist([axis, new BooleanAxis({ name: "b" })]);
  const plan = planSelection(spec, parseUhi("..."));
  (spec.axes[0] as StrCategoryAxis).growToHold("b");
  assert.equal(groupOf(plan, ["b"]), -1);
  assert.deepEqual([...keysOf(plan)], [["a"]]);
  assert.deepEqual([...applyDense(plan, [[0, Float64Array.of(1, 2)]]).values()], [1, 2]);
});

Deno.test("applyDense: groups that are missing are empty; shared memory will do; wrong ones are refused", () => {
  const { spec } = filled("double", 9);
  const plan = planSelection(spec, parseUhi("::sum, ['a', 'b'], ::sum, 3j"));
  const shared = new Float64Array(new SharedArrayBuffer(8 * spec.chunkCells)).fill(1);
  assert.deepEqual([...applyDense(plan, [[1, shared]]).values()], [0, spec.chunkCells]);
  assert.deepEqual([...applyDense(plan, new Map<number, Cells>()).values()], [0, 0]);
  assert.throws(() => applyDense(plan, [[2, shared]]), RangeError);
  assert.throws(() => applyDense(plan, [[0, shared.subarray(1)]]), RangeError);
});

Deno.test("planSelection: says the size of an answer that nobody could hold", () => {
  const huge = new RegularAxis({ bins: 1_000_000, lower: 0, upper: 1 });
  const names = Array.from({ length: 5000 }, (_, i) => `${i}`);
  const category = new StrCategoryAxis({ categories: names, growth: true });
  const { spec } = new Hist([huge]);
  const plan = planSelection(
    { ...spec, axes: [category, huge], categoryAxes: [category] },
    parseUhi("..."),
  );
  assert.equal(plan.resultCells, 5000 * 1_000_002);
});

Deno.test("planSelection: errors name the axis by its place among all", () => {
  const { spec } = filled("double", 9);
  for (const [text, axis] of [[":, :, 1:2:rebin(groups=[2]), :", 2], [":, ::2j, :, :", 1]]) {
    assert.throws(() => planSelection(spec, parseUhi(text as string)), {
      name: "SelectionError",
      axis,
    });
  }
});

Deno.test("ChunkedHist: what is in no category is kept under null, on request", () => {
  const hist = filled("int64", 10);
  const kept = ChunkedHist.fromHist(hist, { keepOverflow: true });
  assert.equal(kept.size, 12);
  assert.equal(formatHist(kept.toHist()), formatHist(hist));
  assert.ok(kept.chunk(["a", null])!.some((cell) => Number(cell) > 0));
  assert.equal(ChunkedHist.fromHist(hist).size, 9);
  assert.throws(() => kept.chunk([null, 3]), TypeError);
});
