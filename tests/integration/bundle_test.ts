/**
 * The program as one file: no config, no flags, no files beside it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { FillLoad } from "../support/fill_load.ts";
import { projectRoot } from "../support/project.ts";
import { runCommandOrThrow } from "../support/run_command.ts";
import { serverFlags } from "../support/server.ts";
import { withServerProcess } from "../support/server_process.ts";
import { histJson } from "./bad_input/hists.ts";

Deno.test("Bundle: serves from an empty folder, and kill -9 of what the user started frees port and data", async () => {
  const folder = await Deno.makeTempDir({ prefix: "histserv-bundle-" });
  const bundle = join(folder, "histserv.js");
  await runCommandOrThrow([Deno.execPath(), "bundle", "--quiet", "--output", bundle, "main.ts"], {
    cwd: projectRoot,
  });
  const empty = join(folder, "empty");
  await Deno.mkdir(empty);
  const command = [Deno.execPath(), "run", "-A", "--no-config", bundle];
  const program = {
    command: (launch: Parameters<typeof serverFlags>[0]) => [...command, ...serverFlags(launch)],
    cwd: empty,
  };
  await withServerProcess(program, async (server) => {
    const load = await FillLoad.start(server, { histJson: histJson(), connectionCount: 4 });
    await load.acked(200);
    await server.restart("SIGKILL"); // same port, same data
    await load.check(server);
    const status = await server.kill("SIGTERM");
    assert.equal(status.code, 0);
    await server.start();
    await load.check(server);
  });
  assert.deepEqual([...Deno.readDirSync(empty)], []);
  await Deno.remove(folder, { recursive: true });
});
