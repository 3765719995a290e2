/**
 * What a service offers to this room: unary gRPC methods for the hot path, and one universal handler
 * for everything else.
 *
 * @module
 */
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { HeaderList } from "../http2/mod.ts";

/** What is known of a call before its message. */
export interface CallMetadata {
  /** `/package.Service/Method`, as sent. */
  readonly path: string;
  /** The first `x-histserv-token`, which may be empty; null if there is none. */
  readonly token: string | null;
  readonly headers: HeaderList;
}

/** A unary gRPC method served without streams, promises or protobuf reflection. */
export interface DirectMethod {
  /** As in `CallMetadata.path`: `/HistogrammerService/Fill`. */
  readonly path: string;
  /**
   * The most bytes that this message may have, after decompression too, or a refusal.
   *
   * Called once a message, before it is buffered, as soon as {@linkcode admitHeadBytes} of it or all
   * of it are here. `head` is the decompressed beginning, valid only during the call.
   */
  admit(head: Uint8Array, metadata: CallMetadata): { readonly maxBytes: number } | DirectRefusal;
  /**
   * Serves one call. `message` is valid only during the call; `reply` is answered exactly once, at
   * once or later. A throw is a bug of the service and ends the connection's pump.
   */
  call(message: Uint8Array, metadata: CallMetadata, reply: DirectReply): void;
}

/** `admit` sees at least so many bytes of a message that has them. */
export const admitHeadBytes = 64;

/** A gRPC status in 1–16 and its message, not yet percent-encoded. */
export interface DirectRefusal {
  readonly code: number;
  readonly message: string;
}

/** Where a direct call is answered. */
export interface DirectReply {
  /** Sends the pieces of one response message and status OK; `[]` is the empty message. Takes ownership. */
  ok(message: readonly Uint8Array[]): void;
  /** Sends a gRPC status in 1–16 without a message. */
  fail(code: number, message: string): void;
  /** The deadline passed or the peer reset the stream: the answer goes nowhere. */
  readonly isCancelled: boolean;
}

/** All that a listener serves. A path in `direct` is taken there for gRPC with protobuf, else by `universal`. */
export interface ServerRoutes {
  readonly direct: ReadonlyMap<string, DirectMethod>;
  readonly universal: (request: UniversalServerRequest) => Promise<UniversalServerResponse>;
}
