/**
 * Clients that are not the Python package: each makes, fills, reads and deletes a histogram and is
 * refused what must be refused. What the Python peer offers, too, runs against it as well, which shows
 * that the tests ask for the contract and not for our server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { create, toBinary } from "@bufbuild/protobuf";
import { file_google_protobuf_timestamp, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { file_hist, HistogrammerService } from "../../lib/wire/gen.ts";
import { debianTool } from "../support/debian.ts";
import { grpcurlTool } from "../support/go_tools.ts";
import { Status } from "../support/grpc_client.ts";
import {
  doublesOf,
  doubleView,
  fillMessage,
  initMessage,
  snapshotChunks,
  snapshotMessage,
} from "../support/hist_messages.ts";
import { nodeScripts, nodeTool } from "../support/node_clients.ts";
import { peerTool, withPeer } from "../support/peer.ts";
import { projectRoot } from "../support/project.ts";
import { pythonScripts } from "../support/pytest.ts";
import { runCommand, runCommandOrThrow } from "../support/run_command.ts";
import { withServer } from "../support/server.ts";
import type { ServerAddress, ServerProcess } from "../support/server_process.ts";
import { testWith, toolPath } from "../support/tools.ts";
import { concat, textOf } from "../support/wire_bytes.ts";
import { histJson } from "./bad_input/hists.ts";
import { runScenario } from "./node/scenario.mjs";

const node = await nodeTool();
const grpcurl = await grpcurlTool();
const curl = await debianTool("curl", "curl");
const h2load = await debianTool("h2load", "nghttp2-client");

type Run = (body: (server: ServerProcess) => Promise<void>) => Promise<void>;
const servers: readonly { subject: string; run: Run }[] = [
  { subject: "Server", run: withServer },
  { subject: "Peer", run: withPeer },
];

for (const { subject, run } of servers) {
  const needs = subject === "Peer" ? [peerTool] : [];

  testWith(
    [peerTool],
    `${subject}: grpcio works without the package's client`,
    () =>
      run(async (server) => {
        const script = join(pythonScripts, "grpcio_checks.py");
        const kind = subject === "Peer" ? "peer" : "ours";
        await runCommandOrThrow([toolPath(peerTool), script, addressOf(server), kind]);
      }),
  );

  testWith([node, ...needs], `${subject}: @grpc/grpc-js works`, () =>
    run(async (server) => {
      const script = join(nodeScripts, "grpc_js.mjs");
      await runCommandOrThrow([toolPath(node), script, addressOf(server), protoFile()]);
    }));

  testWith(
    [node, ...needs],
    `${subject}: connect-node works over gRPC`,
    () => run((server) => runConnectInNode("grpc", `http://${addressOf(server)}`)),
  );

  testWith(
    [grpcurl, ...needs],
    `${subject}: grpcurl works with the proto file`,
    () =>
      run((server) =>
        runGrpcurl(server, ["-import-path", join(projectRoot, "protos"), "-proto", "hist.proto"])
      ),
  );

  testWith(
    [h2load, ...needs],
    `${subject}: h2load's fills are all answered and counted`,
    () => run(checkH2load),
  );
}

testWith(
  [grpcurl],
  "Server: grpcurl works without a proto file (server reflection)",
  () =>
    withServer(async (server) => {
      await runGrpcurl(server, []);
      const plain = [toolPath(grpcurl), "-plaintext"];
      const { stdout } = await runCommandOrThrow([...plain, addressOf(server), "list"]);
      const services = stdout.trim().split("\n");
      assert.ok(services.includes("HistogrammerService"), stdout);
      assert.ok(services.includes("grpc.health.v1.Health"), stdout);
      const described = await runCommandOrThrow([
        ...plain,
        addressOf(server),
        "describe",
        "HistogrammerService.Fill",
      ]);
      assert.match(described.stdout, /rpc Fill \( \.FillRequest \) returns \( \.FillResponse \)/);
      const health = await runCommandOrThrow([
        ...plain,
        addressOf(server),
        "grpc.health.v1.Health/Check",
      ]);
      assert.equal((JSON.parse(health.stdout) as { status: string }).status, "SERVING");
    }),
);

const webTransports = { "grpc-web": createGrpcWebTransport, connect: createConnectTransport };
for (const [kind, createTransport] of Object.entries(webTransports)) {
  testWith(
    [node],
    `Server: connect-web over ${kind} works in Node (dashboard port)`,
    () => withServer((server) => runConnectInNode(kind, dashboardUrl(server))),
  );

  Deno.test(`Server: connect-web over ${kind} works in Deno (dashboard port)`, () =>
    withServer((server) => runConnectScenario(createTransport({ baseUrl: dashboardUrl(server) }))));
}

testWith(
  [curl],
  "Server: curl speaks the Connect protocol with prior knowledge of HTTP/2 (gRPC port)",
  () =>
    withServer(async (server) => {
      const base = `http://${addressOf(server)}`;
      const stats = await postWithCurl(`${base}/HistogrammerService/Stats`, "{}");
      assert.equal(stats.code, "200 2");
      assert.match(JSON.stringify(stats.json), /"rpcCallsTotal"/);
      const missing = await postWithCurl(
        `${base}/HistogrammerService/Describe`,
        `{"histId":"deadbeef"}`,
      );
      assert.equal(missing.code, "404 2");
      assert.equal((missing.json as { code: string }).code, "not_found");
      const health = await postWithCurl(`${base}/grpc.health.v1.Health/Check`, "{}");
      assert.deepEqual(health, { code: "200 2", json: { status: "SERVING" } });
    }),
);

testWith([curl], "Server: the dashboard port answers /healthz", () =>
  withServer(async (server) => {
    const { stdout } = await runCommandOrThrow([
      toolPath(curl),
      ...["-s", "-o", "/dev/null", "-w", "%{http_code}"],
      `${dashboardUrl(server)}/healthz`,
    ]);
    assert.equal(stdout, "200");
  }));

function addressOf(server: ServerAddress): string {
  return `${server.host}:${server.port}`;
}

function dashboardUrl(server: ServerAddress): string {
  return `http://${server.host}:${server.dashboardPort}`;
}

function protoFile(): string {
  return join(projectRoot, "protos", "hist.proto");
}

async function runConnectInNode(kind: string, url: string): Promise<void> {
  const set = create(FileDescriptorSetSchema, {
    file: [file_google_protobuf_timestamp.proto, file_hist.proto],
  });
  const descriptors = toBinary(FileDescriptorSetSchema, set).toBase64();
  const script = join(nodeScripts, "connect.mjs");
  await runCommandOrThrow([toolPath(node), script, kind, url, descriptors]);
}

async function runConnectScenario(transport: Transport): Promise<void> {
  const client = createClient(HistogrammerService, transport) as unknown as Record<
    string,
    (request: unknown, options: { headers: Record<string, string> }) => Promise<unknown>
  >;
  assert.equal(Code.NotFound, Status.NOT_FOUND); // Connect's codes are gRPC's numbers
  await runScenario((method, request, token) => {
    const headers: Record<string, string> = token === undefined
      ? {}
      : { "x-histserv-token": token };
    return client[method]!(request, { headers });
  });
}

/** Init, Fill and Snapshot in JSON, and the exit code of a status: 64 + its number. */
async function runGrpcurl(server: ServerAddress, schema: readonly string[]): Promise<void> {
  const call = (method: string, request: unknown) =>
    runCommand([
      toolPath(grpcurl),
      "-plaintext",
      ...schema,
      "-d",
      JSON.stringify(request),
      addressOf(server),
      `HistogrammerService/${method}`,
    ]);
  const ask = async (method: string, request: unknown): Promise<Record<string, unknown>> => {
    const result = await call(method, request);
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  };
  const { histId } = await ask("Init", { payload: { histJson: histJson() } });
  const denseView = doubleView(Array.from({ length: 32 }, (_, cell) => cell)).toBase64();
  await ask("Fill", { histId, denseView, uniqueId: "AQID" });
  const again = await call("Fill", { histId, denseView, uniqueId: "AQID" });
  assert.equal(again.code, 64 + Status.ALREADY_EXISTS, again.stderr);
  const { payload } = await ask("Snapshot", { histId });
  assert.equal((payload as { chunks: { denseView: string }[] }).chunks[0]!.denseView, denseView);
  const unknown = await call("Describe", { histId: "deadbeef" });
  assert.equal(unknown.code, 64 + Status.NOT_FOUND, unknown.stderr);
  await ask("Stats", {});
}

