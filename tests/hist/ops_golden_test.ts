import assert from "node:assert/strict";
import {
  type Accumulator,
  accumulatorAt,
  add,
  density,
  divide,
  edgesOf,
  formatHist,
  formatHistSpec,
  Hist,
  IntegerAxis,
  integrate,
  multiply,
  parseHist,
  parseUhi,
  profile,
  project,
  RegularAxis,
  select,
  sort,
  StrCategoryAxis,
  subtract,
  sum,
  transpose,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { decodeNumbers, goldenCells, ints, normals, readGolden, uniforms } from "./golden.ts";

interface OpsCase {
  expr: string;
  type: string;
  view?: unknown;
  axes?: unknown[];
  uhi?: unknown[];
  value?: unknown;
  error?: string;
}

const golden = readGolden<{
  cases: OpsCase[];
  hist_cases: OpsCase[];
  inputs: Record<string, { view: unknown }>;
}>("ops.json");

const count = 500;
const x = normals(new SeededPrng(11), count);
const y = normals(new SeededPrng(12), count);
const c = ints(new SeededPrng(13), count, [0, 3]).map((i) => "abc"[i]!);
const weight = uniforms(new SeededPrng(14), count).map((u) => 0.5 + u);
const sample = normals(new SeededPrng(15), count).map((s) => 2 * s + 1);
const i = ints(new SeededPrng(16), count, [-1, 6]);

const regular = (bins: number, lower: number, upper: number, name?: string) =>
  new RegularAxis({ bins, lower, upper, ...(name === undefined ? {} : { name, label: "" }) });
const made = (hist: Hist, ...filling: Parameters<Hist["fill"]>) => {
  hist.fill(...filling);
  return hist;
};

// The inputs, as ops.json documents them.
const hists: Record<string, Hist> = {
  h1: made(new Hist([regular(12, -3, 3)]), [x]),
  h1w: made(new Hist([regular(12, -3, 3)], { storage: "weight" }), [x], { weight }),
  h2: made(
    new Hist([regular(6, -3, 3), regular(4, -2, 2)], { storage: "weight" }),
    [x, y],
    { weight },
  ),
  h3: made(
    new Hist([
      new StrCategoryAxis({ growth: true }),
      regular(6, -3, 3),
      new IntegerAxis({ lower: 0, upper: 5 }),
    ]),
    [c, x, i],
  ),
  hv: made(new Hist([new VariableAxis({ edges: [-3, -1, -.5, 0, .5, 1, 3] })]), [x]),
  hm: made(new Hist([regular(12, -3, 3)], { storage: "mean" }), [x], { sample }),
  hci: made(new Hist([new RegularAxis({ bins: 8, lower: 0, upper: 1, circular: true })]), [x]),
  hh: made(
    new Hist([
      new StrCategoryAxis({ growth: true, name: "proc", label: "" }),
      regular(6, -3, 3, "x"),
      regular(4, -2, 2, "y"),
    ], { storage: "weight" }),
    [c, x, y],
    { weight },
  ),
  hd: made(new Hist([regular(6, -3, 3, "x"), regular(4, -2, 2, "y")]), [x, y]),
};

/** What Python evaluates, said in our words: the result of an operation of ops.json. */
function evaluate(expr: string): unknown {
  const index = /^(\w+)\[(.*)\]$/.exec(expr);
  if (index !== null) return select(hists[index[1]!]!, parseUhi(inOurNotation(index[2]!)));
  const arithmetic = /^(\w+)([-+*/])(\w+)$/.exec(expr);
  if (arithmetic !== null && expr in operations === false) {
    const operation = { "+": add, "-": subtract, "*": multiply, "/": divide }[arithmetic[2]!]!;
    const right = arithmetic[3]!;
    return operation(hists[arithmetic[1]!]!, hists[right] ?? Number(right));
  }
  const operation = operations[expr];
  assert.ok(operation !== undefined, `no translation of ${expr}`);
  return operation();
}

/** Without what only Python needs: slices in dictionaries, and an axis given for its edges. */
function inOurNotation(index: string): string {
  return index.replaceAll(/np\.s_\[([^\]]*)\]/g, "$1")
    .replace(/axis=bh\.axis\.Variable\((.*?)\)/, "edges=$1");
}

const { h1, h1w, h2, h3, hv, hm, hh, hd } = hists as
  & Record<string, Hist>
  & {
    [name in "h1" | "h1w" | "h2" | "h3" | "hv" | "hm" | "hh" | "hd"]: Hist;
  };
const at = (value: number) => ({ type: "loc", value }) as const;
const category = (value: string) => ({ type: "loc", value }) as const;

