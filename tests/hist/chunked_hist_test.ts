import assert from "node:assert/strict";
import {
  type CategoryAxis,
  type Cells,
  ChunkedHist,
  type FillColumn,
  type FillWeight,
  Hist,
  IntCategoryAxis,
  isCategoryAxis,
  parseHist,
  parseHistSpec,
  RegularAxis,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { ints, normals, readGolden, uniforms } from "./golden.ts";

interface WireCase {
  desc: string;
  metadata_json: string;
  final_chunks: { key: (string | number)[]; b64: string }[];
  to_hist_uhi: string;
}

// The inputs of gen_golden.py.
const count = 500;
const x = normals(new SeededPrng(11), count);
const c = ints(new SeededPrng(13), count, [0, 3]).map((i) => "abc"[i]!);
const w = uniforms(new SeededPrng(14), count).map((u) => 0.5 + u);
const i = ints(new SeededPrng(16), count, [-1, 6]);
const b = ints(new SeededPrng(17), count, [0, 2]);

type Fill = [columns: Record<string, FillColumn>, options?: { weight: FillWeight }];

function weightedFill(key: [dataset: string, ch: number], from: number, to: number): Fill {
  const [dataset, ch] = key;
  return [{ dataset, ch, x: x.subarray(from, to) }, { weight: w.subarray(from, to) }];
}

const fills: Record<string, Fill[]> = {
  "1D Double": [
    [{ x: x.subarray(0, 50) }],
    [{ x: x.subarray(50, 60) }],
    [{ x: x.subarray(60, 70) }],
  ],
  "Weight + 2 growable cats": [
    weightedFill(["tt\u0304", -3], 0, 20),
    weightedFill(["data", 1], 20, 40),
    weightedFill(["a", 2], 0, 5),
    weightedFill(["a", 2], 5, 9),
    weightedFill(["data", 1], 0, 3),
  ],
  "Int64 var x int x bool": [[{ v: x.subarray(0, 30), i: i.slice(0, 30), b: b.slice(0, 30) }]],
  "AtomicInt64": [[{ x: x.subarray(0, 10) }]],
  "Unlimited": [[{ x: x.subarray(0, 10) }]],
  "prefilled, named": [
    ...c.slice(0, 30).map((key, k): Fill => [{ c: key, x: x[k]! }]),
    [{ c: "z", x: x.subarray(0, 3) }],
  ],
};

function base64Of(cells: Cells): string {
  return new Uint8Array(cells.buffer).toBase64();
}

for (const golden of readGolden<{ chunked: WireCase[] }>("wire.json").chunked) {
  Deno.test(`ChunkedHist: ${golden.desc}, chunks in order of first fill, bit for bit (wire.json)`, () => {
    const spec = parseHistSpec(golden.metadata_json);
    const chunked = new ChunkedHist(spec.axes, spec);
    for (const fill of fills[golden.desc]!) chunked.fill(...fill);
    const chunks = [...chunked.chunks()].map(({ key, cells }) => ({ key, b64: base64Of(cells) }));
    assert.deepEqual(chunks, golden.final_chunks);
  });

  Deno.test(`ChunkedHist: ${golden.desc}, as a dense histogram and back (wire.json)`, () => {
    const expected = parseHist(golden.to_hist_uhi);
    const chunked = ChunkedHist.fromHist(expected);
    const hist = chunked.toHist();
    assert.deepEqual(hist.cells, expected.cells);
    assert.deepEqual(hist.axes.filter(isCategoryAxis).map(categoriesOf), categoriesOfAll(expected));
    for (const { key, b64 } of golden.final_chunks) {
      assert.equal(base64Of(chunked.chunk(key)!), b64);
    }
  });
}

function categoriesOf(axis: CategoryAxis): (string | number)[] {
  return axis.categories;
}

function categoriesOfAll(hist: Hist): (string | number)[][] {
  return hist.axes.filter(isCategoryAxis).map(categoriesOf);
}

function makeChunked(growth = false): ChunkedHist {
  return new ChunkedHist([
    new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1, growth }),
    new StrCategoryAxis({ name: "s" }),
    new IntCategoryAxis({ name: "i", growth: true }),
  ], { storage: "int64", name: "n", label: "l" });
}

