/**
 * The same universal handlers behind `Deno.serve`: Connect and gRPC-Web over HTTP/1.1 and HTTP/2.
 *
 * @module
 */
import { createFetchHandler } from "@connectrpc/connect/protocol";
import type { ServerRoutes } from "./direct_method.ts";
import { isGrpcContentType } from "./grpc_framing.ts";
import { encodeGrpcMessage, GrpcStatus } from "./grpc_status.ts";

/** A fetch handler over `universal`. gRPC itself is refused: fetch's responses have no trailers. */
export function serveFetch(
  universal: ServerRoutes["universal"],
  options: { readonly httpVersion?: string } = {},
): (request: Request) => Promise<Response> {
  const handler = createFetchHandler(universal, options);
  return (request) => {
    const contentType = request.headers.get("content-type") ?? "";
    return isGrpcContentType(contentType)
      ? Promise.resolve(refuseGrpc(contentType))
      : handler(request);
  };
}

/** Trailers-Only fits into headers, so a gRPC client reads why. */
function refuseGrpc(contentType: string): Response {
  return new Response(null, {
    status: 200,
    headers: {
      "content-type": contentType,
      "grpc-status": String(GrpcStatus.unimplemented),
      "grpc-message": encodeGrpcMessage(
        "Cannot serve gRPC on this port: it speaks Connect and gRPC-Web; use the gRPC port",
      ),
    },
  });
}
