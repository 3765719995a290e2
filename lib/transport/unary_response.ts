/**
 * The successful response of a unary gRPC call.
 *
 * @module
 */
import { assert } from "../base/mod.ts";
import { encodePrefix, prefixBytes, writePrefix } from "./grpc_framing.ts";
import { okHeadBlock, okTrailerBlock } from "./grpc_status.ts";
import type { ServerStream } from "./stream_owner.ts";

/** Response messages up to this size are one piece of output with their headers and trailers. */
const unaryReplyBytesMax = 64 * 1024;
/** A first piece up to this size is copied to stand in one frame with the prefix. */
const joinedPieceBytesMax = 16 * 1024;

const emptyReply = new Uint8Array(prefixBytes);

/**
 * Sends a message in pieces and status OK: small ones as one piece of output, large ones piece by piece
 * without a copy. Takes ownership of the pieces.
 */
export function sendUnaryResponse(stream: ServerStream, pieces: readonly Uint8Array[]): void {
  if (pieces.length === 0) return stream.unaryReply(okHeadBlock, emptyReply, okTrailerBlock);
  let messageBytes = 0;
  for (const piece of pieces) messageBytes += piece.length;
  assert(messageBytes < 2 ** 32, "Cannot send a message of 4 GiB or more");
  if (messageBytes <= unaryReplyBytesMax) {
    const body = new Uint8Array(prefixBytes + messageBytes);
    writePrefix(body, messageBytes);
    let offset = prefixBytes;
    for (const piece of pieces) {
      body.set(piece, offset);
      offset += piece.length;
    }
    return stream.unaryReply(okHeadBlock, body, okTrailerBlock);
  }
  stream.respondBlock(okHeadBlock, false);
  let first = encodePrefix(messageBytes);
  let next = 0;
  if (pieces[0]!.length <= joinedPieceBytesMax) {
    const joined = new Uint8Array(prefixBytes + pieces[0]!.length);
    joined.set(first);
    joined.set(pieces[0]!, prefixBytes);
    first = joined;
    next = 1;
  }
  stream.send(first, false);
  for (; next < pieces.length; next++) stream.send(pieces[next]!, false);
  stream.respondBlock(okTrailerBlock, true);
}
