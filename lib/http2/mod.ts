/**
 * HTTP/2, the server's side, as a pure state machine (RFC 9113, RFC 7541): no sockets, no timers.
 *
 *     segment → FrameReader → Receiver → events        (frames, streams, HPACK: the peer's rules)
 *     Stream  → Outbound → OutputBuffer → takeOutput   (windows, turns, frames: ours)
 *
 * @module
 */

export { Connection } from "./connection.ts";
export { ErrorCode } from "./error_code.ts";
export type { ConnectionEvents, HeaderList, Stream } from "./events.ts";
export { type HeaderBlock, HpackDecoder } from "./hpack_decoder.ts";
export { encodeHeaderBlock, HpackEncoder } from "./hpack_encoder.ts";
export { defaultLimits, type Http2Limits } from "./limits.ts";
