/**
 * Flush with the real server: what Python reads of its files, and what a crash in the middle leaves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

import { readUhiHdf5 } from "../../lib/hdf5/mod.ts";
import { type GrpcClient, Status } from "../support/grpc_client.ts";
import {
  doublesOf,
  doubleView,
  fillManyMessage,
  flushMessage,
  idMessage,
  initMessage,
  snapshotChunks,
  snapshotMessage,
} from "../support/hist_messages.ts";
import { pythonTool } from "../support/python.ts";
import { pythonScripts, runPytest } from "../support/pytest.ts";
import { withServer } from "../support/server.ts";
import { testWith, toolPath } from "../support/tools.ts";
import { numberOf } from "../support/wire_bytes.ts";
import { histJson, textOf } from "../service/support.ts";

const python = await pythonTool("0.2.1");

testWith(
  [python],
  "Flush: uhi validate accepts the files, and uhi reads the snapshots in them (uhi 1.2.1)",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "histserv-flush-" });
    try {
      await withServer(async (server) => {
        const { outcomes, output } = await runPytest(toolPath(python), {
          folder: pythonScripts,
          file: "flush_suite.py",
          baseFolder: folder,
          server,
        });
        assert.deepEqual(Object.entries(outcomes), [
          ["test_file_equals_snapshot", "passed"],
          ["test_empty", "passed"],
          ["test_refusals_keep_it", "passed"],
        ], output);
      }, { args: ["--flush-dir", folder] });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const cells = 40_000;
const chunkCount = 60;

/** When the process is killed, by what is in the flush directory. */
const moments: Record<string, (files: readonly Deno.DirEntry[], bytes: number) => boolean> = {
  "before a file is there": () => true,
  "when the new file is begun": (files) => files.some(({ name }) => name.endsWith(".tmp")),
  "when some of it is written": (_, bytes) => bytes > 100_000,
  "when it has taken its place": (files) => files.some(({ name }) => name === "x.h5"),
};

Deno.test("Flush: kill -9 leaves the histogram, or a whole file of it, or both", async (test) => {
  await withServer(async (server) => {
    const exports = join(server.dataDirectory, "exports");
    for (const [moment, isNow] of Object.entries(moments)) {
      await test.step(moment, async () => {
        await Deno.remove(exports, { recursive: true }).catch(() => {});
        let client = await server.connect();
        const id = await makeLarge(client);
        const answer = client.call("Flush", flushMessage(id, "x.h5")).then(
          ({ status }) => status,
          () => null,
        );
        let status: number | null | undefined;
        void answer.then((value) => status = value);
        while (status === undefined && !await isReached(exports, isNow)) await nextTurn();
        await server.restart("SIGKILL");
        client = await server.connect();
        const isThere = numberOf((await client.call("Exists", idMessage(id))).body, 1) === 1;
        const hasFile = await checkFile(join(exports, "x.h5"), id);
        assert.ok(isThere || hasFile, "all is lost");
        if (await answer === Status.OK) assert.ok(!isThere && hasFile);
        if (isThere) {
          const { body } = await client.call("Snapshot", snapshotMessage(id));
          const chunks = snapshotChunks(body);
          assert.equal(chunks.size, chunkCount);
          for (const [key, view] of chunks) {
            assert.ok(doublesOf(view).every((cell, i) => cell === cellAt(Number(key.slice(1)), i)));
          }
        }
        client.close();
      });
    }
  });
});

async function isReached(
  folder: string,
  isNow: (files: readonly Deno.DirEntry[], bytes: number) => boolean,
): Promise<boolean> {
  try {
    const files = await Array.fromAsync(Deno.readDir(folder));
    const sizes = await Promise.all(
      files.map(async ({ name }) => (await Deno.stat(join(folder, name))).size),
    );
    return isNow(files, sizes.reduce((a, b) => a + b, 0));
  } catch (error) {
    // A file that has taken its place meanwhile, or the folder is not there yet.
    if (error instanceof Deno.errors.NotFound) return isNow([], 0);
    throw error;
  }
}

/** Cells that do not compress to nothing. */
function cellAt(chunk: number, cell: number): number {
  return (chunk * 7919 + cell * 104_729) % 10_007;
}

async function makeLarge(client: GrpcClient): Promise<string> {
  const json = histJson({ cells, strings: ["a"] });
  const init = await client.call("Init", initMessage(json));
  assert.equal(init.status, Status.OK, init.message);
  const id = textOf(init.body);
  const chunks = Array.from({ length: chunkCount }, (_, chunk) => ({
    key: [`k${chunk}`],
    view: doubleView(Array.from({ length: cells }, (_, cell) => cellAt(chunk, cell))),
  }));
  const fill = await client.call("FillMany", fillManyMessage(id, { chunks }));
  assert.equal(fill.status, Status.OK, fill.message);
  return id;
}

/** Whether there is a file; if so, it must be whole. */
async function checkFile(path: string, id: string): Promise<boolean> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const hist = (await readUhiHdf5(bytes)).get(id)!;
  assert.deepEqual(hist.extents, [chunkCount, cells]);
  const { cells: found } = hist;
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    for (let i = 0; i < cells; i++) assert.equal(found[chunk * cells + i], cellAt(chunk, i));
  }
  return true;
}
