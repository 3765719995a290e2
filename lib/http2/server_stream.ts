/**
 * One stream's state, and the methods that its owner sees.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { ErrorCode } from "./error_code.ts";
import type { HeaderList, Stream } from "./events.ts";
import { encodeHeaderBlock } from "./hpack_encoder.ts";
import type { Session } from "./session.ts";
import { Closing } from "./stream_table.ts";

/** A response body that waits for windows, or for its turn. */
export interface SendQueue {
  /** Not empty unless all is framed; the first is framed up to `offset`. */
  readonly pieces: Uint8Array[];
  /** Index of the first piece that is not done. */
  first: number;
  offset: number;
  /** Left in all pieces. */
  bytes: number;
  /** To be sent after the body. */
  trailerBlock: Uint8Array | null;
  /** Whether the body, or the trailers, end the stream. */
  isEnded: boolean;
  /** Whether a `writable` event is due. */
  isAboveLow: boolean;
  /** Whether RST_STREAM(NO_ERROR) follows, if the request has not ended by then. */
  resetsAfter: boolean;
}

/** State machine of RFC 9113 §5.1, from "open" on: half-closed is one of the two flags. */
export class ServerStream implements Stream {
  readonly id: number;
  readonly connection: Connection;
  owner: unknown = null;
  readonly #session: Session;

  /** The request has ended. */
  isRemoteClosed = false;
  /** The response has ended: END_STREAM is framed. */
  isLocalClosed = false;
  isClosed = false;

  /** What the peer may send; below 0 only for a moment. */
  receiveWindow: number;
  /** Taken from the connection's window and not yet given back. */
  uncreditedBytes = 0;
  /** Credited, but not yet announced on this stream. */
  unannouncedBytes = 0;
  /** Left of content-length; -1 without one. */
  contentBytesLeft: number;
  /** The time of the last bytes of the request. */
  receivedMs: number;

  /** In [-(2^31-1), 2^31-1]; negative after a smaller SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.9.2). */
  sendWindow: number;
  /** `null` while nothing waits. */
  queue: SendQueue | null = null;
  /** The time of the last bytes of the response, or when they began to wait. */
  sentMs = 0;
  /** The next in the list of those that can send; see {@linkcode Outbound}. */
  nextReady: ServerStream | null = null;
  isReady = false;

  constructor(session: Session, options: { id: number; contentBytes: number }) {
    this.#session = session;
    this.connection = session.connection;
    this.id = options.id;
    this.contentBytesLeft = options.contentBytes;
    this.receiveWindow = session.limits.streamWindowBytes;
    this.receivedMs = session.nowMs;
    this.sendWindow = session.outbound.initialWindow;
  }

  get queuedBytes(): number {
    return this.queue?.bytes ?? 0;
  }

  /** Whether END_STREAM is framed or queued. */
  get isResponded(): boolean {
    return this.isLocalClosed || (this.queue !== null && this.queue.isEnded);
  }

  respondBlock(block: Uint8Array, endStream: boolean): void {
    if (this.isClosed || this.isResponded) return;
    this.sentMs = this.#session.nowMs;
    this.#session.outbound.headers(this, block, endStream);
  }

  respond(headers: HeaderList, endStream: boolean): void {
    this.respondBlock(encodeHeaderBlock(headers), endStream);
  }

  send(data: Uint8Array, endStream: boolean): void {
    if (this.isClosed || this.isResponded) return;
    if (this.queue === null) this.sentMs = this.#session.nowMs;
    this.#session.outbound.data(this, data, endStream);
  }

  unaryReply(head: Uint8Array, body: Uint8Array, trailerBlock: Uint8Array): void {
    if (this.isClosed || this.isResponded) return;
    if (this.#session.outbound.unaryReply(this, head, body, trailerBlock)) return;
    this.respondBlock(head, false);
    this.send(body, false);
    this.respondBlock(trailerBlock, true);
  }

  reset(code: number): void {
    if (this.isClosed) return;
    if (code === ErrorCode.NO_ERROR && this.queue !== null && this.queue.isEnded) {
      this.queue.resetsAfter = true;
    } else this.#session.reset(this, code);
  }

  credit(bytes: number): void {
    if (!this.isClosed) this.#session.inbound.creditStream(this, bytes);
  }

  /** The response's END_STREAM is framed. */
  endLocal(): void {
    this.isLocalClosed = true;
    const resetsAfter = this.queue?.resetsAfter ?? false;
    this.queue = null;
    if (this.isRemoteClosed) this.#session.streams.close(this, Closing.ENDED);
    else if (resetsAfter) this.#session.reset(this, ErrorCode.NO_ERROR);
  }

  /** The request has ended and its owner was told. */
  endRemote(): void {
    this.isRemoteClosed = true;
    if (this.isLocalClosed && !this.isClosed) this.#session.streams.close(this, Closing.ENDED);
  }
}
