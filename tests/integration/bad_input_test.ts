/**
 * Every bad request that the Python server was observed with: ours answers the same status, or the
 * stricter one with its reason, in a plain sentence, and a refused request changes nothing.
 *
 * @module
 */
import assert from "node:assert/strict";

import { type GrpcClient, Status, statusName } from "../support/grpc_client.ts";
import { snapshotMessage, wasFilledMessage } from "../support/hist_messages.ts";
import { peerTool, withPeer } from "../support/peer.ts";
import { withServer } from "../support/server.ts";
import { testWith } from "../support/tools.ts";
import { numberOf } from "../support/wire_bytes.ts";
import { type BadInputCase, uid } from "./bad_input/case.ts";
import { fillCases, fillManyCases, repeatedIdCases } from "./bad_input/fill_cases.ts";
import { createHist, tokenOf } from "./bad_input/hists.ts";
import { initChunkCases, initJsonCases } from "./bad_input/init_cases.ts";
import {
  flushCases,
  protobufCases,
  snapshotCases,
  statsCases,
  unknownIdCases,
} from "./bad_input/other_cases.ts";

const badInputCases: readonly BadInputCase[] = [
  ...unknownIdCases,
  ...statsCases,
  ...fillCases,
  ...repeatedIdCases,
  ...fillManyCases,
  ...snapshotCases,
  ...flushCases,
  ...protobufCases,
  ...initJsonCases,
  ...initChunkCases,
];

/** Of a language, not of a sentence: reprs, class names, stacks. */
const foreignText = /Error\(|<class|Traceback|\bat \S+:\d+|b'|\bundefined\b|\[object/;

Deno.test("bad input: same status as the peer, or the stricter one, and nothing changed", async (test) => {
  await withServer(async (server) => {
    const client = await server.connect();
    for (const row of badInputCases) {
      const expected = row.ours?.status ?? row.peer;
      const reason = row.ours === undefined ? "" : `: ${row.ours.reason}`;
      await test.step(`${row.name} is ${expected}${reason}`, async () => {
        const statuses = [expected].flat() as string[];
        const { status, message } = await answerAndCheck(client, row);
        assert.ok(statuses.includes(status), `${status} (${message}), expected ${expected}`);
        assert.doesNotMatch(message, foreignText);
        if (row.token) assert.ok(!message.includes(row.token), "the token is echoed");
      });
    }
    client.close();
  }, { args: ["--max-bytes", String(512 << 20)] });
});

testWith(
  [peerTool],
  "bad input: the table says what the peer answers (histserv 0.2.1)",
  async (test) => {
    await withPeer(async (server) => {
      const client = await server.connect();
      for (const row of badInputCases) {
        if (row.peer === null) continue;
        await test.step(`${row.name} is ${row.peer}`, async () => {
          const histId = await createHist(client, row.hist ?? "dense");
          assert.equal((await send(client, row, histId)).status, row.peer);
        });
      }
      client.close();
    });
  },
);

/** Sends the request of `row` to a fresh histogram; a refused one must have changed nothing. */
async function answerAndCheck(
  client: GrpcClient,
  row: BadInputCase,
): Promise<{ status: string; message: string }> {
  const hist = row.hist ?? "dense";
  const histId = await createHist(client, hist);
  for (const { rpc, message } of row.before?.(histId) ?? []) {
    assert.equal((await client.call(rpc, message)).status, Status.OK, "the request before");
  }
  const options = tokenOf(hist);
  const before = await observe(client, histId, options);
  const answer = await send(client, { ...row, before: () => [] }, histId);
  const after = await observe(client, histId, options);
  if (answer.status !== "OK") {
    assert.deepEqual(after, before, "a refused request changed something");
    const filled = await client.call(
      "WasFilledWithUniqueId",
      wasFilledMessage(histId, uid),
      options,
    );
    assert.equal(numberOf(filled.body, 1), 0, "a refused request took its unique id");
  }
  return answer;
}

async function send(
  client: GrpcClient,
  row: BadInputCase,
  histId: string,
): Promise<{ status: string; message: string }> {
  for (const { rpc, message } of row.before?.(histId) ?? []) await client.call(rpc, message);
  const answer = await client.call(row.rpc, row.message(histId), {
    ...(row.token === undefined ? {} : { token: row.token }),
    ...(row.headers === undefined ? {} : { headers: row.headers }),
    ...(row.path === undefined ? {} : { path: row.path }),
    ...(row.compressedFlag === undefined ? {} : { compressedFlag: row.compressedFlag }),
  });
  return { status: statusName(answer.status), message: answer.message };
}

/** The contents of the histogram, and how many histograms there are. */
async function observe(
  client: GrpcClient,
  histId: string,
  options: { token?: string },
): Promise<{ snapshot: Uint8Array; count: number }> {
  const snapshot = await client.call("Snapshot", snapshotMessage(histId), options);
  assert.equal(snapshot.status, Status.OK, "the histogram is gone");
  const stats = await client.call("Stats", new Uint8Array());
  return { snapshot: snapshot.body, count: numberOf(stats.body, 1) };
}
