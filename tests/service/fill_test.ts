import assert from "node:assert/strict";
import { encodeDenseView, viewBytesSyncMax } from "../../lib/service/codec.ts";
import {
  doubleView,
  fillManyMessage,
  fillMessage,
  type KeyPart,
  wasFilledMessage,
} from "../support/hist_messages.ts";
import { type CallAnswer, flagOf, histJson, Status, TestService } from "./support.ts";

const view = doubleView([1, 2]);

/** A service with one histogram over a string and an integer axis. */
async function withCategories(): Promise<{ service: TestService; id: string }> {
  const service = new TestService();
  const id = await service.init(histJson({ strings: ["cat"], integers: ["run"] }));
  return { service, id };
}

Deno.test("Fill: a refused one changes nothing and takes no id, and the same id may be used then", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  for (const bad of [view.slice(0, 15), new Uint8Array(17), new Uint8Array(0)]) {
    const answer = await service.ask("Fill", fillMessage(id, { view: bad, uniqueId: "u" }));
    assert.equal(answer.status, Status.invalidArgument);
  }
  assert.deepEqual(await service.contents(id), {});
  const answer = await service.ask("Fill", fillMessage(id, { view, uniqueId: "u" }));
  assert.equal(answer.status, Status.ok);
  assert.deepEqual(await service.contents(id), { "": [1, 2] });
});

Deno.test("FillMany: all or nothing when its last chunk is bad", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ strings: ["cat"] }));
  const good = Array.from({ length: 20 }, (_, i) => ({ key: [`k${i}`], view }));
  for (const bad of [{ key: ["z"], view: view.slice(1) }, { key: [7], view }, { key: [], view }]) {
    const answer = await service.ask(
      "FillMany",
      fillManyMessage(id, { chunks: [...good, bad], uniqueId: "u" }),
    );
    assert.equal(answer.status, Status.invalidArgument);
    assert.deepEqual(await service.contents(id), {});
  }
  const was = await service.ask("WasFilledWithUniqueId", wasFilledMessage(id, "u"));
  assert.equal(flagOf(was.body), false);
});

Deno.test("FillMany: all or nothing when memory is short, and the budget is as before", async () => {
  const service = new TestService({ budgetBytes: 2 ** 20 });
  const id = await service.init(histJson({ cells: 8192, strings: ["cat"] }));
  const usedBytes = service.registry.arena.usedBytes;
  const chunks = Array.from({ length: 20 }, (_, i) => ({
    key: [`k${i}`],
    view: new Uint8Array(65_536).fill(1),
  }));
  const answer = await service.ask("FillMany", fillManyMessage(id, { chunks, uniqueId: "u" }));
  assert.equal(answer.status, Status.resourceExhausted);
  assert.match(answer.message, /^cannot fill: .*delete histograms or raise --max-bytes$/);
  assert.deepEqual(await service.contents(id), {});
  assert.equal(service.registry.arena.usedBytes, usedBytes);
  const few = fillManyMessage(id, { chunks: chunks.slice(0, 3), uniqueId: "u" });
  assert.equal((await service.ask("FillMany", few)).status, Status.ok);
});

Deno.test("FillMany: a key that comes twice adds up", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ strings: ["cat"] }));
  const chunks = [{ key: ["a"], view }, { key: ["b"], view }, { key: ["a"], view }];
  assert.equal((await service.ask("FillMany", fillManyMessage(id, { chunks }))).status, Status.ok);
  assert.deepEqual(await service.contents(id), { a: [2, 4], b: [1, 2] });
});

Deno.test("FillMany: without chunks is OK and takes its id (as Python's histserv)", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  const message = fillManyMessage(id, { uniqueId: "u" });
  assert.equal((await service.ask("FillMany", message)).status, Status.ok);
  assert.equal((await service.ask("FillMany", message)).status, Status.alreadyExists);
  const fill = fillMessage(id, { view, uniqueId: "u" });
  assert.equal((await service.ask("Fill", fill)).status, Status.alreadyExists);
});

Deno.test("Fill: unique ids of 0 and 1,024 bytes count once, 1,025 bytes are refused (issue 3)", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  for (const bytes of [0, 1024]) {
    const fill = fillMessage(id, { view, uniqueId: new Uint8Array(bytes).fill(9) });
    assert.equal((await service.ask("Fill", fill)).status, Status.ok);
    const again = await service.ask("Fill", fill);
    assert.equal(again.status, Status.alreadyExists);
    assert.match(again.message, new RegExp(`^rejected fill of histogram id ${id}, because`));
  }
  const long = fillMessage(id, { view, uniqueId: new Uint8Array(1025) });
  assert.equal((await service.ask("Fill", long)).status, Status.invalidArgument);
  assert.deepEqual(await service.contents(id), { "": [2, 4] });
});

