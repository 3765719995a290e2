/**
 * The Python package's own integration tests, from its source distribution, unchanged, against a
 * server that runs outside of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { makeOnce } from "../support/make_once.ts";
import { peerTool, withPeer } from "../support/peer.ts";
import { toolsDirectory } from "../support/project.ts";
import { pythonScripts, runPytest } from "../support/pytest.ts";
import { runCommandOrThrow } from "../support/run_command.ts";
import { withServer } from "../support/server.ts";
import type { ServerAddress } from "../support/server_process.ts";
import { findTool, testWith, toolPath } from "../support/tools.ts";

const sdistFolder = join(toolsDirectory, "histserv-0.2.1");
const sdistTool = await findTool("let pip reach an index", async () => {
  const requirement = join(pythonScripts, "histserv-sdist.txt");
  await makeOnce(join(sdistFolder, ".finished"), {
    fingerprint: await Deno.readTextFile(requirement),
    make: () => fetchSdist(requirement),
  });
  return sdistFolder;
});

/** They reach into the Python process; no server beside it can pass them. */
const inProcessOnly = [
  "test_flush_without_h5py_reports_missing_extra",
  "test_token_rpc_counters_dropped_with_last_histogram",
];

testWith(
  [peerTool, sdistTool],
  "Server: passes the peer's 29 integration tests, but for two (histserv 0.2.1 sdist)",
  () =>
    withTemporaryFolder((folder) =>
      withServer((server) => checkPeerTests(server, folder), { args: ["--flush-dir", folder] })
    ),
);

testWith(
  [peerTool, sdistTool],
  "Peer: passes its own integration tests from outside, but for two (histserv 0.2.1 sdist)",
  () => withTemporaryFolder((folder) => withPeer((server) => checkPeerTests(server, folder))),
);

/** The tests flush to files in folders of their own below `baseFolder`. */
async function checkPeerTests(server: ServerAddress, baseFolder: string): Promise<void> {
  const { outcomes, output } = await runPytest(toolPath(peerTool), {
    folder: sdistFolder,
    file: "tests/test_grpc_integration.py",
    baseFolder,
    server,
  });
  assert.equal(Object.keys(outcomes).length, 29, output);
  const notPassed = Object.entries(outcomes).filter(([, outcome]) => outcome !== "passed");
  assert.deepEqual(
    notPassed.map(([name]) => name).toSorted(),
    inProcessOnly.toSorted(),
    output,
  );
}

async function withTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "histserv-pytest-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fetchSdist(requirement: string): Promise<void> {
  await Deno.mkdir(sdistFolder, { recursive: true });
  const python = toolPath(peerTool);
  const download = [python, "-m", "pip", "--disable-pip-version-check", "download", "-q"];
  const options = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", requirement];
  await runCommandOrThrow([...download, ...options, "-d", sdistFolder]);
  const archive = join(sdistFolder, "histserv-0.2.1.tar.gz");
  await runCommandOrThrow(["tar", "-xzf", archive, "-C", sdistFolder, "--strip-components=1"]);
}