/** h2load counts every HTTP 200 as a success, so the cells say how many fills there were. */
async function checkH2load(server: ServerProcess): Promise<void> {
  const client = await server.connect();
  const histId = textOf((await client.call("Init", initMessage(histJson()))).body, 1);
  const cells = Array.from({ length: 32 }, (_, cell) => cell);
  const message = fillMessage(histId, { view: doubleView(cells) });
  const prefix = new Uint8Array(5);
  new DataView(prefix.buffer).setUint32(1, message.length);
  const body = await Deno.makeTempFile();
  await Deno.writeFile(body, concat(prefix, message));
  const fills = 5000;
  const { stdout } = await runCommandOrThrow([
    toolPath(h2load),
    ...["-n", String(fills), "-c", "8", "-m", "8", "-d", body],
    ...["-H", "content-type: application/grpc", "-H", "te: trailers"],
    `http://${addressOf(server)}/HistogrammerService/Fill`,
  ]);
  await Deno.remove(body);
  assert.match(stdout, new RegExp(`status codes: ${fills} 2xx, 0 3xx, 0 4xx, 0 5xx`));
  const snapshot = await client.call("Snapshot", snapshotMessage(histId));
  client.close();
  assert.deepEqual(doublesOf(snapshotChunks(snapshot.body).get("")!), cells.map((x) => x * fills));
}

/** POSTs JSON; `code` is the HTTP status and the HTTP version. */
async function postWithCurl(url: string, json: string): Promise<{ code: string; json: unknown }> {
  const { stdout } = await runCommandOrThrow([
    toolPath(curl),
    ...["-s", "--http2-prior-knowledge", "-H", "content-type: application/json"],
    ...["-d", json, "-w", "\n%{http_code} %{http_version}", url],
  ]);
  const end = stdout.lastIndexOf("\n");
  return { code: stdout.slice(end + 1), json: JSON.parse(stdout.slice(0, end)) };
}
