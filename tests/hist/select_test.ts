import assert from "node:assert/strict";
import {
  type Axis,
  BooleanAxis,
  edgesOf,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  parseUhi,
  project,
  RegularAxis,
  select,
  sort,
  StrCategoryAxis,
  sum,
  VariableAxis,
} from "../../lib/hist/mod.ts";

/** A histogram whose cell at place i holds 2^i, so that every sum tells its parts. */
function powers(...axes: Axis[]): Hist {
  const hist = new Hist(axes);
  for (const i of hist.cells.keys()) (hist.cells as Float64Array)[i] = 2 ** i;
  return hist;
}

function values(hist: Hist, text: string): number[] {
  return [...select(hist, parseUhi(text)).values({ flow: true })];
}

const regular = new RegularAxis({ bins: 4, lower: 0, upper: 4, name: "x" });
const cats = new StrCategoryAxis({ categories: ["a", "b", "c"], name: "c" });

Deno.test("select: slices add what they cut off to the flow bins, sums drop it (Boost)", () => {
  const hist = powers(regular); // 1 | 2 4 8 16 | 32
  assert.deepEqual(values(hist, "1:3"), [1 + 2, 4, 8, 16 + 32]);
  assert.deepEqual(values(hist, "1:3:sum"), [4 + 8]);
  assert.deepEqual(values(hist, "::sum"), [63]);
  assert.deepEqual(values(hist, "0:len:sum"), [2 + 4 + 8 + 16]);
  assert.deepEqual(values(hist, "::rebin(3)"), [1, 2 + 4 + 8, 16 + 32]);
  assert.deepEqual(values(hist, "1:3:rebin(groups=[2])"), [0, 4 + 8, 0]);
  assert.deepEqual(values(hist, "-100:100"), [1, 2, 4, 8, 16, 32]);
});

Deno.test("select: without flow bins, what is cut off is dropped", () => {
  const axis = new RegularAxis({ bins: 4, lower: 0, upper: 4, underflow: false, overflow: false });
  assert.deepEqual(values(powers(axis), "1:3"), [2, 4]);
});

Deno.test("select: categories that are cut off go to the overflow bin; in lists they vanish (boost-histogram)", () => {
  const hist = powers(cats); // 1 2 4 | 8
  assert.deepEqual(values(hist, "1:"), [2, 4, 1 + 8]);
  assert.deepEqual(values(hist, ":2"), [1, 2, 4 + 8]);
  assert.deepEqual(values(hist, "0:2:sum"), [1 + 2]);
  assert.deepEqual(values(hist, "::sum"), [15]);
  assert.deepEqual(values(hist, "['c', 'a']"), [4, 1, 8]);
  assert.deepEqual(values(hist, "overflow"), [8]);
});

Deno.test("select: patterns pick what matches, in order, once (hist)", () => {
  const axis = new StrCategoryAxis({ categories: ["tt_up", "dy", "tt_down"], growth: true });
  const hist = powers(axis);
  assert.deepEqual(values(hist, "'tt_*'"), [1, 4]);
  assert.deepEqual(values(hist, "['dy', '*']"), [2, 1, 4]);
  assert.throws(() => values(hist, "'x*'"), /no category is picked/);
});

Deno.test("select: integer axes and categories by value", () => {
  const hist = powers(new IntegerAxis({ lower: -2, upper: 2 })); // 1 | 2 4 8 16 | 32
  assert.deepEqual(values(hist, "0j"), [8]);
  assert.deepEqual(values(hist, "-1j:1j"), [1 + 2, 4, 8, 16 + 32]);
  assert.equal((select(hist, parseUhi("-1j:1j")).axes[0] as IntegerAxis).lower, -1);
  const ids = powers(new IntCategoryAxis({ categories: [7, -2] }));
  assert.deepEqual(values(ids, "loc(-2)"), [2]);
  assert.deepEqual(values(ids, "[-2j]"), [2, 4]);
});

Deno.test("select: one bin of a boolean axis becomes an axis of one integer", () => {
  const hist = powers(new BooleanAxis());
  assert.deepEqual(values(hist, "loc(True)"), [2]);
  const [axis] = select(hist, parseUhi("1:2")).axes;
  assert.deepEqual([axis!.type, axis!.extent, axis!.index(1 as never)], ["integer", 1, 0]);
});

Deno.test("select: a slice of a variable axis keeps its edges; groups and edges make one", () => {
  const axis = new VariableAxis({ edges: [0, 1, 3, 7, 15] });
  const hist = powers(axis);
  const edges = (text: string) => [...edgesOf(select(hist, parseUhi(text)).axes[0]!)];
  assert.deepEqual(edges("1:3"), [1, 3, 7]);
  assert.deepEqual(edges("::rebin(2)"), [0, 3, 15]);
  assert.deepEqual(edges("::rebin(groups=[1, 3])"), [0, 1, 15]);
  assert.deepEqual(edges("::rebin(edges=[0, 7, 15])"), [0, 7, 15]);
  assert.deepEqual(values(hist, "::rebin(edges=[0, 7, 15])"), [1, 2 + 4 + 8, 16, 32]);
  assert.deepEqual(edges("1:4:rebin(edges=[1, 7, 15])"), [1, 7, 15]);
});

Deno.test("select: means are merged when bins are grouped, not added field by field", () => {
  const hist = new Hist([new RegularAxis({ bins: 2, lower: 0, upper: 2 })], { storage: "mean" });
  hist.fill([[0.5, 0.5, 1.5]], { sample: [1, 3, 8] });
  const grouped = select(hist, parseUhi("::rebin(groups=[2])"));
  assert.deepEqual([...grouped.values()], [4]);
  assert.deepEqual([...grouped.view("sum_of_deltas_squared")], [9 + 1 + 16]);
});

