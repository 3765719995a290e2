/**
 * The server's end of one HTTP/2 connection (RFC 9113) as a state machine: bytes in, events and bytes out.
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";
import { writeGoaway, writePing, writeSettings } from "./control_frames.ts";
import { ConnectionError, ErrorCode } from "./error_code.ts";
import type { ConnectionEvents } from "./events.ts";
import { FrameReader } from "./frame_reader.ts";
import { max31 } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";
import { settingsOf } from "./peer_settings.ts";
import { drainPing, Receiver } from "./receiver.ts";
import { excessive, Session } from "./session.ts";

/** Idle frames that a DATA frame which we sent pardons: the peer answers with WINDOW_UPDATE and PING. */
const pardonsPerDataFrame = 10;
/** After so long without a segment a connection without streams gives its buffers back. */
const quietMs = 1_000;

/** How far a drain is: GOAWAY(2^31-1) and PING are sent; GOAWAY(last id) is sent. */
type DrainPhase = "none" | "announced" | "final";

/**
 * One connection. Its owner pumps: segments from the socket into `receive`, pieces from `takeOutput` to the socket, in
 * their order, and the time into `tick`, about every 500 ms.
 */
export class Connection {
  readonly #clock: Clock;
  readonly #limits: Http2Limits;
  readonly #session: Session;
  readonly #receiver: Receiver;
  readonly #reader: FrameReader;
  readonly #startMs: number;
  /** The time of the last segment. */
  #receivedMs: number;
  /** When a stream was last seen open, or opened. */
  #busyMs: number;
  #lastSeenStreamId = 0;
  #drainPhase: DrainPhase = "none";
  #drainMs = 0;
  /** Nothing more will be received or answered. */
  #isEnded = false;
  #isStalled = false;
  /** Since when the same output waits to be written. */
  #unwrittenMs = 0;
  #takes = 0;
  #lastSeenTakes = 0;

  /** The output starts with our SETTINGS. */
  constructor(events: ConnectionEvents, options: { limits: Http2Limits; clock: Clock }) {
    const nowMs = options.clock.monotonicMs();
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#startMs = nowMs;
    this.#receivedMs = nowMs;
    this.#busyMs = nowMs;
    this.#unwrittenMs = nowMs;
    this.#session = new Session(this, { events, limits: options.limits, nowMs });
    this.#receiver = new Receiver(this.#session);
    this.#reader = new FrameReader(this.#receiver);
    writeSettings(this.#session.output, settingsOf(options.limits));
    this.#session.inbound.open();
  }

  /** Takes the next bytes from the socket, which must not change during the call. Never throws for what they hold. */
  receive(segment: Uint8Array): void {
    if (this.isFinished) return;
    const session = this.#session;
    session.nowMs = this.#clock.monotonicMs();
    this.#receivedMs = session.nowMs;
    this.#guard(() => {
      session.pardonIdleFrames(pardonsPerDataFrame * session.outbound.takeDataFrameCount());
      this.#reader.receive(segment, session.nowMs);
      session.checkBudgets();
    });
    if (session.streams.lastId !== this.#lastSeenStreamId) {
      this.#lastSeenStreamId = session.streams.lastId;
      this.#busyMs = session.nowMs;
    }
    if (this.#receiver.isDrainAcknowledged) this.#finishDrain();
  }

