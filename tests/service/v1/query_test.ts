import assert from "node:assert/strict";
import {
  type Axis,
  BooleanAxis,
  formatHistSpec,
  Hist,
  IntCategoryAxis,
  parseUhi,
  RegularAxis,
  select,
  type StorageType,
  StrCategoryAxis,
} from "../../../lib/hist/mod.ts";
import { addChunks, regrowHistogram, resetHistogram } from "../../../lib/accum/mod.ts";
import { SeededPrng } from "../../../lib/base/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { Querier } from "../../../lib/service/v1/query.ts";
import { CellEncoding, type QueryResponse } from "../../../lib/wire/gen_v1.ts";
import { TestService } from "../support.ts";
import { anonymous, ask, cellsOf, keyBytes, load, refuses } from "./questions.ts";

const axes: Axis[] = [
  new RegularAxis({ name: "x", bins: 4, lower: -2, upper: 2 }),
  new StrCategoryAxis({ name: "dataset", categories: ["a", "b", "c"], growth: true }),
  new BooleanAxis({ name: "passed" }),
  new IntCategoryAxis({ name: "channel", categories: [3, 1, 4] }),
];

/** What may be asked of each axis. */
const questions: string[][] = [
  [":", "1", "underflow", "0:len:sum", "::sum", "1:3", "::rebin(2)", "1:4:rebin(groups=[1, 2])"],
  [":", "'a'", "['b', 'a']", "::sum", "0:2:sum", "1:", "'[bc]*'", "-1"],
  [":", "loc(True)", "::sum", "1:2"],
  [":", "3j", "[4j, 3j]", "::sum", "0:len:sum", "1:", "overflow", ":2"],
];

function filled(storage: StorageType, options: { entries?: number; seed?: number } = {}): Hist {
  const { entries = 400, seed = 5 } = options;
  const hist = new Hist(axes, { storage, name: "h" });
  const prng = new SeededPrng(seed);
  for (let i = 0; i < entries; i++) {
    const row = [6 * prng.uniform() - 3, "cab"[prng.int(0, 3)]!, prng.int(0, 2), prng.int(0, 6)];
    const sample = Math.round(8 * prng.uniform());
    hist.fill(row.map((value) => [value]) as [number[], string[]], {
      ...(storage === "mean" ? { sample: [sample] } : {}),
      ...(storage === "weight" ? { weight: [sample / 8] } : {}),
    });
  }
  return hist;
}

/** The dense array of a sparse answer. */
function spread(response: QueryResponse, like: Hist): Hist["cells"] {
  const found = cellsOf(response, like);
  const cells = new Hist(like.axes, { storage: like.storage }).cells;
  const width = like.spec.cellBytes / 8;
  for (const [i, index] of response.cellIndices.entries()) {
    for (let e = 0; e < width; e++) cells[Number(index) * width + e] = found[i * width + e]!;
  }
  return cells;
}

Deno.test("Query: is select of the dense histogram, dense and sparse (all kinds of questions)", () => {
  for (const [storage, seed] of [["int64", 6], ["double", 7], ["weight", 8]] as const) {
    const service = new TestService();
    const hist = filled(storage);
    const histId = load(service, hist);
    const prng = new SeededPrng(seed);
    for (let round = 0; round < 80; round++) {
      const text = questions.map((list) => list[prng.int(0, list.length)]!).join(", ");
      const expected = select(hist, parseUhi(text));
      const dense = ask(service.context, histId, text);
      assert.equal(dense.uhiJson, formatHistSpec(expected.spec), text);
      assert.deepEqual(cellsOf(dense, expected), expected.cells, `${storage} ${text}`);
      assert.equal(dense.cellIndices.length, 0);
      const sparse = ask(service.context, histId, text, CellEncoding.SPARSE);
      assert.equal(sparse.uhiJson, dense.uhiJson);
      assert.deepEqual(spread(sparse, expected), expected.cells, `${storage} ${text}, sparse`);
      assert.deepEqual(sparse.cellIndices, sparse.cellIndices.toSorted((a, b) => Number(a - b)));
    }
  }
});

