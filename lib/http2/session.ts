/**
 * What the parts of one connection share: its windows, streams, output, and what it may still put up with.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { writeReset } from "./control_frames.ts";
import { ConnectionError, ErrorCode } from "./error_code.ts";
import type { ConnectionEvents } from "./events.ts";
import { Inbound } from "./inbound.ts";
import type { Http2Limits } from "./limits.ts";
import { Outbound } from "./outbound.ts";
import { OutputBuffer } from "./output_buffer.ts";
import type { ServerStream } from "./server_stream.ts";
import { Closing, StreamTable } from "./stream_table.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The state of one connection. */
export class Session {
  readonly connection: Connection;
  readonly events: ConnectionEvents;
  readonly limits: Http2Limits;
  readonly output = new OutputBuffer();
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly streams: StreamTable;
  /** Streams reset by the peer, or because of what it did (CVE-2023-44487, CVE-2025-8671). */
  readonly #resets: TokenBucket;
  /** Frames that move no request on (CVE-2019-9512 … 9515). */
  readonly #idleFrames: TokenBucket;
  /** Acknowledgements and RST_STREAM in the output. */
  #controlReplies = 0;
  /** The time of the last segment or tick. */
  nowMs: number;

  constructor(
    connection: Connection,
    options: { events: ConnectionEvents; limits: Http2Limits; nowMs: number },
  ) {
    const { events, limits, nowMs } = options;
    this.connection = connection;
    this.events = events;
    this.limits = limits;
    this.nowMs = nowMs;
    this.inbound = new Inbound(limits, this.output);
    this.outbound = new Outbound({ output: this.output, limits, events });
    this.streams = new StreamTable(this.inbound);
    this.#resets = new TokenBucket({
      burst: limits.resetsBurst,
      perSecond: limits.resetsPerSecond,
      nowMs,
    });
    this.#idleFrames = new TokenBucket({
      burst: limits.idleFramesBurst,
      perSecond: limits.idleFramesPerSecond,
      nowMs,
    });
  }

  /** Sends RST_STREAM and closes the stream. NO_ERROR, our courtesy after an early answer, does not count as a reset. */
  reset(stream: ServerStream, code: number): void {
    this.refuse(stream.id, code);
    this.streams.close(stream, Closing.RESET_BY_US);
  }

  /** Sends RST_STREAM for a stream that is not in the table. */
  refuse(streamId: number, code: number): void {
    writeReset(this.output, streamId, code);
    this.#controlReplies++;
    if (code !== ErrorCode.NO_ERROR) this.#resets.take(this.nowMs);
  }

  /** Resets a stream for what the peer did, and tells its owner. @throws {ConnectionError} if that was once too often. */
  fault(stream: ServerStream, code: number): void {
    this.reset(stream, code);
    this.events.reset(stream, code);
    this.checkBudgets();
  }

  /** Counts a RST_STREAM of the peer. @throws {ConnectionError} ENHANCE_YOUR_CALM */
  countPeerReset(): void {
    this.#resets.take(this.nowMs);
    this.checkBudgets();
  }

  /** Counts a reply that the peer made us queue. @throws {ConnectionError} ENHANCE_YOUR_CALM */
  countControlReply(): void {
    this.#controlReplies++;
    this.checkBudgets();
  }

  /** Counts a frame that moves no request on. @throws {ConnectionError} ENHANCE_YOUR_CALM */
  countIdleFrame(): void {
    this.#idleFrames.take(this.nowMs);
    if (this.#idleFrames.isOverdrawn) throw excessive("Too many frames without use");
  }

  /** Pardons idle frames: others moved a request on. */
  pardonIdleFrames(count: number): void {
    this.#idleFrames.add(count);
  }

  /** The output is being written. */
  forgetControlReplies(): void {
    this.#controlReplies = 0;
  }

  /** @throws {ConnectionError} ENHANCE_YOUR_CALM if resets or control replies exceed their limit. */
  checkBudgets(): void {
    if (this.#resets.isOverdrawn) throw excessive("Too many reset streams");
    if (this.#controlReplies > this.limits.controlRepliesMax) {
      throw excessive("Too many unread replies");
    }
  }
}

/** GOAWAY(ENHANCE_YOUR_CALM). */
export function excessive(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, message);
}
