/**
 * Cuts a connection's bytes into frames, in place.
 *
 * DATA payloads pass through in the pieces in which they come. Any other frame is handed over whole; only if a segment
 * ends within it, it is put together in a small buffer, whose size the sink bounds by `check`.
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import {
  clientPreface,
  FrameFlag,
  type FrameHead,
  FrameType,
  headBytes,
  readFrameHead,
} from "./frames.ts";

/** Where frames go. Each method may throw a {@linkcode ConnectionError}, and is called in the order of the wire. */
export interface FrameSink {
  /** Nothing more is wanted. */
  readonly isFinished: boolean;
  /** Judges a head before its payload is here; may be called more than once a frame, so it counts nothing. */
  check(head: FrameHead): void;
  /** A DATA frame begins, `padBytes` of its payload being padding, with its length. */
  dataHead(head: FrameHead, padBytes: number): void;
  /** The next bytes of the DATA frame, `bytes[start, end)`; `isLast` at its end. May be empty if it is the last. */
  dataPiece(bytes: Uint8Array, start: number, end: number, isLast: boolean): void;
  /** A whole frame of a known type but DATA; its payload is at `at`. */
  frame(head: FrameHead, bytes: Uint8Array, at: number): void;
  /** A frame of an unknown type, which is skipped. */
  unknown(): void;
}

const carryBytesMin = 64;
/** A larger carry buffer is given back after use. */
const carryBytesKept = 4096;

/** The reading side of one connection. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #head: FrameHead = { length: 0, type: 0, flags: 0, streamId: 0 };
  /** Bytes of the preface that came, in [0, 24]. */
  #prefaceBytes = 0;
  /** Of a DATA frame: what is to come. */
  #dataLeft = 0;
  #padLeft = 0;
  /** Of an unknown frame: what is to come. */
  #skipLeft = 0;
  /** The beginning of a frame, and how much of it is needed to go on. */
  #carry: Uint8Array = new Uint8Array(0);
  #carryBytes = 0;
  #carryNeed = 0;
  #carrySinceMs = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** When the first bytes of a frame came whose rest is missing (its payload, if it is DATA, does not count); Infinity without one. */
  get waitingSinceMs(): number {
    return this.#carryBytes > 0 ? this.#carrySinceMs : Infinity;
  }

  /** Takes the next bytes of the wire. @throws {ConnectionError} */
  receive(segment: Uint8Array, nowMs: number): void {
    let at = this.#prefaceBytes < clientPreface.length ? this.#preface(segment) : 0;
    while (at < segment.length && !this.#sink.isFinished) {
      if (this.#dataLeft + this.#padLeft > 0) at = this.#passData(segment, at);
      else if (this.#skipLeft > 0) {
        const skipped = Math.min(this.#skipLeft, segment.length - at);
        this.#skipLeft -= skipped;
        at += skipped;
      } else if (this.#carryBytes > 0) at = this.#fillCarry(segment, at);
      else {
        const consumed = this.#parse(segment, at, segment.length);
        if (consumed < 0) {
          this.#carryNeed = -consumed;
          this.#carrySinceMs = nowMs;
          at = this.#fillCarry(segment, at);
        } else at += consumed;
      }
    }
  }

  #preface(segment: Uint8Array): number {
    let at = 0;
    while (at < segment.length && this.#prefaceBytes < clientPreface.length) {
      if (segment[at++] !== clientPreface[this.#prefaceBytes++]) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "No HTTP/2 preface");
      }
    }
    return at;
  }

  /** Takes the frame at `at`, or the head of a DATA frame: returns its bytes. Minus the bytes it needs, if they are not there. */
  #parse(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < headBytes) return -headBytes;
    const head = this.#head;
    readFrameHead(bytes, at, head);
    this.#sink.check(head);
    if (head.type === FrameType.DATA) return this.#parseData(bytes, at, end);
    if (head.type > FrameType.CONTINUATION) {
      this.#sink.unknown();
      this.#skipLeft = head.length;
      return headBytes;
    }
    if (end - at < headBytes + head.length) return -(headBytes + head.length);
    this.#sink.frame(head, bytes, at + headBytes);
    return headBytes + head.length;
  }

  #parseData(bytes: Uint8Array, at: number, end: number): number {
    const head = this.#head;
    let prefixBytes = headBytes;
    let padBytes = 0;
    if ((head.flags & FrameFlag.PADDED) !== 0) {
      if (head.length === 0) {
        throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "No room for the pad length");
      }
      prefixBytes++;
      if (end - at < prefixBytes) return -prefixBytes;
      padBytes = bytes[at + headBytes]! + 1;
      if (padBytes > head.length) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "Padding longer than the frame");
      }
    }
    this.#dataLeft = head.length - padBytes;
    this.#padLeft = Math.max(padBytes - 1, 0);
    this.#sink.dataHead(head, padBytes);
    if (this.#dataLeft + this.#padLeft === 0) this.#sink.dataPiece(bytes, 0, 0, true);
    return prefixBytes;
  }

  #passData(segment: Uint8Array, start: number): number {
    const end = Math.min(segment.length, start + this.#dataLeft);
    this.#dataLeft -= end - start;
    const padBytes = Math.min(segment.length - end, this.#padLeft);
    this.#padLeft -= padBytes;
    const isLast = this.#dataLeft + this.#padLeft === 0;
    if (end > start || isLast) this.#sink.dataPiece(segment, start, end, isLast);
    return end + padBytes;
  }

  #fillCarry(segment: Uint8Array, at: number): number {
    const end = Math.min(segment.length, at + this.#carryNeed - this.#carryBytes);
    const bytes = this.#carryBytes + end - at;
    if (this.#carry.length < bytes) {
      // Twice what came, not what the peer says will come.
      const grown = new Uint8Array(Math.max(carryBytesMin, Math.min(bytes * 2, this.#carryNeed)));
      grown.set(this.#carry.subarray(0, this.#carryBytes));
      this.#carry = grown;
    }
    this.#carry.set(segment.subarray(at, end), this.#carryBytes);
    this.#carryBytes = bytes;
    if (this.#carryBytes < this.#carryNeed) return end;
    const consumed = this.#parse(this.#carry, 0, this.#carryBytes);
    if (consumed < 0) this.#carryNeed = -consumed;
    else {
      this.#carryBytes = 0;
      if (this.#carry.length > carryBytesKept) this.#carry = new Uint8Array(0);
    }
    return end;
  }
}
