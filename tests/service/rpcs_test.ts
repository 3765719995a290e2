import assert from "node:assert/strict";
import {
  doubleView,
  fillManyMessage,
  fillMessage,
  idMessage,
  initMessage,
  snapshotMessage,
  wasFilledMessage,
} from "../support/hist_messages.ts";
import type { RpcName } from "../../lib/service/counters.ts";
import { cellsOf, flagOf, histJson, Status, TestService } from "./support.ts";

const json = histJson({ cells: 2, strings: ["cat"] });
const view = doubleView([1, 2]);
const key = ["a"];

// Invariant 1 of ARCHITECTURE.md: no answer that reports a change, or depends on one, before its epoch is on disk.
const changes: readonly (readonly [RpcName, string, (id: string) => Uint8Array])[] = [
  ["Init", "Init", () => initMessage(json)],
  ["Fill", "Fill", (id) => fillMessage(id, { key, view })],
  ["FillMany", "FillMany", (id) => fillManyMessage(id, { chunks: [{ key, view }] })],
  ["FillMany", "FillMany without chunks", (id) => fillManyMessage(id, { uniqueId: "u" })],
  ["Reset", "Reset", idMessage],
  ["Delete", "Delete", idMessage],
  ["Snapshot", "Snapshot with deletion", (id) => snapshotMessage(id, { isDelete: true })],
];

for (const [name, title, message] of changes) {
  Deno.test(`${title}: answered when its epoch is on disk, not before (DESIGN §5)`, async () => {
    const service = new TestService();
    const id = await service.init(json);
    const call = service.call(name, message(id));
    await call.assertWaits();
    const pending = service.disk.write(service.registry);
    await call.assertWaits(); // on disk, but the committer has not said so
    service.disk.publish(service.registry, pending);
    assert.equal((await call.done()).status, Status.ok);
    assert.equal(service.activeRpcs, 0);
  });

  Deno.test(`${title}: answered UNAVAILABLE when the disk refuses its epoch (DESIGN §5)`, async () => {
    const service = new TestService();
    const id = await service.init(json);
    const call = service.call(name, message(id));
    service.refuse();
    const answer = await call.done();
    assert.equal(answer.status, Status.unavailable);
    assert.match(answer.message, /the disk refuses/);
    assert.equal(service.activeRpcs, 0);
  });

  Deno.test(`${title}: refused while the disk refuses, and changes nothing (DESIGN §5)`, async () => {
    const service = new TestService();
    const id = await service.init(json, { chunks: [{ key, view }] });
    service.refuse();
    const answer = await service.call(name, message(id)).done();
    assert.equal(answer.status, Status.unavailable);
    service.commit(); // the disk takes changes again
    assert.deepEqual(await service.contents(id), { a: [1, 2] });
    assert.equal(service.activeRpcs, 0);
  });
}

const reads: readonly (readonly [RpcName, (id: string) => Uint8Array])[] = [
  ["Snapshot", snapshotMessage],
  ["Exists", idMessage],
  ["Describe", idMessage],
  ["WasFilledWithUniqueId", (id) => wasFilledMessage(id, "u")],
];