const operations: Record<string, () => unknown> = {
  "h2.project(0)": () => project(h2, [0]),
  "h2.project(1)": () => project(h2, [1]),
  "h2.project(1,0)": () => project(h2, [1, 0]),
  "h2.project(0, flow=False)": () => project(h2, [0], { flow: false }),
  "h3.project(0)": () => project(h3, [0]),
  "h3.project(0,2)": () => project(h3, [0, 2]),
  "h3.project(1)": () => project(h3, [1]),
  "hm.project(0)": () => project(hm, [0]),
  "h1.sum()": () => sum(h1),
  "h1.sum(flow=True)": () => sum(h1, { flow: true }),
  "h1w.sum()": () => sum(h1w),
  "h1w.sum(flow=True)": () => sum(h1w, { flow: true }),
  "h2.sum(flow=True)": () => sum(h2, { flow: true }),
  "hm.sum()": () => sum(hm),
  "hm.sum(flow=True)": () => sum(hm, { flow: true }),
  "h1.empty()": () => h1.cells.every((cell) => Number(cell) === 0),
  "h1.size": () => h1.cells.length,
  "h1.shape": () => h1.axes.map((axis) => axis.size),
  "h1-0.5": () => subtract(h1, 0.5),
  "2*h1": () => multiply(h1, 2),
  "-1*h1": () => multiply(h1, -1),
  "hm*-1": () => multiply(hm, -1),
  "h1.copy()*0": () => multiply(h1, 0),
  "h1.values()/h1.sum()": () => h1.values().map((value) => value / 498),
  "h1.to_numpy()[0]": () => h1.values(),
  "hm.values()": () => hm.values(),
  "hm.variances()": () => hm.variances(),
  "hm.counts()": () => hm.counts(),
  "h1w.counts()": () => h1w.counts(),
  "h1w.variances()": () => h1w.variances(),
  "h1.variances()": () => h1.variances(),
  "h1==h1": () => h1.axes[0]!.equals(h1.axes[0]!),
  "h1==hv": () => h1.axes[0]!.equals(hv.axes[0]!),
  "hh.project('x')": () => project(hh, ["x"]),
  "hh.project('y','proc')": () => project(hh, ["y", "proc"]),
  "hh.integrate('y')": () => integrate(hh, "y"),
  "hh.integrate('y', 0j, 1j)": () => integrate(hh, "y", { start: at(0), stop: at(1) }),
  "hh.integrate('proc','a')": () => integrate(hh, "proc", { start: category("a") }),
  "hh.integrate('proc',['a','b'])": () => integrate(hh, "proc", [category("a"), category("b")]),
  "hd.profile('y')": () => profile(hd, "y"),
  "hd.profile('x')": () => profile(hd, "x"),
  "hd.density()": () => density(hd),
  "hh.sort('proc')": () => sort(hh, "proc"),
  "hd.T": () => transpose(hd),
};

/** What we do on purpose where boost-histogram does something else; each has a test of its own below. */
const deviations = new Set([
  "h3['a',:,:]", // hist's shortcut: boost-histogram alone has none
  "h1.to_numpy(flow=True)[1]", // numpy's edges, the last one moved
]);

/** Error classes of Python, and ours. */
const errorNames: Record<string, RegExp> = {
  IndexError: /^SelectionError$/,
  KeyError: /^SelectionError$/,
  ValueError: /^(SelectionError|RangeError)$/,
  RuntimeError: /^SelectionError$/,
  TypeError: /^(StorageError|RangeError)$/,
};

Deno.test("ops.json: the inputs are the same", () => {
  for (const [name, { view }] of Object.entries(golden.inputs)) {
    assert.deepEqual(Array.from(hists[name]!.cells, Number), goldenCells(view), name);
  }
});

for (const op of [...golden.cases, ...golden.hist_cases]) {
  const { expr } = op;
  if (deviations.has(expr)) continue;
  Deno.test(`${expr}: the same, bit for bit (ops.json)`, () => {
    if (op.type === "error") {
      assert.throws(() => evaluate(expr), { name: errorNames[op.error!]! });
      return;
    }
    const result = evaluate(expr);
    if (!(result instanceof Hist)) {
      assert.deepEqual(plainOf(result), plainOf(op.value));
    } else if (op.view === undefined) {
      // No axis is left: Python gives a cell, and adds it to an empty one before.
      const cell = expr.includes("sum") ? sum(result) : cellOf(result);
      assert.deepEqual(plainOf(cell), plainOf(op.value));
    } else {
      const cells = Array.from(result.cells, Number);
      const expected = goldenCells(op.view);
      // There numpy leaves the order of additions to its BLAS.
      if (expr === "hd.profile('x')") assertClose(cells, expected);
      else assert.deepEqual(cells, expected);
      const { axes } = JSON.parse(formatHistSpec(result.spec)) as { axes: unknown };
      assert.deepEqual(axes, op.axes ?? op.uhi);
    }
  });
}

function assertClose(actual: number[], expected: number[]): void {
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-15 * Math.abs(expected[i]!), `${value}`);
  }
}

function cellOf(hist: Hist): Accumulator {
  return accumulatorAt(hist.spec.cellKind, hist.cells);
}

/** Numbers as they are; of a cell, its fields by our names. */
function plainOf(value: unknown): unknown {
  if (value instanceof Float64Array) return [...value];
  if (Array.isArray(value)) return decodeNumbers(value);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== "kind");
  return fields.length === 1 ? fields[0]![1] : Object.fromEntries(fields);
}

Deno.test("select: a string is the category of that name, as in hist (ops.json, h3['a',:,:])", () => {
  const expected = select(h3, parseUhi("loc('a'), :, :"));
  assert.deepEqual(select(h3, parseUhi("'a', :, :")).cells, expected.cells);
});

Deno.test("edgesOf: are those of numpy but for the last (ops.json, to_numpy)", () => {
  const { value } = golden.cases.find(({ expr }) => expr.startsWith("h1.to_numpy(flow"))!;
  const expected = decodeNumbers(value).slice(1, -1);
  assert.deepEqual([...edgesOf(h1.axes[0]!)].slice(0, -1), expected.slice(0, -1));
});

Deno.test("select: a result is written and read as any histogram", () => {
  const text = formatHist(select(hh, parseUhi("{'proc': ['a', 'c'], 'x': -1j:1j}")));
  assert.equal(formatHist(parseHist(text)), text);
});
