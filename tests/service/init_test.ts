import assert from "node:assert/strict";
import { readUsage } from "../../lib/accum/mod.ts";
import { encodeDenseView, viewBytesSyncMax } from "../../lib/service/codec.ts";
import { doubleView, idMessage, initMessage, snapshotMessage } from "../support/hist_messages.ts";
import { bytesField } from "../support/wire_bytes.ts";
import { histJson, Status, TestService, textOf } from "./support.ts";

const view = doubleView([1, 2]);

Deno.test("Init: answers with 32 lower-case hexadecimal digits, each time others", async () => {
  const service = new TestService();
  const ids = [await service.init(histJson()), await service.init(histJson())];
  for (const id of ids) assert.match(id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  assert.notEqual(ids[0], ids[1]);
});

Deno.test("Init: all or nothing when its last chunk is bad", async () => {
  const service = new TestService();
  const json = histJson({ strings: ["cat"] });
  await service.init(json);
  const usedBytes = service.registry.arena.usedBytes;
  const chunks = [{ key: ["a"], view }, { key: ["b"], view: view.slice(1) }];
  const answer = await service.ask("Init", initMessage(json, { chunks }));
  assert.equal(answer.status, Status.invalidArgument);
  assert.match(answer.message, /^invalid init payload: /);
  assert.equal(readUsage(service.registry.arena, null).histograms, 1);
  assert.equal(service.registry.arena.usedBytes, usedBytes);
});

Deno.test("Init: all or nothing when memory is short, with a sentence that says how to get more", async () => {
  const service = new TestService({ budgetBytes: 2 ** 20 });
  const json = histJson({ cells: 8192, strings: ["cat"] });
  await service.init(json);
  const usedBytes = service.registry.arena.usedBytes;
  const chunks = Array.from({ length: 20 }, (_, i) => ({
    key: [`k${i}`],
    view: new Uint8Array(65_536),
  }));
  const answer = await service.ask("Init", initMessage(json, { chunks }));
  assert.equal(answer.status, Status.resourceExhausted);
  assert.match(
    answer.message,
    /^cannot make the histogram: .*; delete histograms or raise --max-bytes$/,
  );
  assert.equal(readUsage(service.registry.arena, null).histograms, 1);
  // The record stays in the pool.
  assert.equal(service.registry.arena.usedBytes - usedBytes, 320);
});

Deno.test("Init: beyond the budget is RESOURCE_EXHAUSTED, whatever the number of bins (issue 3)", async () => {
  const service = new TestService({ budgetBytes: 2 ** 20 });
  for (const cells of [2 ** 17 + 1, 2 ** 31 - 1]) {
    const answer = await service.ask("Init", initMessage(histJson({ cells })));
    assert.equal(answer.status, Status.resourceExhausted);
    assert.match(answer.message, /one chunk needs \d+ bytes, \d+ of 1048576 are free/);
  }
  await service.init(histJson({ cells: 1024 }));
});

Deno.test("Init: duplicate chunk keys add up, chunks keep their order", async () => {
  const service = new TestService();
  const chunks = [{ key: ["b"], view }, { key: ["a"], view }, { key: ["b"], view }];
  const id = await service.init(histJson({ strings: ["cat"] }), { chunks });
  const contents = await service.contents(id);
  assert.deepEqual(Object.entries(contents), [["b", [2, 4]], ["a", [1, 2]]]);
});

for (const codec of ["zstd", "lz4"]) {
  Deno.test(`Init: takes ${codec} views, small and large`, async () => {
    const service = new TestService();
    for (const cells of [2, 1 + viewBytesSyncMax / 8]) {
      const raw = doubleView(Array.from({ length: cells }, (_, i) => i));
      const chunks = [{ view: encodeDenseView(codec, raw) }];
      const id = await service.init(histJson({ cells }), { chunks, codec });
      assert.deepEqual((await service.contents(id))[""]!.slice(0, 2), [0, 1]);
    }
  });
}

Deno.test("Init: an unknown codec matters only with chunks (as Python's histserv)", async () => {
  const service = new TestService();
  await service.init(histJson(), { codec: "gzip" });
  const answer = await service.ask(
    "Init",
    initMessage(histJson(), { chunks: [{ view }], codec: "gzip" }),
  );
  assert.equal(answer.status, Status.invalidArgument);
});

for (const text of ["", "{", "null", "[]", '{"axes":[]}', histJson({ storage: "mean" })]) {
  Deno.test(`Init: ${text.slice(0, 12) || "no text"} is INVALID_ARGUMENT in a plain sentence`, async () => {
    const service = new TestService();
    const answer = await service.ask("Init", initMessage(text));
    assert.equal(answer.status, Status.invalidArgument);
    assert.match(answer.message, /^invalid init payload: /);
    assert.doesNotMatch(answer.message, /Error\b|\n/);
    assert.deepEqual(service.bugs, []);
  });
}

Deno.test("Describe: gives the text of Init verbatim, after fills and resets too", async () => {
  const service = new TestService();
  const json = ` ${histJson({ strings: ["cat"] })}\n`.replace('"cat"', '"k\\u00e4t é\u{1f600}"');
  const id = await service.init(json, { chunks: [{ key: ["new"], view }] });
  const describe = async () => textOf((await service.ask("Describe", idMessage(id))).body);
  assert.equal(await describe(), json);
  await service.ask("Reset", idMessage(id));
  assert.equal(await describe(), json);
});

Deno.test("Init: what it made is there after a restart, with its chunks and its token", async () => {
  const service = new TestService();
  const json = histJson({ strings: ["cat"] });
  const chunks = [{ key: ["a"], view }];
  const id = await service.init(json, { chunks, token: "secret" });
  const again = new TestService({ registry: service.disk.restore(), disk: service.disk });
  assert.deepEqual(await again.contents(id, "secret"), { a: [1, 2] });
  const answer = await again.ask("Snapshot", snapshotMessage(id));
  assert.equal(answer.status, Status.notFound);
});

Deno.test("Init: several payloads merge, the last text counts (protobuf encoding, Last One Wins)", async () => {
  const service = new TestService();
  const first = initMessage(histJson({ cells: 5 }), { chunks: [{ view }] });
  const second = bytesField(1, bytesField(1, histJson()));
  const answer = await service.ask("Init", Uint8Array.from([...first, ...second]));
  assert.equal(answer.status, Status.ok);
  assert.deepEqual(await service.contents(textOf(answer.body)), { "": [1, 2] });
});
