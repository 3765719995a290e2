/**
 * Import and Export of the real server: Python writes files, they go in over Connect and gRPC, come out over Connect,
 * and Python reads the same histograms. From source with the permissions of a server, and as one bundled file.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

import {
  FileFormat,
  HistogramService,
  ImportRequestSchema,
  ImportResponseSchema,
} from "../../lib/wire/gen_v1.ts";
import { Status } from "../support/grpc_client.ts";
import { flushMessage } from "../support/hist_messages.ts";
import { projectRoot } from "../support/project.ts";
import { pythonTool } from "../support/python.ts";
import { pythonScripts } from "../support/pytest.ts";
import { runCommand, runCommandOrThrow } from "../support/run_command.ts";
import { serverFlags } from "../support/server.ts";
import { type ServerProcess, withServerProcess } from "../support/server_process.ts";
import { testWith, toolPath } from "../support/tools.ts";

const python = await pythonTool("0.2.1");
const formats = { json: FileFormat.UHI_JSON, h5: FileFormat.UHI_HDF5 };

testWith(
  [python],
  "Import, Export: files of uhi.io come back the same, -P=serve (uhi 1.2.1)",
  () => checkFiles([Deno.execPath(), "run", "-P=serve", "main.ts"], { cwd: projectRoot }),
);

testWith(
  [python],
  "Import, Export: files of uhi.io come back the same, bundled (uhi 1.2.1)",
  () =>
    withFolder(async (folder) => {
      const bundle = join(folder, "histserv.js");
      const command = [Deno.execPath(), "bundle", "--quiet", "--output", bundle, "main.ts"];
      await runCommandOrThrow(command, { cwd: projectRoot });
      await checkFiles([Deno.execPath(), "run", "-A", "--no-config", bundle], { cwd: folder });
    }),
);

async function checkFiles(
  command: readonly string[],
  options: { cwd: string },
): Promise<void> {
  const program = {
    command: (launch: Parameters<typeof serverFlags>[0]) => [...command, ...serverFlags(launch)],
    ...options,
  };
  await withFolder((folder) =>
    withServerProcess(program, async (server) => {
      const script = [toolPath(python), join(pythonScripts, "uhi_files.py")];
      await runCommandOrThrow([...script, "write", folder]);
      const files = await Array.fromAsync(Deno.readDir(folder));
      assert.equal(files.length, 18);
      const baseUrl = `http://${server.host}:${server.dashboardPort}`;
      const client = createClient(HistogramService, createConnectTransport({ baseUrl }));
      for (const [i, { name }] of files.entries()) {
        const bytes = await Deno.readFile(join(folder, name));
        const format = name.endsWith(".json") ? formats.json : formats.h5;
        const file = { format, bytes };
        const histId =
          await (i % 2 === 0 ? importOverConnect(baseUrl, file) : importOverGrpc(server, file));
        for (const suffix of ["json", "h5"] as const) {
          await exportFile(client, {
            histId,
            format: formats[suffix],
            to: join(folder, `${name}.${suffix}`),
          });
        }
        await checkFlush(server, histId);
      }
      const { code, stdout, stderr } = await runCommand([...script, "check", folder], {
        timeoutSeconds: 240,
      });
      assert.equal(stderr, "");
      assert.equal(stdout, "");
      assert.equal(code, 0);
    })
  );
}

/** A stream of messages in one body; fetch has no other. */
async function importOverConnect(
  baseUrl: string,
  file: { format: FileFormat; bytes: Uint8Array<ArrayBuffer> },
): Promise<string> {
  const { format, bytes } = file;
  const body: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const part = bytes.subarray(at, at + 1000);
    const message = toBinary(
      ImportRequestSchema,
      create(ImportRequestSchema, at === 0 ? { format, bytes: part } : { bytes: part }),
    );
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    body.push(head, message);
  }
  const response = await fetch(`${baseUrl}/histserv.v1.HistogramService/Import`, {
    method: "POST",
    headers: { "content-type": "application/connect+proto", "connect-protocol-version": "1" },
    body: Buffer.concat(body),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  const end = 5 + answer.readUInt32BE(1);
  assert.equal(answer[0], 0, answer.subarray(5).toString());
  return fromBinary(ImportResponseSchema, answer.subarray(5, end)).histId;
}

/** One message is a stream, too. */
async function importOverGrpc(
  server: ServerProcess,
  file: { format: FileFormat; bytes: Uint8Array<ArrayBuffer> },
): Promise<string> {
  const client = await server.connect();
  const message = toBinary(ImportRequestSchema, create(ImportRequestSchema, file));
  const path = "/histserv.v1.HistogramService/Import";
  const { status, body, message: text } = await client.call("", message, { path });
  client.close();
  assert.equal(status, Status.OK, text);
  return fromBinary(ImportResponseSchema, body).histId;
}

async function exportFile(
  client: Client<typeof HistogramService>,
  order: { histId: string; format: FileFormat; to: string },
): Promise<void> {
  const { histId, format, to } = order;
  using file = await Deno.open(to, { write: true, createNew: true });
  for await (const { offset, bytes } of client.export({ histId, format })) {
    file.seekSync(Number(offset), Deno.SeekMode.Start);
    assert.equal(file.writeSync(bytes), bytes.length);
  }
}

/** It can be flushed, too, into the default folder. */
async function checkFlush(server: ServerProcess, histId: string): Promise<void> {
  const client = await server.connect();
  const { status, message } = await client.call("Flush", flushMessage(histId, "x.h5"));
  client.close();
  assert.equal(status, Status.OK, message);
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "histserv-files-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
