import assert from "node:assert/strict";
import { Code, type ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";

import { HealthState, registerHealth } from "../../lib/service/mod.ts";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../lib/wire/gen.ts";

function start() {
  const health = new HealthState();
  const transport = createRouterTransport((router) => registerHealth(router, health));
  return { health, client: createClient(Health, transport) };
}

Deno.test('Health.Check: the server ("") and HistogrammerService are SERVING', async () => {
  const { client } = start();
  for (const service of ["", "HistogrammerService", "histserv.v1.HistogramService"]) {
    assert.equal((await client.check({ service })).status, ServingStatus.SERVING);
  }
});

Deno.test("Health.Check: a service that is not known is NOT_FOUND (grpc.health.v1)", async () => {
  const { client } = start();
  await assert.rejects(client.check({ service: "nobody" }), (error: ConnectError) => {
    assert.equal(error.rawMessage, "unknown service: nobody");
    return error.code === Code.NotFound;
  });
});

Deno.test("Health.Check: is NOT_SERVING from drain on", async () => {
  const { health, client } = start();
  health.drain();
  assert.equal(health.isServing, false);
  assert.equal((await client.check({})).status, ServingStatus.NOT_SERVING);
});

Deno.test("Health.List: has every service and the server", async () => {
  const { statuses } = await start().client.list({});
  assert.deepEqual(Object.keys(statuses).sort(), [
    "",
    "HistogrammerService",
    "histserv.v1.HistogramService",
  ]);
  assert.equal(statuses[""]?.status, ServingStatus.SERVING);
});

Deno.test("Health.Watch: tells the status, then that the server drains, and ends", async () => {
  const { health, client } = start();
  const statuses: ServingStatus[] = [];
  for await (const { status } of client.watch({ service: "HistogrammerService" })) {
    statuses.push(status);
    health.drain();
  }
  assert.deepEqual(statuses, [ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
});

Deno.test("Health.Watch: of a draining server is NOT_SERVING once", async () => {
  const { health, client } = start();
  health.drain();
  const statuses = await Array.fromAsync(client.watch({}), ({ status }) => status);
  assert.deepEqual(statuses, [ServingStatus.NOT_SERVING]);
});

Deno.test("Health.Watch: an unknown service is SERVICE_UNKNOWN, and the call stays open (grpc.health.v1)", async () => {
  const { client } = start();
  const abort = new AbortController();
  const stream = client.watch({ service: "nobody" }, { signal: abort.signal });
  const responses = stream[Symbol.asyncIterator]();
  assert.equal((await responses.next()).value?.status, ServingStatus.SERVICE_UNKNOWN);
  const next = responses.next();
  abort.abort();
  await assert.rejects(next, (error: ConnectError) => error.code === Code.Canceled);
});

Deno.test("HealthState.untilDrained: a thousand watchers that left leave nothing behind", async () => {
  const health = new HealthState();
  for (let count = 0; count < 1000; count++) {
    const abort = new AbortController();
    const waiting = health.untilDrained(abort.signal);
    assert.equal(health.watcherCount, 1);
    abort.abort();
    await waiting;
    await health.untilDrained(abort.signal); // aborted before
  }
  assert.equal(health.watcherCount, 0);
});

Deno.test("HealthState.untilDrained: all who wait are told, and who comes later at once", async () => {
  const health = new HealthState();
  const { signal } = new AbortController();
  const waiting = [health.untilDrained(signal), health.untilDrained(signal)];
  health.drain();
  health.drain();
  await Promise.all([...waiting, health.untilDrained(signal)]);
  assert.equal(health.watcherCount, 0);
});
