/**
 * `deno task demo` with fewer events: it proves what it says, and notices when the server keeps nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";

import { projectRoot } from "../support/project.ts";
import { pythonTool } from "../support/python.ts";
import { type CommandResult, runCommand } from "../support/run_command.ts";
import { testWith } from "../support/tools.ts";

const python = await pythonTool("0.2.1");

testWith(
  [python],
  "Demo: histograms equal a local fill after kill -9 in the middle (issue 3)",
  async () => {
    const { code, stdout, stderr } = await runDemo([]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /items acknowledged: kill -9 \d+/);
    assert.match(stdout, /data .* against a local fill: all equal/);
    assert.match(stdout, /mc .* against a local fill: largest relative deviation/);
    assert.match(stdout, /20 items sent once more: all refused with ALREADY_EXISTS/);
    assert.match(stdout, /PASSED: 500 of 500 work items counted exactly once/);
  },
);

testWith(
  [python],
  "Demo: fails when acknowledged fills are lost (durability none)",
  async () => {
    const { code, stdout } = await runDemo(["--durability", "none"]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /FAILED/);
  },
);

function runDemo(args: readonly string[]): Promise<CommandResult> {
  const script = join(projectRoot, "demo", "demo.ts");
  const fewer = ["--events", "50000", "--workers", "2"];
  return runCommand([Deno.execPath(), "run", "-A", script, ...fewer, ...args], {
    timeoutSeconds: 180,
  });
}
