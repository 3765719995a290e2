import assert from "node:assert/strict";
import {
  type Axis,
  edgesOf,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  parseHist,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { decodeNumbers, type GoldenNumber, readGolden } from "./golden.ts";

interface Step {
  x: GoldenNumber | string;
  size: number;
  extent: number;
  view: unknown;
  edges?: GoldenNumber[];
  categories?: (string | number)[];
}

const golden = readGolden<{
  cases: { desc: string; steps: Step[] }[];
  vector_fill_two_growing: { view: unknown; cats0: string[]; cats1: number[] };
  merge_categories: { categories: string[] };
  merge_regular_growth: { a: string; b: string };
}>("growth.json");

const axes: Record<string, () => Axis> = {
  "Regular(4,0,1,growth=True)": () =>
    new RegularAxis({ bins: 4, lower: 0, upper: 1, growth: true }),
  "Variable([0,1,3],growth=True)": () => new VariableAxis({ edges: [0, 1, 3], growth: true }),
  "Integer(0,2,growth=True)": () => new IntegerAxis({ lower: 0, upper: 2, growth: true }),
  "IntCategory([],growth=True)": () => new IntCategoryAxis({ growth: true }),
  "StrCategory([],growth=True)": () => new StrCategoryAxis({ growth: true }),
};

for (const { desc, steps } of golden.cases) {
  const isText = desc.startsWith("Str");
  const valueOf = (x: GoldenNumber | string) => isText ? x as string : Number(x);

  Deno.test(`Hist: ${desc} grows fill by fill (growth.json)`, () => {
    const hist = new Hist([axes[desc]!()], { storage: "int64" });
    for (const step of steps) {
      hist.fill([valueOf(step.x)]);
      assertState(hist, step);
    }
  });

  Deno.test(`Hist: ${desc} grows the same in one fill of all values (growth.json)`, () => {
    const hist = new Hist([axes[desc]!()], { storage: "int64" });
    const values = steps.map(({ x }) => valueOf(x));
    hist.fill([values as string[] | number[]]);
    assertState(hist, steps.at(-1)!);
  });
}

function assertState(hist: Hist, step: Step): void {
  const [axis] = hist.axes as [Axis];
  assert.deepEqual([axis.size, axis.extent], [step.size, step.extent]);
  assert.deepEqual([...hist.values({ flow: true })], decodeNumbers(step.view));
  if (step.edges !== undefined) {
    assert.deepEqual([...edgesOf(axis)], decodeNumbers(step.edges));
  } else {
    assert.deepEqual((axis as IntCategoryAxis).categories, step.categories);
  }
}

Deno.test("Hist: two axes grow in one fill (growth.json)", () => {
  const hist = new Hist([
    new StrCategoryAxis({ growth: true }),
    new IntCategoryAxis({ categories: [3], growth: true }),
    new RegularAxis({ bins: 2, lower: 0, upper: 1 }),
  ]);
  const columns = [["z", "a", "z", "m"], [1, 3, 2, 1], [0.1, 0.9, 2, -1]];
  hist.fill(columns as [string[], number[], number[]], { weight: [1, 2, 4, 8] });
  const expected = golden.vector_fill_two_growing;
  assert.deepEqual((hist.axes[0] as StrCategoryAxis).categories, expected.cats0);
  assert.deepEqual((hist.axes[1] as IntCategoryAxis).categories, expected.cats1);
  assert.deepEqual([...hist.values({ flow: true })], decodeNumbers(expected.view));
});

Deno.test("Hist: adding merges growing categories by name (growth.json)", () => {
  const make = (categories: string[], values: string[]) => {
    const hist = new Hist([new StrCategoryAxis({ categories, growth: true })]);
    hist.fill([values]);
    return hist;
  };
  const hist = make(["a", "b"], ["a", "b", "c"]);
  hist.add(make(["b", "d", "a"], ["b", "d", "a", "a"]));
  const [axis] = hist.axes as [StrCategoryAxis];
  assert.deepEqual(axis.categories, golden.merge_categories.categories);
  assert.deepEqual([...hist.values()], [3, 2, 1, 1]);
});

Deno.test("Hist: adding merges regular axes that grew apart, which Boost refuses (growth.json)", () => {
  const { a, b } = golden.merge_regular_growth;
  const hist = parseHist(a);
  hist.add(parseHist(b));
  assert.deepEqual([...hist.values({ flow: true })], [0, 1, 0, 2, 0, 0, 1, 0, 1, 0]);
  assert.deepEqual([...edgesOf(hist.axes[0]!)], [-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
});