Deno.test("Query: few chunks of many possible keys give the same answers as look-ups", () => {
  const service = new TestService();
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const category = (name: string) => new StrCategoryAxis({ name, categories: names });
  const hist = new Hist([category("a"), category("b"), new BooleanAxis({ name: "c" })], {
    storage: "int64",
  });
  // 10 chunks, those of overflow among them, of 41 x 41 keys.
  for (let i = 0; i < 10; i++) hist.fill([[`n${i * 5}`], [`n${i * 7}`], [i % 2]]);
  const histId = load(service, hist);
  for (
    const text of [":, :, :", "::sum, :, :", "::sum, ::sum, :", "'n?', 5:, 1", "overflow, :, :"]
  ) {
    const expected = select(hist, parseUhi(text));
    assert.deepEqual(cellsOf(ask(service.context, histId, text), expected), expected.cells, text);
    const sparse = ask(service.context, histId, text, CellEncoding.SPARSE);
    assert.deepEqual(spread(sparse, expected), expected.cells, text);
  }
});

Deno.test("Query: means of summed categories are merged, those of one are copied", () => {
  const service = new TestService();
  const hist = filled("mean");
  const histId = load(service, hist);
  for (const [text, tolerance] of [["::rebin(2), ::sum, ::sum, 3j", 1e-12], [":, 'b', :, 4j", 0]]) {
    const expected = select(hist, parseUhi(text as string)).cells;
    const cells = cellsOf(ask(service.context, histId, text as string), hist);
    assert.equal(cells.length, expected.length);
    for (const [i, value] of expected.entries()) {
      const difference = Math.abs(Number(cells[i]) - Number(value));
      assert.ok(difference <= Number(tolerance) * Math.abs(Number(value)), `${text} ${i}`);
    }
  }
});

Deno.test("Query: categories are those of the specification, then those seen in the order of their first fill", () => {
  const service = new TestService();
  const hist = new Hist([
    new StrCategoryAxis({ name: "dataset", categories: ["made"], growth: true }),
  ]);
  const histId = load(service, hist);
  const querier = new Querier(service.context);
  const categories = () => {
    const { value } = querier.query(anonymous, { histId, encoding: CellEncoding.DENSE });
    const [axis] = JSON.parse(value.uhiJson).axes;
    return [axis.categories, [...new Float64Array(value.cells.slice().buffer)]];
  };
  const fill = (name: string, value: number) => {
    const cells = new Uint8Array(Float64Array.of(value).buffer);
    const additions = [{ key: keyBytes([name]), cells }];
    addChunks(service.registry, service.registry.find(histId)!, { additions, uniqueId: null });
  };
  assert.deepEqual(categories(), [["made"], [0]]);
  fill("z", 1);
  fill("a", 2);
  assert.deepEqual(categories(), [["made", "z", "a"], [0, 1, 2]]);
  service.commit();
  fill("made", 3);
  assert.deepEqual(categories(), [["made", "z", "a"], [3, 1, 2]]);
  service.commit();
  resetHistogram(service.registry, service.registry.find(histId)!);
  fill("b", 4);
  fill("c", 5);
  assert.deepEqual(categories(), [["made", "b", "c"], [0, 4, 5]]);
});

Deno.test("Query: what the disk takes back is not remembered", () => {
  const service = new TestService();
  const hist = new Hist([new StrCategoryAxis({ name: "dataset", growth: true })]);
  const histId = load(service, hist);
  const querier = new Querier(service.context);
  const fill = (name: string) => {
    const cells = new Uint8Array(Float64Array.of(1).buffer);
    const additions = [{ key: keyBytes([name]), cells }];
    addChunks(service.registry, service.registry.find(histId)!, { additions, uniqueId: null });
  };
  const categories = () => {
    const { value } = querier.query(anonymous, { histId, encoding: CellEncoding.DENSE });
    return JSON.parse(value.uhiJson).axes[0].categories;
  };
  fill("lost");
  assert.deepEqual(categories(), ["lost"]);
  service.refuse();
  service.commit();
  fill("found");
  assert.deepEqual(categories(), ["found"]);
});

