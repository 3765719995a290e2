import assert from "node:assert/strict";
import { directRpcs } from "../../lib/service/mod.ts";
import { RPC_NAMES, type RpcName } from "../../lib/service/counters.ts";
import { doubleView, fillMessage, idMessage } from "../support/hist_messages.ts";
import { histJson, Status, TestService } from "./support.ts";

const megabytes = 2 ** 20;

function admit(service: TestService, name: RpcName, head: Uint8Array) {
  const token = null;
  return directRpcs(service.context).get(`/HistogrammerService/${name}`)!.admit(head, { token });
}

Deno.test("admit: 64 KiB for small messages, the large limit for those with contents (issue 3)", () => {
  const service = new TestService({ messageBytesMax: 5 * megabytes });
  const large = ["Init", "Fill", "FillMany", "Snapshot"];
  for (const name of RPC_NAMES) {
    assert.deepEqual(admit(service, name, new Uint8Array(0)), {
      maxBytes: large.includes(name) ? 5 * megabytes : 65_536,
    }, name);
  }
});

Deno.test("admit: a small limit holds for small messages, too", () => {
  const service = new TestService({ messageBytesMax: 1024 });
  for (const name of RPC_NAMES) {
    assert.deepEqual(admit(service, name, new Uint8Array(0)), { maxBytes: 1024 }, name);
  }
});

Deno.test("admit: a Fill may be as long as its histogram implies, FillMany as the limit (issue 3)", async () => {
  const service = new TestService();
  const id = await service.init(histJson({ cells: 1000 }));
  const head = fillMessage(id, { view: doubleView(new Array(1000).fill(1)) }).subarray(0, 64);
  const admission = admit(service, "Fill", head);
  assert.ok("maxBytes" in admission);
  // 8,000 bytes of cells; the longest key and id, and what a codec may add.
  assert.ok(admission.maxBytes > 8000 + 65_535 + 1024 && admission.maxBytes < 100_000);
  const tooLong = fillMessage(id, { view: new Uint8Array(100_000) });
  assert.equal((await service.ask("Fill", tooLong)).status, Status.resourceExhausted);
  assert.deepEqual(admit(service, "FillMany", head), { maxBytes: service.context.messageBytesMax });
});

Deno.test("admit: a fill of an unknown histogram is refused before its contents are read", () => {
  const service = new TestService();
  for (const name of ["Fill", "FillMany"] as const) {
    const admission = admit(service, name, idMessage("f".repeat(32)));
    assert.deepEqual(admission, {
      code: Status.notFound,
      message: `unknown histogram id: ${"f".repeat(32)}`,
    });
  }
});

Deno.test("admit: an id that is not at the start, or cut, decides nothing", async () => {
  const service = new TestService();
  const id = await service.init(histJson());
  const maxBytes = service.context.messageBytesMax;
  assert.deepEqual(admit(service, "Fill", Uint8Array.of(0x12, 0)), { maxBytes });
  assert.deepEqual(admit(service, "Fill", idMessage(id).subarray(0, 20)), { maxBytes });
});

Deno.test("an unknown id is told shortened, however long it is", async () => {
  const service = new TestService();
  for (
    const [name, message] of [
      ["Exists", idMessage("x".repeat(60_000))],
      ["Delete", idMessage("x".repeat(60_000))],
      ["Fill", fillMessage("x".repeat(60_000), {})],
    ] as [RpcName, Uint8Array][]
  ) {
    const answer = await service.ask(name, message);
    if (name !== "Exists") assert.equal(answer.status, Status.notFound);
    assert.ok(answer.message.length < 100);
  }
});