Deno.test("WasFilledWithUniqueId: knows the ids of Fill and FillMany, until a reset", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  const was = async (uniqueId: string | Uint8Array): Promise<boolean> =>
    flagOf((await service.ask("WasFilledWithUniqueId", wasFilledMessage(id, uniqueId))).body);
  await service.ask("Fill", fillMessage(id, { view, uniqueId: "f" }));
  await service.ask("FillMany", fillManyMessage(id, { uniqueId: "m" }));
  assert.deepEqual([await was("f"), await was("m"), await was("x"), await was("")], [
    true,
    true,
    false,
    false,
  ]);
  assert.equal(await was(new Uint8Array(60_000)), false);
  await service.ask("Reset", fillMessage(id, {}));
  assert.deepEqual([await was("f"), await was("m")], [false, false]);
});

const keyCases: readonly (readonly [string, readonly KeyPart[], number, RegExp | null])[] = [
  ["of the axes' kinds", ["a", 1], Status.ok, null],
  ["with the empty string and 0", ["", 0], Status.ok, null],
  ["with int32's limits", ["a", 2 ** 31 - 1], Status.ok, null],
  ["with int32's lower limit", ["a", -(2 ** 31)], Status.ok, null],
  ["above int32", ["a", 2 ** 31], Status.invalidArgument, /32-bit integer categories/],
  ["below int32", ["a", -(2n ** 31n) - 1n], Status.invalidArgument, /32-bit integer categories/],
  ["with an integer for strings", [1, 1], Status.invalidArgument, /"cat" has string categories/],
  ["with a string for integers", ["a", "1"], Status.invalidArgument, /"run" has integer categor/],
  ["with a value unset", ["a", null], Status.invalidArgument, /must be set/],
  ["too short", ["a"], Status.invalidArgument, /1 values, the histogram has 2 category axes/],
  ["too long", ["a", 1, 2], Status.invalidArgument, /3 values, the histogram has 2 category axes/],
  // 5 + text, 9: 65,535 bytes in canonical form.
  ["of 65,535 bytes", ["a".repeat(65_521), 1], Status.ok, null],
  ["of 65,536 bytes", ["a".repeat(65_522), 1], Status.invalidArgument, /the limit is 65535/],
];

for (const [title, key, status, message] of keyCases) {
  Deno.test(`Fill: a key ${title} is ${status === Status.ok ? "taken" : "refused"} (issue 3)`, async () => {
    const { service, id } = await withCategories();
    const answer = await service.ask("Fill", fillMessage(id, { key, view }));
    assert.equal(answer.status, status, answer.message);
    if (message) assert.match(answer.message, message);
    assert.ok(answer.message.length < 300);
    const contents = await service.contents(id);
    assert.deepEqual(Object.keys(contents), status === Status.ok ? [key.join("|")] : []);
  });
}

Deno.test("Fill: a histogram without category axes takes the empty key only", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  const answer = await service.ask("Fill", fillMessage(id, { key: ["a"], view }));
  assert.equal(answer.status, Status.invalidArgument);
});

for (const codec of ["zstd", "lz4"]) {
  for (const cells of [2, 1 + viewBytesSyncMax / 8]) {
    Deno.test(`Fill: ${codec} views of ${cells} cells are decoded to their exact size`, async () => {
      const service = new TestService();
      const id = await service.init(histJson({ cells }));
      const fill = (sent: Uint8Array, uniqueId: string): Promise<CallAnswer> =>
        service.ask("Fill", fillMessage(id, { view: sent, codec, uniqueId }));
      const raw = doubleView(Array.from({ length: cells }, (_, i) => i));
      assert.equal((await fill(encodeDenseView(codec, raw), "a")).status, Status.ok);
      for (const wrong of [raw.subarray(8), new Uint8Array(raw.length + 8)]) {
        const answer = await fill(encodeDenseView(codec, wrong), "b");
        assert.equal(answer.status, Status.invalidArgument);
        assert.match(answer.message, /^invalid fill request: Cannot decode dense view: /);
      }
      assert.equal((await fill(Uint8Array.of(1, 2, 3), "b")).status, Status.invalidArgument);
      assert.equal((await fill(encodeDenseView(codec, raw), "a")).status, Status.alreadyExists);
      assert.equal((await fill(Uint8Array.of(1), "a")).status, Status.alreadyExists);
      assert.equal((await fill(encodeDenseView(codec, raw), "b")).status, Status.ok);
      const contents = await service.contents(id);
      assert.deepEqual(contents[""]!.slice(0, 2), [0, 2]);
      assert.equal(contents[""]!.at(-1), 2 * (cells - 1));
      assert.equal(service.activeRpcs, 0);
      assert.deepEqual(service.bugs, []);
    });
  }
}

