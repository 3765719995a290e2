/**
 * SIGTERM and SIGINT drain the server; SIGKILL loses nothing that was acked either.
 *
 * @module
 */
import assert from "node:assert/strict";

import { FillLoad } from "../support/fill_load.ts";
import { withServer } from "../support/server.ts";
import { histJson } from "./bad_input/hists.ts";

/** The drain's own limit, in seconds; not a measure of speed. */
const drainSecondsMax = 10;

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal}: drains under load, exit code 0 within 10 s, no acked fill is lost`, () =>
    withServer(async (server) => {
      const load = await FillLoad.start(server, { histJson: histJson(), connectionCount: 8 });
      await load.acked(500);
      const start = performance.now();
      const status = await server.kill(signal);
      const seconds = (performance.now() - start) / 1000;
      assert.deepEqual({ code: status.code, signal: status.signal }, { code: 0, signal: null });
      assert.ok(seconds < drainSecondsMax, `${seconds} s`);
      await server.start();
      await load.check(server);
    }));

  Deno.test(`${signal}: ends an idle server with open connections, exit code 0`, () =>
    withServer(async (server) => {
      const client = await server.connect();
      await client.call("Stats", new Uint8Array());
      const status = await server.kill(signal);
      client.close();
      assert.equal(status.code, 0);
    }));
}

Deno.test("SIGKILL: no acked fill is lost, and what was unanswered is in or out", () =>
  withServer(async (server) => {
    const load = await FillLoad.start(server, { histJson: histJson(), connectionCount: 8 });
    await load.acked(500);
    await server.restart("SIGKILL");
    await load.check(server);
  }));
