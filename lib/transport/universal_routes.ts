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
    return handler === undefined ? Promise.resolve(notFound(request)) : handler(request);
  };
}

/** The path between the authority and the query; "" if there is none. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "";
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

function notFound(request: UniversalServerRequest): UniversalServerResponse {
  const contentType = request.header.get("content-type") ?? "";
  if (!isGrpcContentType(contentType)) return { status: 404 };
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
