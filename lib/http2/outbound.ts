/**
 * Frames responses, under the peer's flow control and frame size (RFC 9113 §5.2, §6.1, §6.2, §6.9).
 *
 * Heads and trailers are framed at once. Bodies wait as views and are framed when output is taken, a frame a stream in
 * turn, so that a response of 500 MB neither is copied nor holds up others.
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import type { ConnectionEvents } from "./events.ts";
import {
  defaultFrameBytes,
  FrameFlag,
  FrameType,
  headBytes,
  initialWindowBytes,
  max31,
  writeFrameHead,
} from "./frames.ts";
import { defaultTableBytes } from "./hpack_table.ts";
import type { Http2Limits } from "./limits.ts";
import type { OutputBuffer } from "./output_buffer.ts";
import type { SendQueue, ServerStream } from "./server_stream.ts";
import type { StreamTable } from "./stream_table.ts";

const headersKind = (FrameType.HEADERS << 8) | FrameFlag.END_HEADERS;
const dataKind = FrameType.DATA << 8;
/** Dynamic table size update to 0 (RFC 7541 §6.3). */
const emptyTableUpdate = 0x20;

/** The sending side of one connection. */
export class Outbound {
  readonly #output: OutputBuffer;
  readonly #limits: Http2Limits;
  readonly #events: ConnectionEvents;
  /** What the connection may send, in [0, 2^31-1]. */
  #connectionWindow = initialWindowBytes;
  #initialWindow = initialWindowBytes;
  #peerFrameBytesMax = defaultFrameBytes;
  /**
   * The peer made its table smaller, and so the next block must say that ours is (RFC 7541 §4.2). We use none, so that
   * saying 0 once is enough.
   */
  #isTableUpdateDue = false;
  #isTableEmpty = false;
  /** Streams with a queued body and a window: a list through `nextReady`. Closed ones may still be in it. */
  #firstReady: ServerStream | null = null;
  #lastReady: ServerStream | null = null;
  /** DATA frames since the last `takeDataFrameCount`. */
  #dataFrames = 0;

  constructor(options: { output: OutputBuffer; limits: Http2Limits; events: ConnectionEvents }) {
    this.#output = options.output;
    this.#limits = options.limits;
    this.#events = options.events;
  }

  /** Send window of a new stream. */
  get initialWindow(): number {
    return this.#initialWindow;
  }

  /** Whether `fill` would frame something. */
  get canFill(): boolean {
    return this.#firstReady !== null && this.#connectionWindow > 0;
  }

  /** Whether the peer lets no body pass, of any stream. */
  get isBlocked(): boolean {
    return this.#connectionWindow <= 0;
  }

  /** DATA frames that were sent since the last call. */
  takeDataFrameCount(): number {
    const count = this.#dataFrames;
    this.#dataFrames = 0;
    return count;
  }

  /** HEADERS for a response or, with a body queued before it, trailers to be sent after that. */
  headers(stream: ServerStream, block: Uint8Array, endStream: boolean): void {
    if (stream.queue !== null) {
      stream.queue.trailerBlock = block;
      stream.queue.isEnded = true; // Nothing can follow trailers.
      return;
    }
    this.writeHeaders(stream.id, block, endStream);
    if (endStream) stream.endLocal();
  }

  /** Writes HEADERS and, for a block larger than the peer's frames, CONTINUATION. */
  writeHeaders(streamId: number, block: Uint8Array, endStream: boolean): void {
    const fullBlock = this.#withTableUpdate(block);
    const endFlag = endStream ? FrameFlag.END_STREAM : 0;
    let start = 0;
    do {
      const end = Math.min(fullBlock.length, start + this.#peerFrameBytesMax);
      const type = start === 0 ? (FrameType.HEADERS << 8) | endFlag : FrameType.CONTINUATION << 8;
      const kind = type | (end === fullBlock.length ? FrameFlag.END_HEADERS : 0);
      this.#writeFrame(
        kind,
        streamId,
        start === 0 && end === fullBlock.length ? fullBlock : fullBlock.subarray(start, end),
      );
      start = end;
    } while (start < fullBlock.length);
  }