for (const [name, message] of reads) {
  Deno.test(`${name}: what it shows is on disk (DESIGN §5)`, async () => {
    const service = new TestService();
    const id = await service.init(json);
    service.call("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
    const call = service.call(name, message(id));
    await call.assertWaits();
    service.commit();
    assert.equal((await call.done()).status, Status.ok);
  });

  Deno.test(`${name}: goes on with what is on disk while the disk refuses (DESIGN §5)`, async () => {
    const service = new TestService();
    const id = await service.init(json, { chunks: [{ key, view }] });
    const before = await service.ask(name, message(id));
    const fill = service.call("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
    service.refuse();
    assert.equal((await fill.done()).status, Status.unavailable);
    assert.deepEqual(await service.call(name, message(id)).done(), before);
    assert.equal(service.activeRpcs, 0);
  });
}

Deno.test("Fill: ALREADY_EXISTS waits until the fill that took the id is on disk (DESIGN §5)", async () => {
  const service = new TestService();
  const id = await service.init(json);
  const first = service.call("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
  const again = service.call("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
  const broken = service.call("Fill", fillMessage(id, { key, view: view.slice(1), uniqueId: "u" }));
  await again.assertWaits();
  await broken.assertWaits();
  service.commit();
  assert.equal((await first.done()).status, Status.ok);
  assert.equal((await again.done()).status, Status.alreadyExists);
  assert.equal((await broken.done()).status, Status.alreadyExists);
});

Deno.test("Delete: NOT_FOUND waits until the deletion is on disk, on every thread (DESIGN §5)", async () => {
  const service = new TestService();
  const other = new TestService({ beside: service });
  const id = await service.init(json);
  const deletion = service.call("Delete", idMessage(id));
  const calls = [service, other].flatMap((thread) => [
    thread.call("Fill", fillMessage(id, { key, view })),
    thread.call("Snapshot", snapshotMessage(id)),
    thread.call("Describe", idMessage(id)),
    thread.call("Delete", idMessage(id)),
    thread.call("Reset", idMessage(id)),
    thread.call("WasFilledWithUniqueId", wasFilledMessage(id, "u")),
  ]);
  const exists = other.call("Exists", idMessage(id));
  for (const call of [deletion, exists, ...calls]) await call.assertWaits();
  service.commit();
  assert.equal((await deletion.done()).status, Status.ok);
  assert.equal(flagOf((await exists.done()).body), false);
  for (const call of calls) {
    const { status, message } = await call.done();
    assert.deepEqual([status, message], [Status.notFound, `unknown histogram id: ${id}`]);
  }
  assert.equal(service.activeRpcs, 0);
});

Deno.test("Snapshot: of one thread shows a fill of another only from disk (DESIGN §5)", async () => {
  const service = new TestService();
  const other = new TestService({ beside: service });
  const id = await service.init(json);
  service.call("Fill", fillMessage(id, { key, view }));
  const call = other.call("Snapshot", snapshotMessage(id));
  await call.assertWaits();
  service.commit();
  assert.deepEqual(cellsOf((await call.done()).body), { a: [1, 2] });
});

Deno.test("Fill: between the taking of an epoch and its copy it belongs to that epoch, whole (ARCHITECTURE, Fill)", async () => {
  const service = new TestService();
  const id = await service.init(json);
  const first = service.call("Fill", fillMessage(id, { key, view }));
  const pending = service.disk.write(service.registry);
  const second = service.call("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
  service.disk.publish(service.registry, pending);
  assert.equal((await first.done()).status, Status.ok);
  await second.assertWaits();
  service.commit();
  assert.equal((await second.done()).status, Status.ok);
});

for (const durability of ["none", "interval"] as const) {
  Deno.test(`all RPCs: with durability ${durability} answers come from memory, at once`, async () => {
    const service = new TestService({ durability });
    const init = service.call("Init", initMessage(json));
    assert.equal(init.answer?.status, Status.ok);
    const id = new TextDecoder().decode(init.answer.body.subarray(2));
    for (const [name, , message] of changes) {
      assert.equal(service.call(name, message(id)).answer?.status, Status.ok, name);
      if (name === "Delete") break;
    }
    await Promise.resolve();
    assert.equal(service.activeRpcs, 0);
  });
}

Deno.test("all RPCs: garbage is INVALID_ARGUMENT in a plain sentence, and counted down again", async () => {
  const service = new TestService();
  const names: RpcName[] = ["Init", "Fill", "FillMany", "Snapshot", "Delete", "Reset", "Describe"];
  for (const name of [...names, "Exists", "WasFilledWithUniqueId", "Flush"] as RpcName[]) {
    const answer = await service.call(name, Uint8Array.of(0x0a, 0xff)).done();
    assert.equal(answer.status, Status.invalidArgument, name);
    assert.doesNotMatch(answer.message, /Error|\n| at .*:\d/, name);
  }
  assert.equal(service.activeRpcs, 0);
  assert.deepEqual(service.bugs, []);
});

Deno.test("all RPCs: what waits when the disk refuses is told, a read after that shows the disk", async () => {
  const service = new TestService();
  const id = await service.init(json);
  const early = service.call("Fill", fillMessage(id, { key, view }));
  const seen = service.call("Snapshot", snapshotMessage(id));
  service.refuse();
  const late = service.call("Snapshot", snapshotMessage(id));
  assert.equal((await early.done()).status, Status.unavailable);
  assert.equal((await seen.done()).status, Status.unavailable, "it holds what was taken back");
  assert.deepEqual(cellsOf((await late.done()).body), {});
  assert.equal(service.activeRpcs, 0);
});

for (
  const [name, message] of [
    ["Fill", (id: string) => fillMessage(id, { key, view, uniqueId: "u" })],
    ["FillMany", (id: string) => fillManyMessage(id, { chunks: [{ key, view }], uniqueId: "u" })],
  ] as const
) {
  Deno.test(`${name}: a repeated unique id is ALREADY_EXISTS while the disk refuses, too`, async () => {
    const service = new TestService();
    const id = await service.init(json);
    await service.ask("Fill", fillMessage(id, { key, view, uniqueId: "u" }));
    service.refuse();
    assert.equal((await service.call(name, message(id)).done()).status, Status.alreadyExists);
    const other = service.call("Fill", fillMessage(id, { key, view, uniqueId: "v" }));
    assert.equal((await other.done()).status, Status.unavailable);
  });
}
