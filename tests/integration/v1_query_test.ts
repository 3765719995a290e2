/**
 * Query and Watch of the real server: filled over gRPC, asked over Connect and gRPC-Web on the dashboard port, and over
 * gRPC on its own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type Client,
  Code,
  type ConnectError,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { HistogrammerService } from "../../lib/wire/gen.ts";
import {
  CellEncoding,
  HistogramService,
  type QueryResponse,
  WatchResponseSchema,
} from "../../lib/wire/gen_v1.ts";
import {
  formatHistSpec,
  Hist,
  parseUhi,
  RegularAxis,
  select,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { selectionOf } from "../service/v1/questions.ts";
import { GrpcStatusError, UnaryClient } from "../support/unary_client.ts";
import { withServer } from "../support/server.ts";
import type { ServerProcess } from "../support/server_process.ts";

/** Longest time for what takes a few milliseconds; not a measure of speed. */
const answerMsMax = 10_000;

/** Two datasets of two systematics, each of 4 bins with flow. */
function filledHist(): Hist {
  const hist = new Hist([
    new StrCategoryAxis({ name: "dataset", growth: true }),
    new StrCategoryAxis({ name: "systematic", growth: true }),
    new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 4 }),
  ], { storage: "weight" });
  for (const [i, dataset] of ["data", "signal"].entries()) {
    for (const [j, systematic] of ["nominal", "up"].entries()) {
      hist.fill([dataset, systematic, [0.5, 1.5, 2.5, 9]], { weight: 1 + i + 10 * j });
    }
  }
  return hist;
}

const questions = [
  "...",
  "'data', 'up', :",
  "'signal', ::sum, 1:3",
  "['signal', 'data'], '[n]*', ::rebin(2)",
  "::sum, ::sum, ::sum",
];

/** Makes the histogram in the server, chunk by chunk, over gRPC. */
async function fill(client: UnaryClient): Promise<{ hist: Hist; histId: string }> {
  const hist = filledHist();
  const { method } = HistogramService;
  const empty = new Hist(
    hist.axes.map((axis) =>
      axis.type === "category_str" ? new StrCategoryAxis({ name: axis.name, growth: true }) : axis
    ),
    { storage: "weight" },
  );
  const { histId } = await client.unary(method.create, { uhiJson: formatHistSpec(empty.spec) });
  for (const dataset of ["data", "signal"]) {
    for (const systematic of ["nominal", "up"]) {
      const { cells } = select(hist, parseUhi(`'${dataset}', '${systematic}', :`));
      await client.unary(HistogrammerService.method.fill, {
        histId,
        chunkKey: [dataset, systematic].map((value) => ({
          value: { case: "stringValue" as const, value },
        })),
        denseView: new Uint8Array(cells.buffer),
      });
    }
  }
  return { hist, histId };
}

type Ask = (text: string, encoding: CellEncoding) => Promise<QueryResponse>;

async function checkAnswers(ask: Ask, hist: Hist): Promise<void> {
  for (const text of questions) {
    const expected = select(hist, parseUhi(text));
    const dense = await ask(text, CellEncoding.DENSE);
    assert.equal(JSON.parse(dense.uhiJson).axes.length, expected.axes.length);
    assert.deepEqual(new Float64Array(dense.cells.slice().buffer), expected.cells, text);
    const sparse = await ask(text, CellEncoding.SPARSE);
    const found = new Float64Array(sparse.cells.slice().buffer);
    const cells = new Float64Array(expected.cells.length);
    for (const [i, index] of sparse.cellIndices.entries()) {
      cells.set(found.subarray(2 * i, 2 * i + 2), 2 * Number(index));
    }
    assert.deepEqual(cells, expected.cells, `${text}, sparse`);
  }
}

const transports: Record<string, (server: ServerProcess) => Transport> = {
  Connect: (server) => createConnectTransport({ baseUrl: dashboardUrl(server) }),
  "Connect with GET": (server) =>
    createConnectTransport({ baseUrl: dashboardUrl(server), useHttpGet: true }),
  "gRPC-Web": (server) => createGrpcWebTransport({ baseUrl: dashboardUrl(server) }),
};

function dashboardUrl(server: ServerProcess): string {
  return `http://${server.host}:${server.dashboardPort}`;
}

