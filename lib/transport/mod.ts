/**
 * Sockets and gRPC: pumps bytes through `http2`, serves hot unary methods directly and everything else
 * through connect-es' universal handlers.
 *
 * @module
 */

export {
  admitHeadBytes,
  type CallMetadata,
  type DirectMethod,
  type DirectRefusal,
  type DirectReply,
  type ServerRoutes,
} from "./direct_method.ts";
export { serveFetch } from "./fetch_adapter.ts";
export type { ListenerCounts, ServeOptions } from "./grpc_listener.ts";
export { createGzipCompression, GzipError } from "./gzip.ts";
export { type GrpcListener, type ListenAddress, serveHttp2 } from "./h2c_listener.ts";
export { type HttpListener, serveHttp } from "./http_listener.ts";
export { probePort } from "./probe_listener.ts";
export type { TlsCredentials } from "./tls_listener.ts";
export { routeUniversal } from "./universal_routes.ts";
