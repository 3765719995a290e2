/**
 * Raw values over Connect into a histogram whose axes grow: what was acknowledged is there after kill -9, once.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { SeededPrng } from "../../lib/base/mod.ts";
import {
  type Axis,
  formatHistSpec,
  Hist,
  IntegerAxis,
  makeHistSpec,
  parseHistSpec,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { HistogramService } from "../../lib/wire/gen_v1.ts";
import { doublesOf, snapshotChunks, snapshotMessage } from "../support/hist_messages.ts";
import { withServer } from "../support/server.ts";
import type { ServerProcess } from "../support/server_process.ts";

const axes: readonly Axis[] = [
  new StrCategoryAxis({ name: "s", growth: true }),
  new RegularAxis({ name: "x", bins: 10, lower: -1, upper: 1, growth: true }),
  new IntegerAxis({ name: "i", lower: 0, upper: 1, growth: true }),
];

interface Entries {
  readonly s: string[];
  readonly x: number[];
  readonly i: number[];
  readonly weight: number[];
}

function drawEntries(seed: number, count: number): Entries {
  const prng = new SeededPrng(seed);
  const draw = <T>(value: () => T): T[] => Array.from({ length: count }, value);
  return {
    s: draw(() => ["data", "signal", "t\u0304"][prng.int(0, 3)]!),
    x: draw(() => prng.int(-30_000, 30_000) / 10_000 + 0.00003),
    i: draw(() => prng.int(-3, 4)),
    weight: draw(() => prng.int(1, 40)),
  };
}

function clientOf(server: ServerProcess) {
  const baseUrl = `http://127.0.0.1:${server.dashboardPort}`;
  return createClient(HistogramService, createConnectTransport({ baseUrl, useBinaryFormat: true }));
}

function requestOf(histId: string, entries: Entries, uniqueId: string) {
  return {
    histId,
    uniqueId: new TextEncoder().encode(uniqueId),
    columns: [
      { values: { case: "texts" as const, value: { values: entries.s } } },
      { values: { case: "doubles" as const, value: { values: entries.x } } },
      { values: { case: "integers" as const, value: { values: entries.i.map(BigInt) } } },
    ],
    weight: { values: entries.weight },
  };
}

function localHist(storage: StorageType, parts: readonly Entries[]): Hist {
  const hist = new Hist(axes, { storage });
  for (const { s, x, i, weight } of parts) hist.fill([s, x, i], { weight });
  return hist;
}

/** Whole weights: sums are exact in any order. */
async function assertHolds(server: ServerProcess, histId: string, hist: Hist): Promise<void> {
  const { uhiJson } = await clientOf(server).get({ histId });
  const spec = parseHistSpec(uhiJson);
  assert.deepEqual(spec.axes.map(({ extent }) => extent), hist.extents);
  const grpc = await server.connect();
  const { body } = await grpc.call("Snapshot", snapshotMessage(histId));
  grpc.close();
  const chunks = snapshotChunks(body);
  const chunkCells = 2 * spec.chunkCells;
  const [categories] = spec.categoryAxes;
  assert.deepEqual(categories!.categories, (hist.axes[0] as StrCategoryAxis).categories);
  for (const [bin, category] of (categories!.categories as string[]).entries()) {
    const expected = [...hist.cells.slice(bin * chunkCells, (bin + 1) * chunkCells)];
    assert.deepEqual(doublesOf(chunks.get(category)!), expected, category);
  }
}

Deno.test("FillSamples: growing axes over Connect, kill -9, and the same ids again: each entry counts once", () =>
  withServer(async (server) => {
    const uhiJson = formatHistSpec(makeHistSpec(axes, { storage: "weight", name: "grown" }));
    const { histId } = await clientOf(server).create({ uhiJson });
    const parts = Array.from({ length: 6 }, (_, n) => drawEntries(n + 1, 500));
    const requests = parts.map((entries, n) => requestOf(histId, entries, `part ${n}`));
    for (const request of requests.slice(0, 3)) {
      assert.equal((await clientOf(server).fillSamples(request)).entryCount, 500n);
    }
    await server.restart("SIGKILL");
    await assertHolds(server, histId, localHist("weight", parts.slice(0, 3)));
    for (const [n, request] of requests.entries()) {
      const answer = clientOf(server).fillSamples(request);
      if (n >= 3) assert.equal((await answer).entryCount, 500n);
      else {
        await assert.rejects(answer, (error) => {
          assert.ok(error instanceof ConnectError);
          assert.equal(error.code, Code.AlreadyExists);
          return true;
        });
      }
    }
    await server.restart("SIGKILL");
    await assertHolds(server, histId, localHist("weight", parts));
  }));

Deno.test("Fill and FillSamples: refusals over gRPC-Web carry their codes and fields", () =>
  withServer(async (server) => {
    const baseUrl = `http://127.0.0.1:${server.dashboardPort}`;
    const client = createClient(HistogramService, createGrpcWebTransport({ baseUrl }));
    const { histId } = await client.create({ uhiJson: formatHistSpec(makeHistSpec(axes)) });
    const request = requestOf(histId, drawEntries(1, 7), "u");
    request.columns[2]!.values.value.values = [1n, 2n] as never;
    await assert.rejects(client.fillSamples(request), {
      code: Code.InvalidArgument,
      rawMessage: "columns[2]: has 2 values, others 7",
    });
    const other = axes.with(1, new RegularAxis({ bins: 3, lower: -1, upper: 1, growth: true }));
    const uhi = formatHistSpec(makeHistSpec(other));
    await assert.rejects(client.fill({ histId, uhiJson: uhi }), {
      code: Code.FailedPrecondition,
      rawMessage:
        "uhi_json: axes[1]: is not of the histogram's lattice: they did not grow from the same axis",
    });
  }));
