import assert from "node:assert/strict";
import {
  type Axis,
  edgesOf,
  Hist,
  IntegerAxis,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

function filled(axis: Axis, values: number[]): Hist {
  const hist = new Hist([axis], { storage: "int64" });
  hist.fill([values]);
  return hist;
}

function sum(axis: Axis, left: number[], right: number[]): Hist {
  const hist = filled(axis, left);
  hist.add(filled(axis, right));
  return hist;
}

const growing: Record<string, Axis> = {
  "regular": new RegularAxis({ bins: 4, lower: 0, upper: 1, growth: true }),
  "regular of an odd width": new RegularAxis({ bins: 7, lower: 0.1, upper: 0.8, growth: true }),
  "regular, descending": new RegularAxis({ bins: 3, lower: 1, upper: -1, growth: true }),
  "integer": new IntegerAxis({ lower: 0, upper: 2, growth: true }),
};

for (const [what, axis] of Object.entries(growing)) {
  Deno.test(`Hist.add: parts that grew apart are one fill (${what})`, () => {
    for (let round = 0; round < 50; round++) {
      const seed = 41 + 101 * round;
      const prng = new SeededPrng(seed);
      // Not on an edge: whether such a value is above or below it depends on how the axis grew.
      const values = Array.from(
        { length: prng.int(2, 40) },
        () => axis.type === "integer" ? prng.int(-30, 30) : prng.int(-500, 500) / 100 + 0.003,
      );
      const cut = prng.int(0, values.length);
      const merged = sum(axis, values.slice(0, cut), values.slice(cut));
      const whole = filled(axis, values);
      assert.deepEqual(merged.values({ flow: true }), whole.values({ flow: true }), `seed ${seed}`);
      const edges = edgesOf(whole.axes[0]!);
      for (const [i, edge] of edgesOf(merged.axes[0]!).entries()) {
        assert.ok(Math.abs(edge - edges[i]!) < 1e-12, `seed ${seed}`);
      }
    }
  });
}

Deno.test("Hist.add: flow bins of growing axes hold infinities and NaN, and stay apart", () => {
  const axis = growing["regular"]!;
  const hist = sum(axis, [-Infinity, 0.1, 1.1], [NaN, Infinity, -0.1, -Infinity]);
  assert.deepEqual([...hist.values({ flow: true })], [2, 1, 1, 0, 0, 0, 1, 2]);
});

Deno.test("Hist.add: variable axes that grew to different sides are merged", () => {
  const axis = new VariableAxis({ edges: [0, 1, 3], growth: true });
  const hist = sum(axis, [-7, 0.5], [2, 10, 0.5]);
  assert.deepEqual([...edgesOf(hist.axes[0]!)].slice(0, 4), [-7, 0, 1, 3]);
  assert.deepEqual([...hist.values()], [1, 2, 1, 1]);
  // And back again: the one with more bins is the source.
  const back = filled(axis, [2]);
  back.add(hist);
  assert.deepEqual([...back.values()], [1, 2, 2, 1]);
});

Deno.test("Hist.add: variable axes that grew apart on the same side are refused", () => {
  const axis = new VariableAxis({ edges: [0, 1, 3], growth: true });
  assert.throws(() => sum(axis, [5], [10]), /axes 0 differ, and did not grow from the same/);
});

for (
  const [what, left, right] of [
    ["width", { bins: 4, upper: 1 }, { bins: 5, upper: 1 }],
    ["lattice", { bins: 4, lower: 0, upper: 1 }, { bins: 4, lower: 0.1, upper: 1.1 }],
    ["growth", { bins: 4, upper: 1 }, { bins: 5, upper: 1.25, growth: false }],
  ] as const
) {
  Deno.test(`Hist.add: regular axes of another ${what} are refused, and nothing changes`, () => {
    const make = (options: object) =>
      new RegularAxis({ bins: 1, lower: 0, upper: 1, growth: true, ...options });
    const hist = filled(make(left), [0.5]);
    const before = hist.clone();
    assert.throws(() => hist.add(filled(make(right), [0.5])), RangeError);
    assert.deepEqual(hist.cells, before.cells);
    assert.ok(hist.axes[0]!.equals(before.axes[0]!));
  });
}

Deno.test("Hist.add: the overflow of category axes is kept", () => {
  const make = (values: string[]) => {
    const hist = new Hist([new StrCategoryAxis({ categories: ["a", "b"] })]);
    hist.fill([values]);
    return hist;
  };
  const hist = make(["a", "z"]);
  hist.add(make(["y", "z", "b"]));
  assert.deepEqual([...hist.values({ flow: true })], [1, 1, 3]);
});
