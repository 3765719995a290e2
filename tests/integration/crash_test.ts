/**
 * Every acked fill counts exactly once over kill -9, as the crash harness beside the project sees it.
 *
 * `HISTSERV_CRASH_KILLS=20` for the full run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { pythonTool } from "../support/python.ts";
import { projectRoot } from "../support/project.ts";
import { runCommand } from "../support/run_command.ts";
import { sharedTool, testWith, toolPath } from "../support/tools.ts";

const python = await pythonTool("0.2.1");
const kills = Number(Deno.env.get("HISTSERV_CRASH_KILLS") ?? 5);

/** So many fills a client that the clients are not done before the last kill. */
const slots = 4000 + 800 * kills;

const runs = [
  { rpc: "fill", signal: "KILL", what: "kill -9 loses, doubles, tears and takes back nothing" },
  { rpc: "many", signal: "KILL", what: "kill -9 loses, doubles, tears and takes back nothing" },
  { rpc: "many", signal: "TERM", what: "SIGTERM under load drains with exit code 0" },
];

for (const { rpc, signal, what } of runs) {
  testWith(
    [python, sharedTool],
    `Crash harness --rpc ${rpc}: ${what} (${kills} times)`,
    async () => {
      const work = await Deno.makeTempDir({ prefix: "histserv-crash-" });
      const server = [Deno.execPath(), "run", "-A", join(projectRoot, "main.ts")];
      const flags = ["--port", "{port}", "--no-dashboard", "--data", "{data}"];
      const result = await runCommand([
        toolPath(python),
        join(toolPath(sharedTool), "harness", "crash", "crash.py"),
        ...["--cmd", [...server, ...flags].join(" "), "--rpc", rpc, "--signal", signal],
        ...[
          "--kills",
          String(kills),
          "--max-up",
          "1",
          "--slots",
          String(slots),
          "--work",
          join(work, "run"),
        ],
      ], { env: { PYTHONDONTWRITEBYTECODE: "1" }, timeoutSeconds: 120 + 20 * kills });
      assert.equal(result.code, 0, result.stdout + result.stderr);
      await Deno.remove(work, { recursive: true });
    },
  );
}
