import assert from "node:assert/strict";
import { regrowHistogram } from "../../lib/accum/mod.ts";
import { encodeDenseView, viewBytesSyncMax } from "../../lib/service/codec.ts";
import { doubleView, fillMessage } from "../support/hist_messages.ts";
import { histJson, Status, TestService } from "./support.ts";

/** Large enough that it is decoded step by step. */
const cells = viewBytesSyncMax / 8 + 1;
const view = encodeDenseView("zstd", doubleView(Array(cells).fill(1)));

for (
  const [what, grownCells, status] of [
    ["of the same length are added", cells, Status.ok],
    ["of the old length are refused, and the id is free", cells + 1, Status.invalidArgument],
  ] as const
) {
  Deno.test(`Fill: whose histogram gets another layout while it is decoded: cells ${what}`, async () => {
    const service = new TestService();
    const id = await service.init(histJson({ cells }));
    const call = service.call("Fill", fillMessage(id, { view, codec: "zstd", uniqueId: "u" }));
    assert.equal(call.answer, null);
    const handle = service.registry.find(id)!;
    const json = histJson({ cells: grownCells });
    regrowHistogram(service.registry, handle, {
      metadata: { ...handle.metadata, json, chunkBytes: 8 * grownCells },
      move: (source, target) => (target as Float64Array).set(source as Float64Array),
    });
    const alive = setInterval(() => service.commit(), 1);
    const answer = await call.done().finally(() => clearInterval(alive));
    assert.equal(answer.status, status, answer.message);
    if (status === Status.ok) {
      assert.deepEqual((await service.contents(id))[""]!.slice(-2), [1, 1]);
      return;
    }
    assert.match(answer.message, /^invalid fill request: .*1048584/);
    const again = fillMessage(id, { view: doubleView(Array(grownCells).fill(1)), uniqueId: "u" });
    assert.equal((await service.ask("Fill", again)).status, Status.ok);
  });
}
