/**
 * One process a data directory.
 *
 * @module
 */
import assert from "node:assert/strict";

import { runCommand } from "../support/run_command.ts";
import { serverCommand, withServer } from "../support/server.ts";
import { freePorts } from "../support/server_process.ts";

Deno.test("Second start: is refused with exit code 1 and names the process that holds the data", () =>
  withServer(async (server) => {
    const [port, dashboardPort] = freePorts(2);
    const { host, dataDirectory } = server;
    const launch = { host, dataDirectory, port: port!, dashboardPort: dashboardPort! };
    const result = await runCommand(serverCommand(launch), { timeoutSeconds: 30 });
    assert.equal(result.code, 1, result.stdout + result.stderr);
    const sentence = result.stderr.trim();
    assert.match(sentence, new RegExp(`\\b${server.pid}\\b`));
    assert.ok(sentence.includes(dataDirectory), sentence);
    assert.doesNotMatch(sentence, /\bat file:/); // no stack
    const client = await server.connect(); // and the first one goes on
    assert.equal((await client.call("Stats", new Uint8Array())).status, 0);
    client.close();
  }));

Deno.test("Second start: goes well when the first process is gone, killed or not", () =>
  withServer(async (server) => {
    await server.restart("SIGKILL");
    await server.restart("SIGTERM");
  }));

Deno.test("Second start: a taken port is named, and the data directory stays free", () =>
  withServer(async (server) => {
    const dataDirectory = await Deno.makeTempDir({ prefix: "histserv-test-" });
    const [dashboardPort] = freePorts(1);
    const { host, port } = server;
    const launch = { host, port, dashboardPort: dashboardPort!, dataDirectory };
    const result = await runCommand(serverCommand(launch), { timeoutSeconds: 30 });
    assert.equal(result.code, 1, result.stdout + result.stderr);
    assert.match(result.stderr, new RegExp(`\\b${port}\\b`));
    assert.doesNotMatch(result.stderr, /\bat file:/);
    await Deno.remove(dataDirectory, { recursive: true });
  }));
