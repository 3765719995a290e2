import assert from "node:assert/strict";
import {
  formatHist,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

const regular = () => new RegularAxis({ bins: 2, lower: 0, upper: 1 });
const growing = () => new RegularAxis({ bins: 2, lower: 0, upper: 1, growth: true });

const refusals: [what: string, fill: () => void, name: string][] = [
  [
    "columns of different lengths (fills.json, errors)",
    () => new Hist([regular(), regular()]).fill([[.1, .2], [.1, .2, .3]]),
    "RangeError",
  ],
  [
    "weights of another length (fills.json, errors)",
    () => new Hist([regular()]).fill([[.1]], { weight: [1, 2, 3] }),
    "RangeError",
  ],
  [
    "too many columns (fills.json, errors)",
    () => new Hist([regular()]).fill([[.1], [.2]]),
    "RangeError",
  ],
  [
    "fractions on an integer axis (fills.json, errors)",
    () => new Hist([new IntegerAxis({ lower: 0, upper: 4 })]).fill([[0.5]]),
    "TypeError",
  ],
  [
    "integers beyond 32 bits (fills.json, errors)",
    () => new Hist([new IntegerAxis({ lower: 0, upper: 4 })]).fill([[2 ** 32 + 1]]),
    "TypeError",
  ],
  [
    "fractions on an integer category axis",
    () => new Hist([new IntCategoryAxis({ growth: true })]).fill([[0.5]]),
    "TypeError",
  ],
  [
    "numbers on a string category axis",
    () => new Hist([new StrCategoryAxis({ growth: true })]).fill([["a", 1] as unknown as string[]]),
    "TypeError",
  ],
  [
    "strings on a regular axis",
    () => new Hist([regular()]).fill([["1"]]),
    "TypeError",
  ],
  [
    "fractional weights of integers",
    () => new Hist([regular()], { storage: "int64" }).fill([[.1]], { weight: 0.5 }),
    "TypeError",
  ],
];

for (const [what, fill, name] of refusals) {
  Deno.test(`Hist.fill: refuses ${what}`, () => {
    assert.throws(fill, { name });
  });
}

Deno.test("Hist.fill: takes bigints, booleans and single values", () => {
  const hist = new Hist([new IntegerAxis({ lower: 0, upper: 4 }), regular()]);
  hist.fill([BigInt64Array.of(1n, 3n), 0.6], { weight: 2 });
  assert.deepEqual([...hist.values()], [0, 0, 0, 2, 0, 0, 0, 2]);
});

Deno.test("Hist.fill: no entries change nothing, single values are one entry", () => {
  const hist = new Hist([regular()]);
  hist.fill([[]]);
  assert.deepEqual([...hist.values()], [0, 0]);
  hist.fill([0.1]);
  assert.deepEqual([...hist.values()], [1, 0]);
});

Deno.test("Hist.fill: integers wrap modulo 2^64, negative weights borrow (histserv.md)", () => {
  const hist = new Hist([regular()], { storage: "int64" });
  hist.cells.set(BigInt64Array.of(0n, 2n ** 63n - 1n, -1n, 0xffffffffn) as never);
  hist.fill([[0.1, 0.6, 2]]);
  assert.deepEqual([...hist.cells], [0n, -(2n ** 63n), 0n, 0x100000000n]);
  hist.fill([[-1, 0.1, 0.6, 2]], { weight: [-1, -1, -(2 ** 40) - 3, 2 ** 53 - 1] });
  assert.deepEqual(
    [...hist.cells],
    [-1n, 2n ** 63n - 1n, -(2n ** 40n) - 3n, 2n ** 32n + 2n ** 53n - 1n],
  );
});

Deno.test("Hist.fill: blocks do not show, 10,000 entries are as 10,000 fills", () => {
  const values = Float64Array.from({ length: 10_000 }, (_, k) => Math.sin(k) * 2);
  const weight = Float64Array.from(values, (x) => x * x);
  const axes = [regular(), new VariableAxis({ edges: [-1, 0, 1] })];
  const whole = new Hist(axes, { storage: "weight" });
  whole.fill([values, values], { weight });
  const single = new Hist(axes, { storage: "weight" });
  for (const [k, x] of values.entries()) single.fill([x, x], { weight: weight[k]! });
  assert.deepEqual(whole.cells, single.cells);
});

Deno.test("Hist.fill: -inf stays in underflow when a later entry of the same fill adds bins in front", () => {
  // boost-histogram 1.8.1 moves it into bin 2: fill([-inf, -0.6]) differs from two fills there.
  const hist = new Hist([new RegularAxis({ bins: 4, lower: 0, upper: 1, growth: true })]);
  hist.fill([[-Infinity, -0.6]]);
  assert.deepEqual([...hist.values({ flow: true })], [1, 1, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("Hist.fill: all or nothing when an axis cannot grow that far", () => {
  const hist = new Hist([new StrCategoryAxis({ growth: true }), growing()]);
  hist.fill(["a", [0.1, 0.6]]);
  const before = formatHist(hist);
  assert.throws(() => hist.fill([["b", "c"], [-1, 1e300]]), RangeError);
  assert.equal(formatHist(hist), before);
  hist.fill(["b", [1.2]]);
  assert.deepEqual(hist.extents, [2, 5]);
});

Deno.test("Hist.fill: 100,000 descending values grow an axis in linear time", () => {
  const hist = new Hist([new IntegerAxis({ lower: 0, upper: 1, growth: true })]);
  hist.fill([Int32Array.from({ length: 100_000 }, (_, k) => -k)]);
  assert.ok(hist.values().every((value) => value === 1));
});

Deno.test("Hist: refuses more than 2^31 - 1 cells, and cells of another kind or number", () => {
  const axis = new RegularAxis({ bins: 2_000_000_000, lower: 0, upper: 1 });
  assert.throws(() => new Hist([axis, regular()]), /the limit is 2147483647/);
  assert.throws(() => new Hist([regular()], { cells: new Float64Array(3) }), /needs 4 cells/);
  assert.throws(() => new Hist([regular()], { cells: new BigInt64Array(4) }), /kind "f64"/);
});

Deno.test("Hist.add: refuses other storages, other axes, another number of axes", () => {
  const hist = new Hist([regular()]);
  assert.throws(() => hist.add(new Hist([regular()], { storage: "weight" })), /double, weight/);
  assert.throws(() => hist.add(new Hist([growing()])), /axes 0 differ/);
  assert.throws(() => hist.add(new Hist([])), /number of axes/);
});

Deno.test("Hist.add: labels do not count (columnflow#705)", () => {
  const hist = new Hist([regular()]);
  const other = new Hist([new RegularAxis({ bins: 2, lower: 0, upper: 1, label: "other" })]);
  other.fill([0.6]);
  hist.add(other);
  assert.deepEqual([...hist.values()], [0, 1]);
});

Deno.test("Hist.fill: many variable edges, each value where index() says", () => {
  const skewed = Array.from({ length: 200 }, (_, k) => 1.1 ** k - 1);
  const even = Array.from({ length: 101 }, (_, k) => k * 0.06 - 3);
  const close = Array.from({ length: 50 }, (_, k) => 1 + k * Number.EPSILON);
  const huge = Array.from({ length: 20 }, (_, k) => (k - 10) * 1.7e307);
  for (const edges of [skewed, even, close, huge, [...even, Infinity]]) {
    const axis = new VariableAxis({ edges });
    const neighbours = edges.flatMap((edge) => [edge, edge * (1 + 1e-16), edge * (1 - 1e-16)]);
    const between = edges.map((edge, k) => (edge + (edges[k + 1] ?? edge)) / 2);
    const special = [NaN, Infinity, -Infinity, 0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE];
    for (const x of [...neighbours, ...between, ...special]) {
      const hist = new Hist([axis]);
      hist.fill([Float64Array.of(x)]);
      assert.equal(hist.values({ flow: true }).indexOf(1), axis.index(x) + 1, `x = ${x}`);
    }
  }
});

Deno.test("Hist.fill: many entries at once are the same bits as one by one", () => {
  const values = [-5, -0.1, 0, 0.24, 0.25, 0.3, 0.999, 1, 7, NaN, Infinity, -Infinity];
  const count = 3000;
  const prng = new SeededPrng(77);
  const column = () =>
    Float64Array.from({ length: count }, () => values[prng.int(0, values.length)]!);
  const axis = new RegularAxis({ bins: 4, lower: 0, upper: 1 });
  const other = new RegularAxis({ bins: 3, lower: 1, upper: -1 });
  for (const axes of [[axis], [axis, other]]) {
    for (const storage of ["double", "weight", "int64"] as const) {
      for (const isWeighted of storage === "int64" ? [false] : [false, true]) {
        const columns = axes.map(column);
        const weight = Float64Array.from({ length: count }, () => prng.uniform());
        const [atOnce, oneByOne] = [new Hist(axes, { storage }), new Hist(axes, { storage })];
        for (const hist of [atOnce, oneByOne]) {
          // So that ones are rounded when they are added.
          if (storage !== "int64") hist.fill(axes.map(() => 0.3), { weight: 2 ** 52 + 0.5 });
        }
        atOnce.fill(columns, isWeighted ? { weight } : {});
        for (let i = 0; i < count; i++) {
          const entry = columns.map((values) => values[i]!);
          oneByOne.fill(entry, isWeighted ? { weight: weight[i]! } : {});
        }
        assert.deepEqual(atOnce.cells, oneByOne.cells, `${storage}, ${axes.length}-D`);
      }
    }
  }
});