Deno.test("ChunkedHist: growth of a dense axis moves the cells of all chunks", () => {
  const chunked = makeChunked(true);
  chunked.fill({ s: "a", i: 1, x: [0.1, 0.6, 0.6] });
  chunked.fill({ s: "b", i: 1, x: [0.6] });
  chunked.fill({ s: "b", i: 1, x: [-0.6, 1.2] });
  chunked.fill({ s: "c", i: 1, x: [-0.6] });
  assert.deepEqual(chunked.spec.denseExtents, [7]);
  assert.deepEqual([...chunked.chunk(["a", 1])!], [0n, 0n, 0n, 1n, 2n, 0n, 0n]);
  assert.deepEqual([...chunked.chunk(["b", 1])!], [0n, 1n, 0n, 0n, 1n, 1n, 0n]);
  assert.deepEqual([...chunked.chunk(["c", 1])!], [0n, 1n, 0n, 0n, 0n, 0n, 0n]);
});

Deno.test("ChunkedHist: adding keeps the order of first fills and refuses other axes", () => {
  const chunked = makeChunked();
  chunked.fill({ s: "a", i: 1, x: [0.1] });
  const other = makeChunked();
  other.fill({ s: "b", i: 2, x: [0.6] });
  other.fill({ s: "a", i: 1, x: [0.6] });
  chunked.add(other);
  assert.deepEqual([...chunked.chunks()].map(({ key }) => key), [["a", 1], ["b", 2]]);
  assert.deepEqual([...chunked.chunk(["a", 1])!], [0n, 1n, 1n, 0n]);
  assert.deepEqual([...other.chunk(["b", 2])!], [0n, 0n, 1n, 0n]);
  other.fill({ s: "b", i: 2, x: [0.6] });
  assert.deepEqual([...chunked.chunk(["b", 2])!], [0n, 0n, 1n, 0n]);
  assert.throws(() => chunked.add(makeChunked(true)), RangeError);
});

const refused: [what: string, columns: Record<string, FillColumn>, error: string][] = [
  ["a missing column", { s: "a", x: [1] }, "RangeError"],
  ["a column of no axis", { s: "a", i: 1, x: [1], y: [1] }, "RangeError"],
  ["an array of categories", { s: ["a", "b"], i: 1, x: [1, 2] }, "TypeError"],
  ["an integer as a string category", { s: 3, i: 1, x: [1] }, "TypeError"],
  ["a string as an integer category", { s: "a", i: "1", x: [1] }, "TypeError"],
  ["a category beyond 32 bits", { s: "a", i: 2 ** 31, x: [1] }, "TypeError"],
  ["a string on a regular axis", { s: "a", i: 1, x: "1" }, "TypeError"],
];

for (const [what, columns, name] of refused) {
  Deno.test(`ChunkedHist: refuses ${what}, and makes no chunk`, () => {
    const chunked = makeChunked();
    assert.throws(() => chunked.fill(columns), { name });
    assert.equal(chunked.size, 0);
  });
}

Deno.test("ChunkedHist: refuses axes without a name, or with the same", () => {
  const axis = (name: string) => new RegularAxis({ name, bins: 1, lower: 0, upper: 1 });
  assert.throws(() => new ChunkedHist([axis("")]), /an axis has no name/);
  assert.throws(() => new ChunkedHist([axis("x"), axis("x")]), /the same name/);
});

Deno.test("ChunkedHist: a key text tells components and kinds apart", () => {
  const chunked = new ChunkedHist([
    new StrCategoryAxis({ name: "a" }),
    new StrCategoryAxis({ name: "b" }),
  ]);
  chunked.fill({ a: "x,", b: "y" });
  chunked.fill({ a: "x", b: ",y" });
  chunked.fill({ a: "\ud800", b: "\udfff" });
  assert.equal(chunked.size, 3);
  assert.deepEqual([...chunked.chunk(["x,", "y"])!], [1]);
});

Deno.test("ChunkedHist: overflow of a category axis has no key and is left out (histserv)", () => {
  const hist = new Hist([new StrCategoryAxis({ name: "s", categories: ["a"] })]);
  hist.fill([["a", "zzz"]]);
  const chunked = ChunkedHist.fromHist(hist);
  assert.deepEqual([...chunked.chunks()].map(({ key }) => key), [["a"]]);
  assert.deepEqual([...chunked.toHist().values({ flow: true })], [1, 0]);
});