Deno.test("select: keeps name, metadata, and whether variances are known", () => {
  const hist = new Hist([regular, cats], { name: "h", label: "a label" });
  hist.fill([[0.5], ["a"]], { weight: 3 });
  const part = select(hist, parseUhi("{'c': 'a'}"));
  assert.deepEqual([part.name, part.label, part.variances()], ["h", "a label", null]);
  assert.equal(part.axes[0]!.name, "x");
});

Deno.test("select: everything is a copy, bit for bit", () => {
  const hist = powers(regular);
  (hist.cells as Float64Array)[2] = -0;
  const copy = select(hist, parseUhi(":"));
  assert.deepEqual(copy.cells, hist.cells);
  (copy.cells as Float64Array)[0] = 99;
  assert.equal(hist.cells[0], 1);
});

const refusals: [what: string, axes: Axis[], text: string, message: RegExp][] = [
  ["too few indices", [regular, cats], "1", /there are 1 indices for 2 axes/],
  ["an unknown axis", [regular], "{'y': 1}", /no axis called "y"/],
  ["axis 1 of 1", [regular], "{1: 1}", /no axis 1 of 1/],
  ["the same axis twice", [regular], "{'x': 1, 0: 2}", /on axis 0: it is selected twice/],
  ["bin 4 of 4", [regular], "4", /there is no bin 4 of 4/],
  ["bin -5 of 4", [regular], "-5", /there is no bin -5 of 4/],
  ["bins behind overflow", [regular], "overflow+1", /no bin 5 of 4/],
  ["an empty slice", [regular], "2:2", /from bin 2 to bin 2 has no bins/],
  ["a slice behind the end", [regular], "100j:", /has no bins/],
  ["a factor above the size", [regular], "::rebin(5)", /no bins are left/],
  ["a factor of 0", [regular], "::rebin(0)", /cannot merge 0 bins/],
  ["groups of another total", [regular], "::rebin(groups=[1, 2])", /hold 3 bins, the axis has 4/],
  ["an empty group", [regular], "::rebin(groups=[0, 4])", /1 bin or more, not 0/],
  ["edges from elsewhere", [regular], "::rebin(edges=[1, 4])", /must start .* at 0/],
  ["edges to elsewhere", [regular], "::rebin(edges=[0, 3])", /must end .* at 4/],
  ["edges between edges", [regular], "::rebin(edges=[0, 2.5, 4])", /no edge at 2.5/],
  ["edges twice", [regular], "::rebin(edges=[0, 2, 2, 4])", /1 bin or more, not 0/],
  [
    "grouping a descending axis",
    [new RegularAxis({ bins: 4, lower: 2, upper: -2 })],
    "::rebin(groups=[1, 3])",
    /descending axis/,
  ],
  ["a list of numbers", [regular], "[1, 2]", /picks categories only/],
  ["an unknown category", [cats], "'z'", /no category "z"/],
  ["a number as category", [cats], "loc(3)", /no category 3/],
  ["a string on numbers", [regular], "'a'", /"a" is no value of a numeric axis/],
  ["half an integer", [new IntegerAxis({ lower: 0, upper: 3 })], "0.5j", /is no value/],
  ["merging integers", [new IntegerAxis({ lower: 0, upper: 4 })], "::2j", /cannot merge the bins/],
  ["merging categories", [cats], "::2j", /cannot merge the bins/],
  ["grouping categories", [cats], "::rebin(groups=[1, 2])", /have no order/],
  ["a category twice", [cats], "['a', 0]", /category 0 is picked twice/],
  ["no category", [cats], "[]", /no category is picked/],
  ["overflow in a list", [cats], "[overflow]", /cannot pick the overflow bin/],
  ["no underflow", [cats], "underflow", /it has no underflow bin/],
  [
    "a part of a circle",
    [new RegularAxis({ bins: 4, lower: 0, upper: 1, circular: true })],
    "1:3",
    /cannot shrink a circular axis/,
  ],
];

for (const [what, axes, text, message] of refusals) {
  Deno.test(`select: refuses ${what}`, () => {
    assert.throws(() => select(new Hist(axes), parseUhi(text)), {
      name: "SelectionError",
      message,
    });
  });
}

Deno.test("project: onto no axis is the sum of all, flow bins included or not", () => {
  const hist = powers(regular, cats);
  assert.deepEqual([...project(hist, []).values()], [2 ** 24 - 1]);
  const inside = project(hist, [], { flow: false });
  assert.equal(inside.values()[0], (sum(hist) as { value: number }).value);
  assert.throws(() => project(hist, ["x", 0]), /named twice/);
});

Deno.test("sort: by code points, as Python does, or backwards", () => {
  const names = ["～", "😀", "b", "B", ""];
  const hist = powers(new StrCategoryAxis({ categories: names, name: "c", growth: true }));
  const sorted = (reverse: boolean) =>
    (sort(hist, "c", { reverse }).axes[0] as StrCategoryAxis).categories;
  assert.deepEqual(sorted(false), ["", "B", "b", "～", "😀"]);
  assert.deepEqual(sorted(true), ["😀", "～", "b", "B", ""]);
  const ids = powers(new IntCategoryAxis({ categories: [10, 9, -1], name: "c" }));
  assert.deepEqual((sort(ids, 0).axes[0] as IntCategoryAxis).categories, [-1, 9, 10]);
  assert.deepEqual([...sort(ids, 0).values({ flow: true })], [4, 2, 1, 8]);
  assert.throws(() => sort(powers(regular), 0), /no categories to sort/);
});
