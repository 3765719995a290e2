/**
 * The hot path: one object a unary gRPC call, from its headers to its status.
 *
 *     receiving ──message and END_STREAM──▶ called ──reply──▶ done
 *         └──────refusal, reset, deadline──────┴──────────────▶
 *
 * The message is handed over without a copy when it arrives in one piece. Refusals come as soon as
 * the prefix or the first bytes allow, and the rest of the request is not read (RFC 9113 §8.1).
 *
 * @module
 */
import { assert } from "../base/mod.ts";
import { ErrorCode, type HeaderList } from "../http2/mod.ts";
import type { DeadlineEntry } from "./deadline_wheel.ts";
import {
  admitHeadBytes,
  type CallMetadata,
  type DirectMethod,
  type DirectReply,
} from "./direct_method.ts";
import { parseGrpcTimeoutMs, prefixBytes, readPrefixLength } from "./grpc_framing.ts";
import { encodeTrailersOnly, GrpcStatus } from "./grpc_status.ts";
import { decompressGzip, decompressGzipHead, GzipError, gzipHeadBytes } from "./gzip.ts";
import { nextCapacityBytes } from "./message_buffers.ts";
import type { RequestHead } from "./request_head.ts";
import type { Flusher, ServerState, ServerStream, StreamOwner } from "./stream_owner.ts";
import { sendUnaryResponse } from "./unary_response.ts";

const emptyMessage = new Uint8Array(0);

const receiving = 0;
const called = 1;
const done = 2;

/** One call; it is its own metadata, reply and entry in the deadline wheel, to be one allocation. */
export class DirectCall implements StreamOwner, CallMetadata, DirectReply, DeadlineEntry {
  readonly path: string;
  readonly token: string | null;
  readonly headers: HeaderList;
  deadlineNext: DeadlineEntry | null = null;
  deadlinePrevious: DeadlineEntry | null = null;
  deadlineTick = 0;

  readonly #stream: ServerStream;
  readonly #method: DirectMethod;
  readonly #state: ServerState;
  readonly #flusher: Flusher;
  readonly #encoding: string | null;
  #phase: typeof receiving | typeof called | typeof done = receiving;
  #isCancelled = false;
  #requestEnded = false;
  /** Prefix bytes here, in [0, 5]; complete prefixes are in `#flag` and `#announcedBytes`. */
  #prefixCount = 0;
  #flag = 0;
  #announcedBytes = 0;
  /** null until a message turns out not to arrive in one piece. */
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #arrivedBytes = 0;
  /** −1 until `admit` was asked. */
  #messageBytesMax = -1;