for (const codec of ["", "gzip", "x".repeat(1000)]) {
  Deno.test(`Fill: codec "${codec.slice(0, 8)}" is refused in a short sentence`, async () => {
    const service = new TestService();
    const id = await service.init(histJson());
    const answer = await service.ask("Fill", fillMessage(id, { view, codec }));
    assert.equal(answer.status, Status.invalidArgument);
    assert.ok(answer.message.length < 300, answer.message);
  });
}

Deno.test("FillMany: views are decoded up to the message limit together, not by the sender's word", async () => {
  const service = new TestService({ messageBytesMax: 2 ** 20 });
  const id = await service.init(histJson({ cells: 2 ** 14, strings: ["cat"] })); // 128 KiB a chunk
  const zeros = encodeDenseView("zstd", new Uint8Array(2 ** 17));
  const chunks = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: [`k${i}`], view: zeros }));
  const many = fillManyMessage(id, { chunks: chunks(9), codec: "zstd", uniqueId: "u" });
  assert.equal((await service.ask("FillMany", many)).status, Status.resourceExhausted);
  const fitting = fillManyMessage(id, { chunks: chunks(8), codec: "zstd", uniqueId: "u" });
  assert.equal((await service.ask("FillMany", fitting)).status, Status.ok);
});

Deno.test("Fill: integers wrap modulo 2^64, NaN and infinities pass (as Python's histserv)", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ storage: "int" }));
  const cells = (values: bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer);
  await service.ask("Fill", fillMessage(id, { view: cells([2n ** 63n - 1n, -1n]) }));
  await service.ask("Fill", fillMessage(id, { view: cells([1n, -1n]) }));
  const contents = await service.contents(id);
  assert.deepEqual(
    [...new BigInt64Array(new Float64Array(contents[""]!).buffer)],
    [-(2n ** 63n), -2n],
  );
  const double = await service.init(histJson());
  await service.ask("Fill", fillMessage(double, { view: doubleView([NaN, Infinity]) }));
  assert.deepEqual(await service.contents(double), { "": [NaN, Infinity] });
});

Deno.test("Fill: weighted cells are 16 bytes, value and variance", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ storage: "weighted" }));
  assert.equal(
    (await service.ask("Fill", fillMessage(id, { view }))).status,
    Status.invalidArgument,
  );
  const weighted = fillMessage(id, { view: doubleView([1, 1, 2, 4]) });
  await service.ask("Fill", weighted);
  await service.ask("Fill", weighted);
  assert.deepEqual(await service.contents(id), { "": [2, 2, 4, 8] });
});

Deno.test("Fill: while a large view is decoded the histogram may go; then it is NOT_FOUND", async () => {
  const service = new TestService();
  const cells = 1 + viewBytesSyncMax / 8;
  const id = await service.init(histJson({ cells }));
  const sent = encodeDenseView("lz4", new Uint8Array(cells * 8));
  const slow = service.call("Fill", fillMessage(id, { view: sent, codec: "lz4", uniqueId: "u" }));
  assert.equal((await service.ask("Delete", fillMessage(id, {}))).status, Status.ok);
  assert.equal((await slow.done()).status, Status.notFound);
  assert.equal(service.activeRpcs, 0);
});

Deno.test("Fill: a chunk without cells (an integer axis that has yet to grow) has a key, an id and no bytes", async () => {
  const service = new TestService();
  const axis = {
    type: "regular",
    lower: 0,
    upper: 0,
    bins: 0,
    underflow: false,
    overflow: false,
    circular: false,
    metadata: { name: "n" },
    writer_info: { "boost-histogram": { orig_type: "Integer", growth: true } },
  };
  const description = JSON.parse(histJson({ strings: ["cat"] }));
  description.axes[1] = axis;
  const id = await service.init(JSON.stringify(description));
  const nothing = new Uint8Array(0);
  const chunks = [{ key: ["a"], view: nothing }, { key: ["b"], view: nothing }];
  const many = fillManyMessage(id, { chunks, uniqueId: "u" });
  assert.equal((await service.ask("FillMany", many)).status, Status.ok);
  assert.equal((await service.ask("FillMany", many)).status, Status.alreadyExists);
  const long = fillMessage(id, { key: ["a"], view: new Uint8Array(8) });
  assert.equal((await service.ask("Fill", long)).status, Status.invalidArgument);
  assert.deepEqual(await service.contents(id), { a: [], b: [] });
  const again = new TestService({ registry: service.disk.restore(), disk: service.disk });
  assert.deepEqual(await again.contents(id), { a: [], b: [] });
  assert.equal((await again.ask("FillMany", many)).status, Status.alreadyExists);
  assert.equal((await again.ask("Reset", fillMessage(id, {}))).status, Status.ok);
  assert.deepEqual(again.bugs, []);
});
