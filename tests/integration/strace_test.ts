/**
 * An ack means that the fill is on disk: seen from the kernel, under strace.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { debianTool } from "../support/debian.ts";
import { findAcks, tracedCalls } from "../support/durable_acks.ts";
import { Status } from "../support/grpc_client.ts";
import { fillMessage, initMessage } from "../support/hist_messages.ts";
import { withServer } from "../support/server.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { traceProcess } from "../support/strace.ts";
import { testWith, toolPath } from "../support/tools.ts";
import { textOf } from "../support/wire_bytes.ts";
import { view32 } from "./bad_input/case.ts";
import { histJson } from "./bad_input/hists.ts";

const strace = await debianTool("strace", "strace");

testWith(
  [strace],
  "Ack: its first byte is written to the socket after the fsync of the file that its unique id went to (strace, 1 and 8 clients)",
  () =>
    withServer(async (server) => {
      for (const clientCount of [1, 8]) {
        const verdicts = await countVerdicts(server, clientCount);
        assert.deepEqual(verdicts, { durable: clientCount * fillsPerClient });
      }
    }),
);

testWith(
  [strace],
  "Ack: without durability the same check finds acks that no fsync covers",
  () =>
    withServer(async (server) => {
      const { durable } = await countVerdicts(server, 1);
      assert.equal(durable, undefined);
    }, { args: ["--durability", "none"] }),
);

const fillsPerClient = 20;

/** Fills under strace, and counts what the log says about each ack. */
async function countVerdicts(
  server: ServerProcess,
  clientCount: number,
): Promise<Record<string, number>> {
  const trace = await traceProcess(toolPath(strace), server.pid, tracedCalls);
  const ids = await Promise.all(Array.from({ length: clientCount }, () => fillInOrder(server)));
  const findings = findAcks(await trace.end(), ids.flat());
  const verdicts: Record<string, number> = {};
  for (const { verdict } of findings) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return verdicts;
}

/** One connection, one fill after the other; gives their unique ids. */
async function fillInOrder(server: ServerProcess): Promise<Uint8Array[]> {
  const client = await server.connect();
  const histId = textOf((await client.call("Init", initMessage(histJson()))).body, 1);
  const uniqueIds: Uint8Array[] = [];
  for (let fill = 0; fill < fillsPerClient; fill++) {
    const uniqueId = createHash("sha256").update(`${histId} ${fill}`).digest();
    uniqueIds.push(uniqueId);
    const answer = await client.call("Fill", fillMessage(histId, { uniqueId, view: view32 }));
    assert.equal(answer.status, Status.OK, answer.message);
  }
  client.close();
  return uniqueIds;
}
