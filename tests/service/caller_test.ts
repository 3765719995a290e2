import assert from "node:assert/strict";
import { directRpcs } from "../../lib/service/mod.ts";
import { RPC_NAMES } from "../../lib/service/counters.ts";
import {
  doubleView,
  fillManyMessage,
  fillMessage,
  flushMessage,
  idMessage,
  initMessage,
  snapshotMessage,
  wasFilledMessage,
} from "../support/hist_messages.ts";
import type { RpcName } from "../../lib/service/counters.ts";
import { flagOf, histJson, Status, TestService } from "./support.ts";

const view = doubleView([1, 2]);
const json = histJson();

/** Every RPC on a histogram. */
const messages = (id: string): [RpcName, Uint8Array][] => [
  ["Describe", idMessage(id)],
  ["WasFilledWithUniqueId", wasFilledMessage(id, "u")],
  ["Fill", fillMessage(id, { view })],
  ["FillMany", fillManyMessage(id, { chunks: [{ view }] })],
  ["Snapshot", snapshotMessage(id)],
  ["Delete", idMessage(id)],
  ["Reset", idMessage(id)],
  ["Flush", flushMessage(id, "x.h5")],
];

for (const token of ["other", "", null, "secret ", "Secret"]) {
  Deno.test(`tokens: ${JSON.stringify(token)} does not see a histogram of "secret": NOT_FOUND as for none`, async () => {
    const service = new TestService();
    const id = await service.init(json, { token: "secret" });
    const none = "0".repeat(32);
    for (const [i, [name, message]] of messages(id).entries()) {
      const hidden = await service.ask(name, message, token);
      const unknown = await service.ask(name, messages(none)[i]![1], token);
      assert.equal(hidden.status, Status.notFound, name);
      assert.equal(hidden.message.replace(id, none), unknown.message, name);
      assert.doesNotMatch(hidden.message, /secret/i);
    }
    const exists = await service.ask("Exists", idMessage(id), token);
    assert.equal(flagOf(exists.body), false);
    assert.deepEqual(await service.contents(id, "secret"), {});
  });
}

Deno.test("tokens: a histogram made without one is open to every token (as Python's histserv)", async () => {
  const service = new TestService();
  const id = await service.init(json);
  for (const token of [null, "", "a"]) {
    assert.equal((await service.ask("Fill", fillMessage(id, { view }), token)).status, Status.ok);
    assert.equal(flagOf((await service.ask("Exists", idMessage(id), token)).body), true);
  }
});

Deno.test("tokens: the empty token is one (as Python's histserv)", async () => {
  const service = new TestService();
  const id = await service.init(json, { token: "" });
  assert.equal((await service.ask("Describe", idMessage(id), "")).status, Status.ok);
  assert.equal((await service.ask("Describe", idMessage(id))).status, Status.notFound);
  const { body } = await service.ask("Stats", new Uint8Array(0), "");
  assert.ok(body.length > 0);
});

Deno.test("tokens: a thread that never saw the token knows its histogram", async () => {
  const service = new TestService();
  const id = await service.init(json, { token: "secret" });
  const other = new TestService({ beside: service });
  assert.equal((await other.ask("Describe", idMessage(id), "secret")).status, Status.ok);
});

Deno.test("allow list: others and none are UNAUTHENTICATED for every RPC, before a message is read (issue 3)", async () => {
  const service = new TestService({ tokens: ["good"] });
  const id = await service.init(json, { token: "good" });
  const rpcs = directRpcs(service.context);
  for (const token of [null, "", "bad", "good2", "x".repeat(5000)]) {
    const all = new Map(messages(id)).set("Init", initMessage(json)).set("Exists", idMessage(id));
    for (const name of RPC_NAMES) {
      const answer = await service.ask(name, all.get(name) ?? new Uint8Array(0), token);
      assert.equal(answer.status, Status.unauthenticated, `${name} ${token}`);
      if (token) assert.ok(!answer.message.includes(token), name);
      // A megabyte is not buffered for nothing.
      const admission = rpcs.get(`/HistogrammerService/${name}`)!.admit(new Uint8Array(0), {
        token,
      });
      assert.equal("code" in admission && admission.code, Status.unauthenticated, name);
    }
  }
  assert.equal((await service.ask("Describe", idMessage(id), "good")).status, Status.ok);
  assert.equal(service.activeRpcs, 0);
});

Deno.test("a token is never echoed in any refusal", async () => {
  const service = new TestService();
  const token = "tok-0123456789";
  const id = await service.init(json, { token });
  const bad: [RpcName, Uint8Array][] = [
    ["Init", initMessage("{")],
    ["Fill", fillMessage(id, { view: view.slice(1) })],
    ["FillMany", fillManyMessage(id, { chunks: [{ view, key: ["a"] }] })],
    ["Snapshot", snapshotMessage(id, { codec: "gzip", selectors: [{ axis: "q", values: [1] }] })],
    ["Flush", flushMessage(id, "x.root")],
    ["Delete", idMessage("none")],
  ];
  for (const [name, message] of bad) {
    const answer = await service.ask(name, message, token);
    assert.notEqual(answer.status, Status.ok);
    assert.ok(!answer.message.includes(token), answer.message);
  }
  const stats = await service.ask("Stats", new Uint8Array(0), "tok-unknown");
  assert.equal(stats.status, Status.notFound);
  assert.ok(!stats.message.includes("tok-"), stats.message);
});