for (const [kind, makeTransport] of Object.entries(transports)) {
  Deno.test(`Query: slices, sums, picks, dense and sparse over ${kind}`, () =>
    withServer(async (server) => {
      const grpc = await UnaryClient.open(server);
      const { hist, histId } = await fill(grpc);
      await grpc.close();
      const client = createClient(HistogramService, makeTransport(server));
      await checkAnswers(
        (text, encoding) => client.query({ histId, selection: selectionOf(text), encoding }),
        hist,
      );
      await assert.rejects(
        client.query({ histId, selection: selectionOf("'none', :, :") }),
        (error: ConnectError) => {
          assert.equal(error.rawMessage, 'selection.axes[0].point: it has no category "none"');
          return error.code === Code.InvalidArgument;
        },
      );
    }));
}

Deno.test("Query: slices, sums, picks, dense and sparse over gRPC", () =>
  withServer(async (server) => {
    const client = await UnaryClient.open(server);
    const { hist, histId } = await fill(client);
    await checkAnswers(
      (text, encoding) =>
        client.unary(HistogramService.method.query, {
          histId,
          selection: selectionOf(text),
          encoding,
        }),
      hist,
    );
    await client.close();
  }));

for (const kind of ["Connect", "gRPC-Web"]) {
  Deno.test(`Watch: sees fills, ends with NOT_FOUND when the histogram is deleted (${kind})`, () =>
    withServer(async (server) => {
      const grpc = await UnaryClient.open(server);
      const { histId } = await fill(grpc);
      const client: Client<typeof HistogramService> = createClient(
        HistogramService,
        transports[kind]!(server),
      );
      const selection = selectionOf("::sum, ::sum, 1");
      const signal = AbortSignal.timeout(answerMsMax);
      const totals: number[] = [];
      const watching = async () => {
        for await (
          const { result } of client.watch({ histId, selection, rateHz: 60 }, { signal })
        ) {
          totals.push(new Float64Array(result!.cells.slice().buffer)[0]!);
          if (totals.length === 1) {
            await grpc.unary(HistogrammerService.method.fill, {
              histId,
              chunkKey: ["data", "up"].map((value) => ({
                value: { case: "stringValue" as const, value },
              })),
              denseView: new Uint8Array(new Float64Array(12).fill(100).buffer),
            });
          } else await grpc.unary(HistogramService.method.delete, { histId });
        }
      };
      await assert.rejects(watching(), { code: Code.NotFound });
      // 1 + 2 + 11 + 12, each with one entry in the bin.
      assert.deepEqual(totals, [26, 126]);
      await grpc.close();
    }));
}

Deno.test("Watch: ends with OK when the server drains, over gRPC, Connect and gRPC-Web", () =>
  withServer(async (server) => {
    const grpc = await UnaryClient.open(server);
    const { histId } = await fill(grpc);
    const { method } = HistogramService;
    // The answers of the stream, each with its length prefix; the client drops the first prefix.
    const overGrpc = grpc.call(
      `/${HistogramService.typeName}/${method.watch.name}`,
      requestBytes(histId),
    );
    const ends: Promise<number>[] = [];
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    let waiting = 2;
    for (const kind of ["Connect", "gRPC-Web"]) {
      const client = createClient(HistogramService, transports[kind]!(server));
      const count = async () => {
        let answers = 0;
        for await (const _ of client.watch({ histId })) {
          if (++answers === 1 && --waiting === 0) begin();
        }
        return answers;
      };
      ends.push(count());
    }
    await begun;
    await grpc.unary(method.get, { histId });
    const { code } = await server.kill("SIGTERM");
    assert.equal(code, 0, server.output);
    assert.deepEqual(await Promise.all(ends), [1, 1]);
    const answer = fromBinary(WatchResponseSchema, await overGrpc);
    assert.equal(JSON.parse(answer.result!.uhiJson).axes.length, 3);
    await grpc.close();
  }));

/** Field 1, a text. */
function requestBytes(histId: string): Uint8Array {
  const text = new TextEncoder().encode(histId);
  return Uint8Array.of(0x0a, text.length, ...text);
}

Deno.test("Watch: a token's histogram is not shown to others (gRPC)", () =>
  withServer(async (server) => {
    const client = await UnaryClient.open(server);
    const { method } = HistogramService;
    const json = formatHistSpec(filledHist().spec);
    const { histId } = await client.unary(method.create, { uhiJson: json }, { token: "mine" });
    const path = `/${HistogramService.typeName}/${method.watch.name}`;
    await assert.rejects(client.call(path, requestBytes(histId)), (error) => {
      assert.ok(error instanceof GrpcStatusError);
      return error.code === Code.NotFound;
    });
    await client.close();
  }));
