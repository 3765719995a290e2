import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { encodeDenseView, viewBytesSyncMax } from "../../lib/service/codec.ts";
import { type StatsResponse, StatsResponseSchema } from "../../lib/wire/gen.ts";
import { doubleView, fillMessage, idMessage, initMessage } from "../support/hist_messages.ts";
import { histJson, Status, TestService, textOf } from "./support.ts";

const view = doubleView([1, 2]);
const json = histJson();
const nothing = new Uint8Array(0);

async function statsOf(service: TestService, token: string | null = null): Promise<StatsResponse> {
  const { status, body } = await service.ask("Stats", nothing, token);
  assert.equal(status, Status.ok);
  return fromBinary(StatsResponseSchema, body);
}

Deno.test("Stats: counts histograms, bytes of their cells, calls of all threads, and itself", async () => {
  const service = new TestService();
  const other = new TestService({ beside: service });
  const id = await service.init(json);
  await service.init(json, { chunks: [{ view }] });
  await other.ask("Fill", fillMessage(id, { view }));
  await service.ask("Fill", fillMessage(id, { view: nothing })); // refused, and counted
  const stats = await statsOf(other);
  assert.equal(stats.histogramCount, 2n);
  assert.equal(stats.histogramBytes, 32n);
  assert.equal(stats.activeRpcs, 1n);
  assert.equal(stats.version, "1.2.3");
  assert.equal(stats.uptimeSeconds, 42n);
  assert.deepEqual([stats.userCpuSeconds, stats.systemCpuSeconds], [1.5, 0.5]);
  assert.deepEqual(stats.rpcCallsTotal, { Init: 2n, Fill: 2n, Stats: 1n });
  assert.equal(stats.observedAt?.seconds, 1_795_000_000n);
  assert.equal(stats.tokenScoped, undefined);
});

Deno.test("Stats: calls that are refused at their first bytes count as all others do", async () => {
  const service = new TestService();
  await service.ask("Fill", fillMessage("0".repeat(32), { view }));
  await service.ask("FillMany", fillMessage("0".repeat(32), {}));
  assert.deepEqual((await statsOf(service)).rpcCallsTotal, { Fill: 1n, FillMany: 1n, Stats: 1n });
  assert.equal(service.activeRpcs, 0);
});

Deno.test("Stats: with a token adds that token's share, its first Init included", async () => {
  const service = new TestService();
  await service.init(json, { chunks: [{ view }] });
  const id = await service.init(json, { chunks: [{ view }], token: "t" });
  await service.ask("Fill", fillMessage(id, { view }), "t");
  await service.ask("Fill", fillMessage(id, { view }), "other");
  const stats = await statsOf(service, "t");
  assert.equal(stats.histogramCount, 2n);
  assert.deepEqual(
    [stats.tokenScoped?.histogramCount, stats.tokenScoped?.histogramBytes],
    [1n, 16n],
  );
  assert.deepEqual(stats.tokenScoped?.rpcCallsTotal, { Init: 1n, Fill: 1n, Stats: 1n });
});

Deno.test("Stats: a token's first Init counts, however long its contents take to decode", async () => {
  const service = new TestService();
  const cells = 1 + viewBytesSyncMax / 8;
  const chunks = [{ view: encodeDenseView("lz4", new Uint8Array(cells * 8)) }];
  await service.init(histJson({ cells }), { chunks, codec: "lz4", token: "t" });
  const stats = await statsOf(service, "t");
  assert.deepEqual(stats.tokenScoped?.rpcCallsTotal, { Init: 1n, Stats: 1n });
});

Deno.test("Stats: a token without histograms is unknown; its counters go with its last one", async () => {
  const service = new TestService();
  const stats = () => service.ask("Stats", nothing, "t");
  assert.equal((await stats()).status, Status.notFound);
  const ids = [await service.init(json, { token: "t" }), await service.init(json, { token: "t" })];
  await service.ask("Delete", idMessage(ids[0]!), "t");
  assert.equal((await stats()).status, Status.ok);
  await service.ask("Delete", idMessage(ids[1]!), "t");
  const { status, message } = await stats();
  assert.equal(status, Status.notFound);
  assert.match(message, /^unknown token/);
  await service.init(json, { token: "t" });
  const again = await statsOf(service, "t");
  assert.deepEqual(again.tokenScoped?.rpcCallsTotal, { Init: 1n, Stats: 1n });
});

Deno.test("Stats: a call runs until its epoch is on disk", async () => {
  const service = new TestService();
  const id = await service.init(json);
  const call = service.call("Fill", fillMessage(id, { view }));
  assert.equal(service.activeRpcs, 1);
  service.commit();
  await call.done();
  assert.equal(service.activeRpcs, 0);
});

Deno.test("Init: of a token counts once for it when it is answered late", async () => {
  const service = new TestService();
  const call = service.call("Init", initMessage(json), "t");
  service.commit();
  assert.match(textOf((await call.done()).body), /^[0-9a-f]{32}$/);
  assert.deepEqual((await statsOf(service, "t")).tokenScoped?.rpcCallsTotal, {
    Init: 1n,
    Stats: 1n,
  });
});

Deno.test("Stats: bytes that are no protobuf message are INVALID_ARGUMENT; unknown fields are skipped", async () => {
  const service = new TestService();
  assert.equal(
    (await service.ask("Stats", Uint8Array.of(0x0a, 0xff))).status,
    Status.invalidArgument,
  );
  assert.equal((await service.ask("Stats", Uint8Array.of(0x7a, 1, 9))).status, Status.ok);
});
