import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { regrowHistogram } from "../../lib/accum/mod.ts";
import { requireHistogram } from "../../lib/service/caller.ts";
import { getHistogram, list, remove, reset } from "../../lib/service/v1/manage.ts";
import { ledger } from "../../lib/service/v1/ledger.ts";
import {
  DeleteRequestSchema,
  GetRequestSchema,
  LedgerRequestSchema,
  ListRequestSchema,
  ResetRequestSchema,
} from "../../lib/wire/gen_v1.ts";
import {
  doubleView,
  fillMessage,
  idMessage,
  snapshotMessage,
  wasFilledMessage,
} from "../support/hist_messages.ts";
import { flagOf, histJson, Status, TestService } from "./support.ts";

const caller = { digest: null, counters: null };

/** A histogram of two cells whose axis another thread has just grown to three. */
async function regrown(): Promise<{ service: TestService; id: string }> {
  const service = new TestService();
  const other = new TestService({ beside: service });
  const id = await service.init(histJson({ cells: 2 }));
  await service.ask("Fill", fillMessage(id, { view: doubleView([1, 2]), uniqueId: "u" }));
  const handle = requireHistogram(other.registry, caller, id);
  regrowHistogram(other.registry, handle, {
    metadata: { ...handle.metadata, json: histJson({ cells: 3 }), chunkBytes: 24 },
    move: (source, target) => (target as Float64Array).set(source as Float64Array),
  });
  service.commit();
  return { service, id };
}

Deno.test("all RPCs: a histogram that another thread has grown is found, not NOT_FOUND", async () => {
  const { service, id } = await regrown();
  assert.equal(flagOf((await service.ask("Exists", idMessage(id))).body), true);
  assert.equal(
    flagOf((await service.ask("WasFilledWithUniqueId", wasFilledMessage(id, "u"))).body),
    true,
  );
  assert.equal((await service.ask("Describe", idMessage(id))).status, Status.ok);
  assert.equal((await service.ask("Snapshot", snapshotMessage(id))).status, Status.ok);
  const { context } = service;
  assert.equal(
    getHistogram(context, caller, create(GetRequestSchema, { histId: id })).value.summary!
      .chunkBytes,
    24n,
  );
  assert.equal(
    ledger(context, caller, create(LedgerRequestSchema, { histId: id })).value.totalCount,
    1n,
  );
  assert.equal(list(context, caller, create(ListRequestSchema, {})).value.totalCount, 1n);
});

Deno.test("Snapshot: of a histogram that grows between look-up and copy has the new cells", async () => {
  const { service, id } = await regrown();
  assert.deepEqual(await service.contents(id), { "": [1, 2, 0] });
});

for (const [name, change] of [["Reset", "Reset"], ["Delete", "Delete"]] as const) {
  Deno.test(`${name}: of a histogram that another thread has grown is done`, async () => {
    const { service, id } = await regrown();
    assert.equal((await service.ask(change, idMessage(id))).status, Status.ok);
  });
}

Deno.test("histserv.v1 Reset and Delete: of a histogram that another thread has grown are done", async () => {
  const { service, id } = await regrown();
  reset(service.context, caller, create(ResetRequestSchema, { histId: id }));
  remove(service.context, caller, create(DeleteRequestSchema, { histId: id }));
  service.commit();
  assert.equal(flagOf((await service.ask("Exists", idMessage(id))).body), false);
});
