/**
 * The scenario through a Connect transport:
 * `node connect.mjs grpc|grpc-web|connect URL DESCRIPTORS`, with a FileDescriptorSet in base64.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import process from "node:process";

import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { runScenario } from "./scenario.mjs";

const makers = {
  grpc: createGrpcTransport,
  "grpc-web": createGrpcWebTransport,
  connect: createConnectTransport,
};
const [kind, baseUrl, descriptors] = process.argv.slice(2);
const set = fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, "base64"));
const service = createFileRegistry(set).getService("HistogrammerService");
const client = createClient(service, makers[kind]({ baseUrl, defaultTimeoutMs: 10_000 }));

await runScenario((method, request, token) => {
  const headers = token === undefined ? {} : { "x-histserv-token": token };
  return client[method](request, { headers });
});
process.exit(0); // an idle HTTP/2 session would keep the process for minutes