  /**
   * The bytes to write now, in few large pieces; none if there is nothing. Queued bodies are framed here, about
   * `outputFillBytes` a call. The pieces are valid until the next call, which also says that they are written.
   */
  takeOutput(): Uint8Array[] {
    if (!this.#isEnded) this.#session.outbound.fill(this.#session.nowMs);
    this.#session.forgetControlReplies();
    this.#takes++;
    return this.#session.output.take();
  }

  /** Whether `takeOutput` has something. */
  get hasOutput(): boolean {
    return this.outputBytes > 0 || (!this.#isEnded && this.#session.outbound.canFill);
  }

  /** Framed bytes that wait to be taken. */
  get outputBytes(): number {
    return this.#session.output.length;
  }

  /** Too much waits to be taken: nothing should be received until it is (CVE-2019-9512). */
  get readsPaused(): boolean {
    return this.outputBytes > this.#limits.outputBytesMax;
  }

  /** Nothing more will happen: the socket is to be closed after the output is written. */
  get isFinished(): boolean {
    if (this.#isEnded) return true;
    const isLeaving = this.#drainPhase === "final" || this.#receiver.hasPeerLeft;
    return isLeaving && this.openStreams === 0;
  }

  /** The peer does not take its output: the socket is to be closed now. Implies `isFinished`. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  get openStreams(): number {
    return this.#session.streams.openCount;
  }

  /**
   * Ends gracefully (RFC 9113 §6.8): tells the peer, takes what it sent before it heard, refuses what it sends later,
   * finishes what is open. `isFinished` says when that is done; there is no deadline.
   */
  drain(): void {
    if (this.#drainPhase !== "none" || this.#isEnded) return;
    const { output } = this.#session;
    this.#drainPhase = "announced";
    this.#drainMs = this.#clock.monotonicMs();
    writeGoaway(output, { lastStreamId: max31, code: ErrorCode.NO_ERROR, message: "" });
    writePing(output, { opaque: drainPing, offset: 0, isAck: false });
    if (!this.#receiver.hasSettings) this.#finishDrain();
  }

  /** Ends what took too long; if all open streams did, the connection too: the peer is hardly alive. `nowMs` is the clock's `monotonicMs`. */
  tick(nowMs: number): void {
    this.#session.nowMs = nowMs;
    this.#tickWriting(nowMs);
    if (this.isFinished) return;
    const wereOpen = this.openStreams;
    this.#guard(() => {
      this.#tickReading(nowMs);
      this.#tickStreams(nowMs);
      this.#session.checkBudgets();
    });
    if (this.#isEnded) return;
    if (this.#drainPhase === "announced" && nowMs - this.#drainMs > this.#limits.drainMsMax) {
      this.#finishDrain();
    }
    if (wereOpen > 0 && this.openStreams === 0) this.#leave("Stalled");
    else this.#tickIdle(nowMs);
  }

  /** The peer is gone: open streams are reset, and output is dropped. */
  socketClosed(): void {
    this.#end(ErrorCode.CANCEL);
    this.#session.output.clear();
  }

  /** Runs `action`; a fault of the peer ends the connection with GOAWAY (RFC 9113 §5.4.1). */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#sendGoaway(error.code, error.message);
      this.#end(error.code);
    }
  }

  #sendGoaway(code: number, message: string): void {
    const { output, streams } = this.#session;
    writeGoaway(output, { lastStreamId: streams.lastId, code, message });
  }

  #end(code: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { streams, events } = this.#session;
    for (const stream of streams.open()) {
      stream.isClosed = true;
      stream.queue = null;
    }
    for (const stream of streams.open()) events.reset(stream, code);
    streams.clear();
  }

  /** Ends a connection without open streams; what the peer sends meanwhile is not processed, as GOAWAY says. */
  #leave(reason: string): void {
    this.#sendGoaway(ErrorCode.NO_ERROR, reason);
    this.#end(ErrorCode.NO_ERROR);
  }

  #finishDrain(): void {
    if (this.#drainPhase !== "announced") return;
    this.#drainPhase = "final";
    this.#receiver.isDraining = true;
    this.#sendGoaway(ErrorCode.NO_ERROR, "");
  }

  #tickWriting(nowMs: number): void {
    const { output } = this.#session;
    if (!output.isBusy || this.#takes !== this.#lastSeenTakes) {
      this.#lastSeenTakes = this.#takes;
      this.#unwrittenMs = nowMs;
    } else if (nowMs - this.#unwrittenMs > this.#limits.writeStallMsMax) {
      this.#isStalled = true;
      this.socketClosed();
    }
  }

  #tickReading(nowMs: number): void {
    if (!this.#receiver.hasSettings) {
      if (nowMs - this.#startMs <= this.#limits.prefaceMsMax) return;
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "No preface and SETTINGS in time");
    }
    const sinceMs = Math.min(this.#reader.waitingSinceMs, this.#receiver.waitingSinceMs);
    if (nowMs - sinceMs > this.#limits.headerBlockMsMax) {
      throw excessive("Frame not complete in time");
    }
  }

  #tickStreams(nowMs: number): void {
    const { inbound, outbound, streams } = this.#session;
    for (const stream of streams.open()) {
      const isOurTurn = stream.receiveWindow <= 0 || inbound.isExhausted;
      if (stream.isRemoteClosed || isOurTurn) stream.receivedMs = nowMs;
      const isWaiting = stream.queue !== null && (stream.sendWindow <= 0 || outbound.isBlocked);
      if (!isWaiting) stream.sentMs = nowMs;
      if (
        nowMs - stream.receivedMs > this.#limits.bodyStallMsMax ||
        nowMs - stream.sentMs > this.#limits.responseStallMsMax
      ) this.#session.fault(stream, ErrorCode.CANCEL);
    }
  }

  #tickIdle(nowMs: number): void {
    if (this.openStreams > 0) {
      this.#busyMs = nowMs;
      return;
    }
    if (nowMs - this.#receivedMs > quietMs) this.#session.output.shrink();
    if (nowMs - this.#busyMs > this.#limits.idleMsMax) this.#leave("Idle");
  }
}
