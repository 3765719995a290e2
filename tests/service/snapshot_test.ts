import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { decodeDenseView, encodeDenseView } from "../../lib/service/codec.ts";
import {
  doublesOf,
  doubleView,
  fillManyMessage,
  fillMessage,
  idMessage,
  type KeyPart,
  snapshotChunks,
  type SnapshotFields,
  snapshotMessage,
} from "../support/hist_messages.ts";
import { parseFields, textOf } from "../support/wire_bytes.ts";
import { cellsOf, histJson, Status, TestService } from "./support.ts";

const view = doubleView([1, 2]);
const json = histJson({ strings: ["cat"], integers: ["run"] });
const keys: readonly (readonly KeyPart[])[] = [["b", 1], ["a", 1], ["a", 2], ["b", -3]];

async function withChunks(): Promise<{ service: TestService; id: string }> {
  const service = new TestService();
  const id = await service.init(json, { chunks: keys.map((key) => ({ key, view })) });
  return { service, id };
}

Deno.test("Snapshot: gives the text of Init and all chunks in the order of their first fill", async () => {
  const { service, id } = await withChunks();
  await service.ask("Fill", fillMessage(id, { key: ["a", 2], view }));
  const { body } = await service.ask("Snapshot", snapshotMessage(id));
  const payload = parseFields(body).get(1)!.at(-1) as Uint8Array;
  assert.equal(textOf(payload, 1), json);
  assert.equal(parseFields(payload).has(3), false); // no codec
  assert.deepEqual([...snapshotChunks(body)].map(([key, cells]) => [key, doublesOf(cells)]), [
    ["b|1", [1, 2]],
    ["a|1", [1, 2]],
    ["a|2", [2, 4]],
    ["b|-3", [1, 2]],
  ]);
});

Deno.test("Snapshot: of a histogram without chunks has none, after Init and after Reset", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  assert.deepEqual(await service.contents(id), {});
  await service.ask("Fill", fillMessage(id, { view }));
  await service.ask("Reset", idMessage(id));
  assert.deepEqual(await service.contents(id), {});
});

const selections: readonly (readonly [string, SnapshotFields["selectors"], readonly string[]])[] = [
  ["one value", [{ axis: "cat", values: ["a"] }], ["a|1", "a|2"]],
  ["two values of one axis", [{ axis: "run", values: [1, -3] }], ["b|1", "a|1", "b|-3"]],
  ["both axes", [{ axis: "cat", values: ["a"] }, { axis: "run", values: [1] }], ["a|1"]],
  ["an axis twice: the last counts", [
    { axis: "cat", values: ["a"] },
    { axis: "cat", values: ["b"] },
  ], ["b|1", "b|-3"]],
  ["a category that nobody filled", [{ axis: "cat", values: ["z"] }], []],
  ["an integer for strings: none has it", [{ axis: "cat", values: [1] }], []],
  ["a value twice", [{ axis: "cat", values: ["a", "a"] }], ["a|1", "a|2"]],
];

for (const [title, selectors, expected] of selections) {
  Deno.test(`Snapshot: selects ${title}`, async () => {
    const { service, id } = await withChunks();
    const { body, status } = await service.ask(
      "Snapshot",
      snapshotMessage(id, { selectors: selectors! }),
    );
    assert.equal(status, Status.ok);
    assert.deepEqual(Object.keys(cellsOf(body)), expected);
  });
}

const refusals: readonly (readonly [string, SnapshotFields, number])[] = [
  ["an unknown axis", { selectors: [{ axis: "zzz", values: ["a"] }] }, Status.invalidArgument],
  ["a dense axis", { selectors: [{ axis: "x", values: [1] }] }, Status.failedPrecondition],
  ["an empty axis", { selectors: [{ axis: "", values: ["a"] }] }, Status.failedPrecondition],
  ["no values", { selectors: [{ axis: "cat", values: [] }] }, Status.failedPrecondition],
  ["an unset value", { selectors: [{ axis: "cat", values: [null] }] }, Status.failedPrecondition],
  ["an unknown codec", { codec: "gzip" }, Status.failedPrecondition],
  ["an unknown codec, deleting", { codec: "gzip", isDelete: true }, Status.failedPrecondition],
  ["an empty codec", { codec: "" }, Status.failedPrecondition],
  [
    "deletion of a part",
    { isDelete: true, selectors: [{ axis: "cat", values: ["a"] }] },
    Status.invalidArgument,
  ],
];

for (const [title, fields, status] of refusals) {
  Deno.test(`Snapshot: ${title} is refused and nothing is deleted (field page, bad input)`, async () => {
    const { service, id } = await withChunks();
    const answer = await service.ask("Snapshot", snapshotMessage(id, fields));
    assert.equal(answer.status, status, answer.message);
    assert.doesNotMatch(answer.message, /Error\b|\n/);
    assert.equal(Object.keys(await service.contents(id)).length, keys.length);
  });
}

