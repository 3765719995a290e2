/**
 * What a connection tells its owner, and what the owner may do with a stream.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** Header fields in order; names in lower case; names and values are latin-1: one character a byte. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * What the owner of a connection hears, synchronously inside `receive`, `tick`, `takeOutput` (writable only) and `socketClosed`.
 * A handler may call every method of streams and connection but `receive`; it must not throw.
 */
export interface ConnectionEvents {
  /** A request's header list, checked by RFC 9113 §8.3.1; with `endStream` it has no body. */
  request(stream: Stream, headers: HeaderList, endStream: boolean): void;
  /**
   * The next bytes of a request's body, without padding. `data` is borrowed: a view of the segment, valid only during the
   * call. Pieces follow the segments, not the frames; the last one (`endStream`) may be empty.
   */
  data(stream: Stream, data: Uint8Array, endStream: boolean): void;
  /** The trailers of a request; they end it. */
  trailers(stream: Stream, headers: HeaderList): void;
  /** The stream is dead: reset by the peer, for a fault of the peer, for a timeout, or with the connection. Never for the owner's own `reset`. */
  reset(stream: Stream, code: number): void;
  /** The stream had queued `streamQueueLowBytes` or more, and has less now. */
  writable(stream: Stream): void;
}

/**
 * One request and its response. Everything done to a closed stream is silently dropped.
 *
 * A response is `respond`, any number of `send`, and optionally `respond` again for trailers; or one `unaryReply`.
 */
export interface Stream {
  /** Odd, in [1, 2^31-1]. */
  readonly id: number;
  readonly connection: Connection;
  /** For the owner's use; `null` at first. */
  owner: unknown;
  /** HEADERS from a block that uses no dynamic table (see {@linkcode encodeHeaderBlock}); after data these are trailers. */
  respondBlock(block: Uint8Array, endStream: boolean): void;
  /** HEADERS from a list; after data these are trailers. @throws {TypeError} if a character is above U+00FF. */
  respond(headers: HeaderList, endStream: boolean): void;
  /** Queues DATA. Takes ownership of `data`: it is copied late, or never. */
  send(data: Uint8Array, endStream: boolean): void;
  /** `respondBlock(head)` + `send(body)` + `respondBlock(trailerBlock, true)` in one, at once where the windows allow. Takes ownership of `body`. */
  unaryReply(head: Uint8Array, body: Uint8Array, trailerBlock: Uint8Array): void;
  /**
   * RST_STREAM, at once; queued output is dropped. With NO_ERROR after a whole response was queued it is sent after that
   * response, and only if the request has not ended by then (RFC 9113 §8.1).
   */
  reset(code: number): void;
  /**
   * The owner has taken in `bytes` of received data, and may be sent as many again. Owners credit as they buffer: what
   * they hold back is held back from all streams of the connection. What is left is credited when the stream closes.
   */
  credit(bytes: number): void;
  /** Body bytes that were queued and not yet framed. */
  readonly queuedBytes: number;
  readonly isClosed: boolean;
}
