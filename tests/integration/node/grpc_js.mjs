/**
 * The scenario through @grpc/grpc-js: `node grpc_js.mjs HOST:PORT FILE.proto`.
 *
 * @module
 */
import process from "node:process";

import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

import { runScenario } from "./scenario.mjs";

const [address, protoFile] = process.argv.slice(2);
const definition = loadSync(protoFile, { longs: Number, defaults: true });
const { HistogrammerService } = grpc.loadPackageDefinition(definition);
const client = new HistogrammerService(address, grpc.credentials.createInsecure());

await runScenario((method, request, token) => {
  const metadata = new grpc.Metadata();
  if (token !== undefined) metadata.set("x-histserv-token", token);
  return new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline: Date.now() + 10_000 }, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
});
client.close();
