/**
 * The port for browsers and scripts: Connect and gRPC-Web, and /healthz.
 *
 * @module
 */

import { Hono } from "hono";
import { cors } from "hono/cors";
import { serveFetch, type ServerRoutes } from "../transport/mod.ts";

/** What a browser's page may send and read besides the simple headers (Connect and gRPC-Web protocols). */
const REQUEST_HEADERS = [
  "Content-Type",
  "Connect-Protocol-Version",
  "Connect-Timeout-Ms",
  "Grpc-Timeout",
  "X-Grpc-Web",
  "X-User-Agent",
  "X-Histserv-Token",
];
const RESPONSE_HEADERS = ["Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"];
const PREFLIGHT_SECONDS = 7200;

/** The fetch handler of the port. `isHealthy` is asked at each /healthz. */
export function createWebHandler(options: {
  readonly universal: ServerRoutes["universal"];
  readonly corsOrigins: readonly string[];
  readonly isHealthy: () => boolean;
}): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  if (options.corsOrigins.length > 0) {
    app.use(
      "*",
      cors({
        origin: options.corsOrigins.includes("*") ? "*" : [...options.corsOrigins],
        allowMethods: ["GET", "POST", "OPTIONS"],
        allowHeaders: REQUEST_HEADERS,
        exposeHeaders: RESPONSE_HEADERS,
        maxAge: PREFLIGHT_SECONDS,
      }),
    );
  }
  app.get("/healthz", (context) => {
    return options.isHealthy()
      ? context.text("ok\n")
      : context.text("draining or unable to store\n", 503);
  });
  const rpc = serveFetch(options.universal);
  app.all("*", (context) => rpc(context.req.raw));
  return (request) => app.fetch(request);
}
