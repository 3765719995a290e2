/**
 * Finds the universal handler of a path, and answers for paths that nobody serves.
 *
 * @module
 */
import type {
  UniversalHandler,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { isGrpcContentType } from "./grpc_framing.ts";
import { GrpcStatus } from "./grpc_status.ts";

/** One function for all handlers of a connect-es router, by their `requestPath`. */
export function routeUniversal(
  handlers: readonly UniversalHandler[],
): (request: UniversalServerRequest) => Promise<UniversalServerResponse> {
  const byPath = new Map(handlers.map((handler) => [handler.requestPath, handler]));
  return (request) => {
    const handler = byPath.get(pathOf(request.url));
    return handler === undefined ? notFound(request) : handler(request);
  };
}

/** The path between the authority and the query; "" if there is none. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "";
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

async function notFound(request: UniversalServerRequest): Promise<UniversalServerResponse> {
  const contentType = request.header.get("content-type") ?? "";
  if (isGrpcContentType(contentType)) {
    return {
      status: 200,
      // As grpc-core words it.
      header: new Headers({
        "content-type": contentType,
        "grpc-status": String(GrpcStatus.unimplemented),
        "grpc-message": "Method not found!",
      }),
    };
  }
  await readToEnd(request.body);
  return {
    status: 404,
    header: new Headers({ "content-type": "text/plain; charset=utf-8" }),
    body: notFoundBody(),
  };
}

async function* notFoundBody(): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode("Not found\n");
}

/** HTTP clients that write on when the answer is here are rarely ready for the reset that follows. */
async function readToEnd(body: UniversalServerRequest["body"]): Promise<void> {
  if (body === null || typeof body !== "object" || !(Symbol.asyncIterator in body)) return;
  const pieces = body[Symbol.asyncIterator]();
  while ((await pieces.next()).done !== true);
}