  /** Queues a piece of a body. */
  data(stream: ServerStream, data: Uint8Array, endStream: boolean): void {
    if (stream.queue === null) {
      if (data.length === 0) {
        if (endStream) {
          this.#writeFrame(dataKind | FrameFlag.END_STREAM, stream.id, data);
          stream.endLocal();
        }
        return;
      }
      stream.queue = emptyQueue();
    }
    const { queue } = stream;
    if (data.length > 0) queue.pieces.push(data);
    queue.bytes += data.length;
    queue.isEnded = endStream;
    if (queue.bytes >= this.#limits.streamQueueLowBytes) queue.isAboveLow = true;
    this.#markReady(stream);
  }

  /** Frames a whole response into one buffer, if the windows and the peer's frame size allow; else does nothing and returns false. */
  unaryReply(
    stream: ServerStream,
    head: Uint8Array,
    body: Uint8Array,
    trailerBlock: Uint8Array,
  ): boolean {
    const length = body.length;
    if (
      stream.queue !== null || this.#isTableUpdateDue || length === 0 ||
      length >= this.#limits.viewBytesMin || length > stream.sendWindow ||
      length > this.#connectionWindow ||
      Math.max(length, head.length, trailerBlock.length) > this.#peerFrameBytesMax ||
      this.#output.length > this.#limits.outputBytesMax
    ) return false;
    let at = this.#output.extend(3 * headBytes + head.length + length + trailerBlock.length);
    const { bytes } = this.#output;
    const { id } = stream;
    at = writeFrameHead(bytes, at, head.length, headersKind, id);
    bytes.set(head, at);
    at = writeFrameHead(bytes, at + head.length, length, dataKind, id);
    bytes.set(body, at);
    at += length;
    at = writeFrameHead(bytes, at, trailerBlock.length, headersKind | FrameFlag.END_STREAM, id);
    bytes.set(trailerBlock, at);
    stream.sendWindow -= length;
    this.#connectionWindow -= length;
    this.#dataFrames++;
    stream.endLocal();
    return true;
  }

  /** Frames queued bodies until `outputFillBytes` are ready, or windows are used up, or nothing is left. */
  fill(nowMs: number): void {
    while (this.canFill && this.#output.length < this.#limits.outputFillBytes) {
      const stream = this.#shiftReady();
      if (stream.queue === null || stream.sendWindow <= 0) continue;
      stream.sentMs = nowMs;
      this.#sendFrame(stream, stream.queue);
    }
  }

  /** WINDOW_UPDATE for the connection. @throws {ConnectionError} FLOW_CONTROL_ERROR */
  widenConnection(bytes: number): void {
    this.#connectionWindow += bytes;
    if (this.#connectionWindow > max31) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "Connection window above 2^31-1");
    }
  }

  /** WINDOW_UPDATE for `stream`; false if its window would exceed 2^31-1. */
  widen(stream: ServerStream, bytes: number): boolean {
    if (stream.sendWindow + bytes > max31) return false;
    stream.sendWindow += bytes;
    if (stream.queue !== null) this.#markReady(stream);
    return true;
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.9.2). @throws {ConnectionError} FLOW_CONTROL_ERROR */
  setInitialWindow(bytes: number, streams: StreamTable): void {
    const change = bytes - this.#initialWindow;
    this.#initialWindow = bytes;
    for (const stream of streams.open()) {
      if (!this.widen(stream, change)) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "Stream window above 2^31-1");
      }
    }
  }

  /** SETTINGS_MAX_FRAME_SIZE. */
  setPeerFrameBytesMax(bytes: number): void {
    this.#peerFrameBytesMax = bytes;
  }

  /** SETTINGS_HEADER_TABLE_SIZE. */
  setPeerTableBytes(bytes: number): void {
    if (bytes < defaultTableBytes && !this.#isTableEmpty) this.#isTableUpdateDue = true;
  }

  #sendFrame(stream: ServerStream, queue: SendQueue): void {
    const length = Math.min(
      queue.bytes,
      stream.sendWindow,
      this.#connectionWindow,
      this.#peerFrameBytesMax,
      this.#limits.sendFrameBytesMax,
    );
    const isBodyDone = length === queue.bytes;
    const isEnd = isBodyDone && queue.isEnded && queue.trailerBlock === null;
    const at = this.#output.extend(headBytes);
    const kind = dataKind | (isEnd ? FrameFlag.END_STREAM : 0);
    writeFrameHead(this.#output.bytes, at, length, kind, stream.id);
    this.#movePayload(queue, length);
    stream.sendWindow -= length;
    this.#connectionWindow -= length;
    this.#dataFrames++;
    if (!isBodyDone) this.#markReady(stream);
    else if (queue.isEnded) {
      if (queue.trailerBlock !== null) this.writeHeaders(stream.id, queue.trailerBlock, true);
      stream.endLocal();
      return;
    } else stream.queue = null;
    if (queue.isAboveLow && queue.bytes < this.#limits.streamQueueLowBytes) {
      queue.isAboveLow = false;
      this.#events.writable(stream);
    }
  }

  /** Moves `length` bytes from the queue to the output: large pieces as views, small ones copied. */
  #movePayload(queue: SendQueue, length: number): void {
    queue.bytes -= length;
    while (length > 0) {
      const piece = queue.pieces[queue.first]!;
      const end = Math.min(piece.length, queue.offset + length);
      const bytes = end - queue.offset;
      if (bytes < this.#limits.viewBytesMin) this.#output.copy(piece, queue.offset, end);
      else this.#output.pushView(piece.subarray(queue.offset, end));
      length -= bytes;
      queue.offset = end;
      if (end === piece.length) {
        queue.first++;
        queue.offset = 0;
      }
    }
    // Let go of what is done, but not one by one.
    if (queue.first * 2 > queue.pieces.length) {
      queue.pieces.splice(0, queue.first);
      queue.first = 0;
    }
  }

  #writeFrame(kind: number, streamId: number, payload: Uint8Array): void {
    const at = this.#output.extend(headBytes + payload.length);
    const payloadAt = writeFrameHead(this.#output.bytes, at, payload.length, kind, streamId);
    this.#output.bytes.set(payload, payloadAt);
  }

  #withTableUpdate(block: Uint8Array): Uint8Array {
    if (!this.#isTableUpdateDue) return block;
    this.#isTableUpdateDue = false;
    this.#isTableEmpty = true;
    const prefixed = new Uint8Array(block.length + 1);
    prefixed[0] = emptyTableUpdate;
    prefixed.set(block, 1);
    return prefixed;
  }

  #markReady(stream: ServerStream): void {
    if (stream.isReady || stream.sendWindow <= 0) return;
    stream.isReady = true;
    if (this.#lastReady === null) this.#firstReady = stream;
    else this.#lastReady.nextReady = stream;
    this.#lastReady = stream;
  }

  #shiftReady(): ServerStream {
    const stream = this.#firstReady!;
    this.#firstReady = stream.nextReady;
    if (this.#firstReady === null) this.#lastReady = null;
    stream.nextReady = null;
    stream.isReady = false;
    return stream;
  }
}

function emptyQueue(): SendQueue {
  return {
    pieces: [],
    first: 0,
    offset: 0,
    bytes: 0,
    trailerBlock: null,
    isEnded: false,
    isAboveLow: false,
    resetsAfter: false,
  };
}
