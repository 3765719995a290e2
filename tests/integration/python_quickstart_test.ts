/**
 * The Python package's own client, both versions, unchanged: the quickstart of its README word for
 * word, and a suite of what a user does with it (`python/client_suite.py`). The same runs against
 * the Python server show that the suite asks for nothing else than the peer gives.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { peerProgram, peerTool } from "../support/peer.ts";
import { pythonScripts, runPytest } from "../support/pytest.ts";
import { type HistservVersion, pythonTool } from "../support/python.ts";
import { runCommandOrThrow } from "../support/run_command.ts";
import { serverProgram } from "../support/server.ts";
import { freePorts, type ServerProgram, withServerProcess } from "../support/server_process.ts";
import { testWith, type Tool, toolPath } from "../support/tools.ts";

const clients: readonly { version: HistservVersion; python: Tool; skipped: readonly string[] }[] = [
  { version: "0.2.1", python: await pythonTool("0.2.1"), skipped: [] },
  { version: "0.1.9", python: await pythonTool("0.1.9"), skipped: ["test_category_only"] },
];
const servers: readonly { subject: string; program: () => ServerProgram }[] = [
  { subject: "Server", program: () => serverProgram() },
  { subject: "Peer", program: () => peerProgram() },
];

for (const { subject, program } of servers) {
  for (const { version, python, skipped } of clients) {
    testWith(
      [python, peerTool],
      `${subject}: the README's quickstart runs word for word (client ${version})`,
      () => runQuickstart(program(), toolPath(python)),
    );
    testWith(
      [python, peerTool],
      `${subject}: every result of the client equals a local fill (client ${version})`,
      async (test) => {
        await withServerProcess(program(), async (server) => {
          const { outcomes, output } = await runPytest(toolPath(python), {
            folder: pythonScripts,
            file: "client_suite.py",
            server,
          });
          assert.ok(Object.keys(outcomes).length >= 12, output);
          for (const [name, outcome] of Object.entries(outcomes)) {
            await test.step(name, () => {
              assert.equal(outcome, skipped.includes(name) ? "skipped" : "passed", output);
            });
          }
        });
      },
    );
  }
}

/** On port 50051, as it stands in the README, where that is free and the machine has IPv6. */
async function runQuickstart(program: ServerProgram, python: string): Promise<void> {
  const { stdout } = await runCommandOrThrow([python, join(pythonScripts, "readme_quickstart.py")]);
  assert.match(stdout, /Client\(address="\[::\]:50051"\)/);
  const isAsWritten = canListen("127.0.0.1", 50051) && canListen("::1", 50051);
  const port = isAsWritten ? 50051 : freePorts(1)[0]!;
  const host = canListen("::1", 0) ? "[::]" : "127.0.0.1";
  const script = stdout.replace("[::]:50051", `${host}:${port}`);
  await withServerProcess(program, async () => {
    const result = await runCommandOrThrow([python, "-c", script]);
    assert.match(result.stdout, /\[-inf, {3}-3\)/); // the histogram, drawn
  }, { port });
}

function canListen(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch {
    return false;
  }
}