Deno.test("Query: answers wait for the epoch of what they show, refusals too", () => {
  const service = new TestService();
  const histId = load(service, filled("int64"));
  const additions = [{ key: keyBytes(["new", 3]), cells: new Uint8Array(12 * 8) }];
  const { epoch } = addChunks(service.registry, service.registry.find(histId)!, {
    additions,
    uniqueId: null,
  });
  const querier = new Querier(service.context);
  const asked = { histId, encoding: CellEncoding.DENSE };
  assert.equal(querier.query(anonymous, asked).epoch, epoch);
  assert.throws(() => ask(service.context, histId, "99, :, :, :"), { epoch });
});

Deno.test("Query: a histogram that grew after it was looked up is looked up again", () => {
  const service = new TestService();
  const histId = load(service, new Hist([new BooleanAxis({ name: "b" })]));
  const old = service.registry.find(histId)!;
  const find = service.registry.find.bind(service.registry);
  const grown = { ...old.metadata, chunkBytes: 24 };
  grown.json = formatHistSpec(
    new Hist([new RegularAxis({ name: "x", bins: 1, lower: 0, upper: 1 })]).spec,
  );
  let isOld = true;
  service.registry.find = (id) => {
    if (!isOld) return find(id);
    isOld = false;
    regrowHistogram(service.registry, old, { metadata: grown, move: () => {} });
    return old;
  };
  assert.equal(ask(service.context, histId, {}).cells.length, 24);
});

Deno.test("Query: an answer above the message limit is RESOURCE_EXHAUSTED, unless it is sparse enough", () => {
  const service = new TestService({ messageBytesMax: 4096 });
  const axes = ["a", "b", "c"].map((name) => new StrCategoryAxis({ name, growth: true }));
  const hist = new Hist([...axes, new BooleanAxis({ name: "d" })]);
  const histId = load(service, hist);
  const additions = Array.from({ length: 100 }, (_, i) => ({
    key: keyBytes([`a${i}`, `b${i}`, `c${i}`]),
    cells: new Uint8Array(Float64Array.of(0, i).buffer),
  }));
  addChunks(service.registry, service.registry.find(histId)!, { additions, uniqueId: null });
  const { context } = service;
  refuses(
    () => ask(context, histId, {}),
    Code.ResourceExhausted,
    "the answer has 16000000 bytes, the limit is 4096; select less, or ask for sparse cells",
  );
  const names = Array.from({ length: 100 }, (_, i) => `a${i}`);
  const sparse = ask(context, histId, ":, 'b?', :, 1", CellEncoding.SPARSE);
  assert.deepEqual(JSON.parse(sparse.uhiJson).axes[0].categories, names);
  assert.deepEqual([...new Float64Array(sparse.cells.slice().buffer)], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(
    sparse.cellIndices,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => BigInt((i * 10 + i) * 100 + i)),
  );
  const tight = new TestService({ messageBytesMax: 900, beside: service });
  refuses(
    () => ask(tight.context, histId, {}, CellEncoding.SPARSE),
    Code.ResourceExhausted,
    /more than 900 bytes/,
  );
});

Deno.test("Query: a histogram of another token does not exist", () => {
  const service = new TestService();
  const histId = load(service, filled("int64"), "mine");
  const request = { histId, encoding: CellEncoding.DENSE };
  const querier = new Querier(service.context);
  for (const token of [null, "other"]) {
    refuses(
      () => querier.query(service.guard.admit(token), request),
      Code.NotFound,
      `unknown histogram id: ${histId}`,
    );
  }
  assert.ok(querier.query(service.guard.admit("mine"), request).value.cells.length > 0);
});
