/**
 * HTTP/2, the server's side, as a pure state machine: no sockets, no timers.
 *
 * @module
 */

export { Connection } from "./connection.ts";
export { ErrorCode } from "./error_code.ts";
export type { ConnectionEvents, HeaderList, Stream } from "./events.ts";
export { encodeHeaderBlock } from "./hpack_encoder.ts";
export { defaultLimits, type Http2Limits } from "./limits.ts";
