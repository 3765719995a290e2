/**
 * Moves bytes between a socket and an HTTP/2 state machine. Reading goes on while a write is under
 * way, and pauses only while too much output waits; there is never more than one write under way.
 *
 *     read ─▶ Connection.receive ─▶ events ─▶ replies ─▶ takeOutput ─▶ write
 *
 * A connection that is finished is closed gently: the write side first, then what the peer still sends is
 * thrown away for a moment, because a close with unread bytes makes TCP reset the connection, and the
 * peer may never see our GOAWAY.
 *
 * @module
 */
import { Connection, type Http2Limits } from "../http2/mod.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Flusher, ServerState } from "./stream_owner.ts";

/** A duplex connection of bytes: a socket, or a pair of queues in tests. */
export interface ByteChannel {
  /** Bytes read into `target`, > 0; null at the end of the stream. */
  read(target: Uint8Array): Promise<number | null>;
  /** Bytes written from the beginning of `source`, > 0. */
  write(source: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  /** Reads and writes under way fail. */
  close(): void;
}

const readBufferBytesMin = 16 * 1024;
const readBufferBytesMax = 256 * 1024;
/** How long a finished connection may take to write its last output, or its peer to close. */
const lingerMsMax = 1_000;

/** One connection, from its first byte until it is closed. */
export class Pump implements Flusher {
  readonly connection: Connection;
  readonly #channel: ByteChannel;
  readonly #state: ServerState;
  readonly #onClosed: (pump: Pump) => void;
  readonly #flushScheduled: () => void;
  #readBuffer = new Uint8Array(readBufferBytesMin);
  #resumeReads: (() => void) | null = null;
  #isReceiving = false;
  #isFlushScheduled = false;
  #isWriting = false;
  #isLingering = false;
  #isClosed = false;
  /** When a tick first saw the connection finished; −1 before. */
  #finishedMs = -1;

  constructor(
    channel: ByteChannel,
    options: {
      readonly state: ServerState;
      readonly limits: Http2Limits;
      readonly onClosed: (pump: Pump) => void;
    },
  ) {
    this.#channel = channel;
    this.#state = options.state;
    this.#onClosed = options.onClosed;
    this.connection = new Connection(new Dispatcher(options.state, this), {
      limits: options.limits,
      clock: options.state.clock,
    });
    this.#flushScheduled = () => {
      this.#isFlushScheduled = false;
      this.#flush();
    };
  }

  /** Serves the connection; resolves when it is closed. Rejects only for a bug of ours. */
  async run(): Promise<void> {
    this.#flush();
    while (!this.#isClosed) {
      if (this.connection.readsPaused && !this.#isLingering) {
        await new Promise<void>((resolve) => this.#resumeReads = resolve);
        continue;
      }
      let count: number | null;
      try {
        count = await this.#channel.read(this.#readBuffer);
      } catch {
        // The peer reset the connection, or we closed it: the same end.
        count = null;
      }
      if (count === null) break;
      if (!this.#isLingering && !this.#isClosed) this.#receive(count);
    }
    this.close();
  }

  scheduleFlush(): void {
    // What is produced inside receive() is flushed after it.
    if (this.#isReceiving || this.#isFlushScheduled || this.#isWriting) return;
    this.#isFlushScheduled = true;
    queueMicrotask(this.#flushScheduled);
  }

  /** Timeouts; called about every 500 ms. */
  tick(nowMs: number): void {
    this.connection.tick(nowMs);
    if (this.connection.isStalled) return this.close();
    if (this.connection.isFinished) {
      if (this.#finishedMs < 0) this.#finishedMs = nowMs;
      else if (nowMs - this.#finishedMs > lingerMsMax) return this.close();
    }
    this.#flush();
  }

  /** GOAWAY; ends by itself when the open streams are done. */
  drain(): void {
    this.connection.drain();
    this.#flush();
  }

  /** Closes at once; calls under way are cancelled. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel.close();
    this.connection.socketClosed();
    this.#wakeReader();
    this.#onClosed(this);
  }

  #receive(count: number): void {
    const buffer = this.#readBuffer;
    this.#state.deadlines.expireNow();
    this.#isReceiving = true;
    this.connection.receive(buffer.subarray(0, count));
    this.#isReceiving = false;
    this.#flush();
    // A connection that never fills its buffer keeps a small one: 1,024 idle ones cost 16 MiB.
    if (count === buffer.length && count < readBufferBytesMax) {
      this.#readBuffer = new Uint8Array(count * 4);
    }
  }

  #flush(): void {
    if (this.#isWriting || this.#isLingering || this.#isClosed) return;
    if (!this.connection.hasOutput && !this.connection.isFinished) return;
    this.#isWriting = true;
    void this.#writeOutput();
  }

  async #writeOutput(): Promise<void> {
    // Until it returns nothing: that call tells the connection that all is written.
    for (;;) {
      const pieces = this.connection.takeOutput();
      if (pieces.length === 0) break;
      try {
        for (let i = 0; i < pieces.length; i++) await this.#writeAll(pieces[i]!);
      } catch {
        return this.close();
      }
      if (!this.connection.readsPaused) this.#wakeReader();
    }
    this.#isWriting = false;
    if (this.connection.isFinished && !this.#isClosed) await this.#linger();
  }

  async #writeAll(piece: Uint8Array): Promise<void> {
    let written = await this.#channel.write(piece);
    while (written < piece.length) {
      written += await this.#channel.write(piece.subarray(written));
    }
  }

  async #linger(): Promise<void> {
    this.#isLingering = true;
    this.#wakeReader();
    try {
      await this.#channel.closeWrite();
    } catch {
      this.close();
    }
  }

  #wakeReader(): void {
    this.#resumeReads?.();
    this.#resumeReads = null;
  }
}
