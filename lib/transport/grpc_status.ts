/**
 * gRPC status codes and how a status goes over HTTP/2: pre-encoded header blocks and the
 * percent-encoding of `grpc-message` (gRPC over HTTP2, "Responses").
 *
 * @module
 */
import { encodeHeaderBlock } from "../http2/mod.ts";

/** The codes that the transport itself answers with (gRPC statuscodes.md). */
export const GrpcStatus = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const;

/** The encodings that a request may have, for `grpc-accept-encoding`. */
export const acceptedEncodings = "identity,gzip";

/** Encoded length: half of the 8 KiB of metadata from which on gRPC clients may refuse a response. */
const messageBytesMax = 4096;

/** HEADERS of a successful response. */
export const okHeadBlock: Uint8Array = encodeHeaderBlock([
  [":status", "200"],
  ["content-type", "application/grpc"],
  ["grpc-accept-encoding", acceptedEncodings],
]);

/** Trailers of a successful response. */
export const okTrailerBlock: Uint8Array = encodeHeaderBlock([["grpc-status", "0"]]);

/**
 * The only header block of a call that fails without a message ("Trailers-Only").
 *
 * `code` in 1–16. A message longer than 4 KiB when encoded is cut.
 */
export function encodeTrailersOnly(code: number, message: string): Uint8Array {
  return encodeHeaderBlock([
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-accept-encoding", acceptedEncodings],
    ["grpc-status", String(code)],
    ["grpc-message", encodeGrpcMessage(message)],
  ]);
}

const utf8 = new TextEncoder();
// Percent-Byte-Unencoded: %x20-%x24 / %x26-%x7E.
const plainMessage = /^[\x20-\x24\x26-\x7e]*$/;

/**
 * Percent-encodes the UTF-8 bytes of `message` that are not printable ASCII, and `%`.
 *
 * The result has at most 4,096 characters; what is beyond is cut at a character. Lone surrogates
 * become U+FFFD. Source: gRPC over HTTP2, "Percent-Encoded".
 */
export function encodeGrpcMessage(message: string): string {
  if (message.length <= messageBytesMax && plainMessage.test(message)) return message;
  let encoded = "";
  for (const character of message) {
    const unit = plainMessage.test(character) ? character : percentEncode(character);
    if (encoded.length + unit.length > messageBytesMax) break;
    encoded += unit;
  }
  return encoded;
}

function percentEncode(character: string): string {
  let encoded = "";
  for (const byte of utf8.encode(character)) {
    encoded += "%" + byte.toString(16).toUpperCase().padStart(2, "0");
  }
  return encoded;
}