  /** Takes over `stream`, whose headers `head` holds at this moment. */
  constructor(
    stream: ServerStream,
    options: {
      readonly method: DirectMethod;
      readonly head: RequestHead;
      readonly state: ServerState;
      readonly flusher: Flusher;
    },
  ) {
    const head = options.head;
    this.path = head.path;
    this.token = head.token;
    this.headers = head.headers;
    this.#encoding = head.encoding;
    this.#stream = stream;
    this.#method = options.method;
    this.#state = options.state;
    this.#flusher = options.flusher;
    stream.owner = this;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Checks the headers and starts the deadline; called once, before any data. */
  begin(head: RequestHead, endStream: boolean): void {
    this.#requestEnded = endStream;
    if (head.te !== null && head.te !== "trailers") {
      return this.#refuse(GrpcStatus.internal, "Cannot serve the call: te is not trailers");
    }
    const encoding = head.encoding;
    if (encoding !== null && encoding !== "identity" && encoding !== "gzip") {
      return this.#refuse(
        GrpcStatus.unimplemented,
        `Cannot decompress the message: grpc-encoding is "${encoding}", not identity or gzip`,
      );
    }
    if (head.timeout !== null) {
      const timeoutMs = parseGrpcTimeoutMs(head.timeout);
      if (timeoutMs === null) {
        return this.#refuse(
          GrpcStatus.invalidArgument,
          `Cannot read grpc-timeout: "${head.timeout}" is not 1 to 8 digits and a unit`,
        );
      }
      this.#state.deadlines.add(this, timeoutMs);
    }
    if (endStream) this.#finishRequest();
  }

  data(data: Uint8Array, endStream: boolean): void {
    if (endStream) this.#requestEnded = true;
    // The last piece of a stream needs no credit: http2 gives it when the stream closes.
    else this.#stream.credit(data.length);
    if (this.#phase !== receiving) return;
    if (
      endStream && this.#prefixCount === 0 && data.length >= prefixBytes && data[0] === 0 &&
      readPrefixLength(data) === data.length - prefixBytes
    ) {
      return this.#serveWhole(data.subarray(prefixBytes));
    }
    this.#receive(data);
    if (endStream && this.#phase === receiving) this.#finishRequest();
  }

  trailers(): void {
    this.#requestEnded = true;
    if (this.#phase === receiving) this.#finishRequest();
  }

  reset(): void {
    this.#requestEnded = true;
    this.#cancel();
  }

  writable(): void {
    // A response is queued as a whole: http2 frames it as the peer's windows allow.
  }

  deadlinePassed(): void {
    if (this.#phase === done) return;
    this.#refuse(GrpcStatus.deadlineExceeded, "Deadline exceeded");
    this.#cancel();
  }

  ok(message: readonly Uint8Array[]): void {
    if (!this.#beginAnswer()) return;
    sendUnaryResponse(this.#stream, message);
    this.#flusher.scheduleFlush();
  }

  fail(code: number, message: string): void {
    assert(code >= 1 && code <= 16, `Cannot fail a call with gRPC status ${code}`);
    if (this.#beginAnswer()) this.#refuse(code, message);
  }

  #beginAnswer(): boolean {
    if (this.#isCancelled) return false;
    assert(this.#phase === called, "Cannot answer a call: it is not waiting for an answer");
    this.#phase = done;
    this.#state.deadlines.remove(this);
    return true;
  }

  /** Ends the call with a status; whatever else the peer sends is not read. */
  #refuse(code: number, message: string): void {
    this.#phase = done;
    this.#state.deadlines.remove(this);
    this.#releaseBuffer();
    this.#stream.respondBlock(encodeTrailersOnly(code, message), true);
    if (!this.#requestEnded) this.#stream.reset(ErrorCode.NO_ERROR);
    this.#flusher.scheduleFlush();
  }

  #cancel(): void {
    this.#isCancelled = true;
    this.#phase = done;
    this.#state.deadlines.remove(this);
    this.#releaseBuffer();
  }

  /** Takes a piece of the body: the rest of the prefix, then the message. */
  #receive(piece: Uint8Array): void {
    let offset = 0;
    while (this.#prefixCount < prefixBytes) {
      if (offset === piece.length) return;
      const byte = piece[offset++]!;
      if (this.#prefixCount++ === 0) this.#flag = byte;
      else this.#announcedBytes = this.#announcedBytes * 256 + byte;
      if (this.#prefixCount === prefixBytes && !this.#acceptPrefix()) return;
    }
    this.#receiveMessage(offset === 0 ? piece : piece.subarray(offset));
  }

  #acceptPrefix(): boolean {
    const flag = this.#flag;
    if (flag > 1) {
      this.#refuse(GrpcStatus.internal, `Cannot read the message: its flag is ${flag}, not 0 or 1`);
    } else if (flag === 1 && this.#encoding !== "gzip") {
      this.#refuse(
        GrpcStatus.internal,
        "Cannot decompress the message: it is compressed, but grpc-encoding does not say how",
      );
    } else if (this.#announcedBytes > this.#state.messageBytesMax) {
      this.#refuseLength(this.#state.messageBytesMax);
    }
    return this.#phase === receiving;
  }

  #receiveMessage(piece: Uint8Array): void {
    const announcedBytes = this.#announcedBytes;
    const arrivedBytes = this.#arrivedBytes + piece.length;
    if (arrivedBytes > announcedBytes) {
      return this.#refuse(
        GrpcStatus.unimplemented,
        "Cannot serve the call: more than one message for a unary method",
      );
    }
    // Asked before the first piece is copied, if that piece suffices.
    if (this.#buffer === null && !this.#admitOnce(piece)) return;
    if (piece.length === 0) return;
    if (!this.#append(piece, arrivedBytes)) return;
    this.#admitOnce(this.#buffer!.subarray(0, arrivedBytes));
  }

  #append(piece: Uint8Array, arrivedBytes: number): boolean {
    if (this.#buffer === null || this.#buffer.length < arrivedBytes) {
      const capacity = nextCapacityBytes(this.#announcedBytes, arrivedBytes);
      const larger = this.#state.buffers.acquire(capacity);
      if (larger === null) {
        this.#refuse(
          GrpcStatus.resourceExhausted,
          "Cannot buffer the message: too many bytes of other messages are under way",
        );
        return false;
      }
      if (this.#buffer !== null) larger.set(this.#buffer.subarray(0, this.#arrivedBytes));
      this.#releaseBuffer();
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#arrivedBytes);
    this.#arrivedBytes = arrivedBytes;
    return true;
  }

  /** Asks the method once `message` is enough of a beginning; false if the call ended by it. */
  #admitOnce(message: Uint8Array): boolean {
    if (this.#messageBytesMax >= 0) return true;
    const needBytes = this.#flag === 1 ? gzipHeadBytes : admitHeadBytes;
    if (message.length < Math.min(needBytes, this.#announcedBytes)) return true;
    let head = message;
    if (this.#flag === 1) {
      const decompressed = this.#decompress(() => decompressGzipHead(message));
      if (decompressed === null) return false;
      head = decompressed;
    }
    const answer = this.#method.admit(head, this);
    if ("code" in answer) {
      this.#refuse(answer.code, answer.message);
      return false;
    }
    this.#messageBytesMax = Math.min(answer.maxBytes, this.#state.messageBytesMax);
    // What does not compress grows a little by compression.
    const slackBytes = this.#flag === 1 ? gzipHeadBytes + (this.#messageBytesMax >>> 10) : 0;
    if (this.#announcedBytes > this.#messageBytesMax + slackBytes) {
      this.#refuseLength(this.#messageBytesMax);
      return false;
    }
    return true;
  }

  /** END_STREAM: the message is complete or never will be. */
  #finishRequest(): void {
    if (this.#prefixCount === 0) {
      return this.#refuse(
        GrpcStatus.unimplemented,
        "Cannot serve the call: no message for a unary method",
      );
    }
    if (this.#prefixCount < prefixBytes) {
      return this.#refuse(GrpcStatus.internal, "Cannot read the message: its prefix is cut");
    }
    if (this.#arrivedBytes < this.#announcedBytes) {
      return this.#refuse(
        GrpcStatus.internal,
        `Cannot read the message: ${this.#announcedBytes} bytes announced, ${this.#arrivedBytes} sent`,
      );
    }
    let message: Uint8Array = this.#buffer?.subarray(0, this.#arrivedBytes) ?? emptyMessage;
    if (this.#flag === 1) {
      const compressed = message;
      const decompressed = this.#decompress(() =>
        decompressGzip(compressed, this.#messageBytesMax)
      );
      if (decompressed === null) return;
      message = decompressed;
    }
    this.#phase = called;
    this.#method.call(message, this, this);
    this.#releaseBuffer();
  }

  /** The hot path of the hot path: the body came in one piece. */
  #serveWhole(message: Uint8Array): void {
    if (message.length > this.#state.messageBytesMax) {
      this.#announcedBytes = message.length;
      return this.#refuseLength(this.#state.messageBytesMax);
    }
    const answer = this.#method.admit(message, this);
    if ("code" in answer) return this.#refuse(answer.code, answer.message);
    if (message.length > answer.maxBytes) {
      this.#announcedBytes = message.length;
      return this.#refuseLength(answer.maxBytes);
    }
    this.#phase = called;
    this.#method.call(message, this, this);
  }

  #refuseLength(bytesMax: number): void {
    // As grpc-core words it.
    this.#refuse(
      GrpcStatus.resourceExhausted,
      `Received message larger than max (${this.#announcedBytes} vs. ${bytesMax})`,
    );
  }

  #decompress(decompress: () => Uint8Array): Uint8Array | null {
    try {
      return decompress();
    } catch (error) {
      if (!(error instanceof GzipError)) throw error;
      const isTooLarge = error.reason === "too_large";
      this.#refuse(
        isTooLarge ? GrpcStatus.resourceExhausted : GrpcStatus.internal,
        error.message,
      );
      return null;
    }
  }

  #releaseBuffer(): void {
    if (this.#buffer === null) return;
    this.#state.buffers.release(this.#buffer);
    this.#buffer = null;
  }
}