for (const codec of ["zstd", "lz4"]) {
  Deno.test(`Snapshot: ${codec} views decode to the cells, and the codec is named`, async () => {
    const { service, id } = await withChunks();
    const { body } = await service.ask("Snapshot", snapshotMessage(id, { codec }));
    assert.equal(textOf(parseFields(body).get(1)!.at(-1) as Uint8Array, 3), codec);
    for (const [, sent] of snapshotChunks(body)) {
      assert.deepEqual(doublesOf(decodeDenseView(codec, sent, 16)), [1, 2]);
    }
  });

  Deno.test(`Snapshot: a deletion with ${codec} gives all and leaves nothing`, async () => {
    const { service, id } = await withChunks();
    const message = snapshotMessage(id, { codec, isDelete: true });
    const { body, status } = await service.ask("Snapshot", message);
    assert.equal(status, Status.ok);
    assert.equal(snapshotChunks(body).size, keys.length);
    assert.equal((await service.ask("Snapshot", message)).status, Status.notFound);
  });
}

Deno.test("Snapshot: a deletion loses no fill that was acknowledged in between (seeded)", async () => {
  const seed = 11;
  const prng = new SeededPrng(seed);
  const service = new TestService();
  const other = new TestService({ beside: service });
  for (let round = 0; round < 50; round++) {
    const id = await service.init(histJson());
    const fills = Array.from({ length: prng.int(1, 8) }, () => {
      if (prng.int(0, 4) === 0) service.commit();
      return prng.int(0, 2) === 0 ? service : other;
    }).map((thread) => thread.call("Fill", fillMessage(id, { view: doubleView([1, 1]) })));
    const deletion = other.call("Snapshot", snapshotMessage(id, { isDelete: true }));
    const late = Array.from(
      { length: prng.int(1, 4) },
      () => service.call("Fill", fillMessage(id, { view: doubleView([1, 1]) })),
    );
    service.commit();
    const { status, body } = await deletion.done();
    assert.equal(status, Status.ok);
    let acknowledged = 0;
    for (const fill of [...fills, ...late]) {
      const answer = await fill.done();
      if (answer.status === Status.ok) acknowledged++;
      else assert.equal(answer.status, Status.notFound);
    }
    assert.deepEqual(cellsOf(body), { "": [acknowledged, acknowledged] }, `seed ${seed}`);
  }
});

Deno.test("Snapshot: is of one moment: every FillMany is in all of its chunks or in none", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ strings: ["cat"] }));
  const chunks = ["a", "b", "c"].map((name) => ({ key: [name], view: doubleView([1, 1]) }));
  const snapshots = [];
  for (let i = 0; i < 20; i++) {
    service.call("FillMany", fillManyMessage(id, { chunks }));
    snapshots.push(service.call("Snapshot", snapshotMessage(id)));
  }
  service.commit();
  for (const [i, snapshot] of snapshots.entries()) {
    const n = i + 1;
    assert.deepEqual(cellsOf((await snapshot.done()).body), { a: [n, n], b: [n, n], c: [n, n] });
  }
});

Deno.test("Snapshot: larger than the pieces of a response, bit by bit", async () => {
  const service = new TestService();
  const cells = 100_003;
  const id = await service.init(histJson({ cells }));
  const numbers = Array.from({ length: cells }, (_, i) => i % 5000 === 4999 ? -0 : i / 3);
  await service.ask("Fill", fillMessage(id, { view: doubleView(numbers) }));
  const [chunk] = snapshotChunks((await service.ask("Snapshot", snapshotMessage(id))).body)
    .values();
  assert.deepEqual(chunk!.slice(), doubleView(numbers));
  const zstd = (await service.ask("Snapshot", snapshotMessage(id, { codec: "zstd" }))).body;
  const [small] = snapshotChunks(zstd).values();
  assert.deepEqual(decodeDenseView("zstd", small!, cells * 8), doubleView(numbers));
  assert.ok(encodeDenseView("zstd", doubleView(numbers)).length > 0);
});

for (
  const [title, cells, count] of [["one large chunk", 700_000, 1], [
    "many small chunks",
    100,
    6000,
  ]] as const
) {
  Deno.test(`Snapshot: ${title} past 4 MiB, copied in memory touched before, is complete`, async () => {
    const service = new TestService();
    const id = await service.init(histJson({ cells, strings: ["cat"] }));
    const large = doubleView(Array.from({ length: cells }, (_, i) => i));
    const chunks = Array.from({ length: count }, (_, i) => ({ key: [`k${i}`], view: large }));
    await service.ask("FillMany", fillManyMessage(id, { chunks }));
    const { body, status } = await service.ask("Snapshot", snapshotMessage(id, { isDelete: true }));
    assert.equal(status, Status.ok);
    const seen = [...snapshotChunks(body)];
    assert.deepEqual(seen.map(([key]) => key), chunks.map(({ key }) => key[0]));
    for (const [, view] of seen) assert.deepEqual(view, large);
    assert.equal((await service.ask("Snapshot", snapshotMessage(id))).status, Status.notFound);
  });
}
