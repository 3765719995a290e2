/**
 * Header blocks: one HEADERS frame, or one with CONTINUATION frames after it (RFC 9113 §4.3, §6.2, §6.10).
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import { FrameFlag, type FrameHead, readUint31 } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";

/** The block that is being put together, and the last one that was complete. */
export class HeaderAssembly {
  readonly #limits: Http2Limits;
  /** The stream whose block is incomplete; 0 without one. */
  #openStreamId = 0;
  #continuations = 0;
  #sinceMs = 0;
  /** Fragments of a block in several frames. */
  #fragments: Uint8Array = new Uint8Array(0);

  /** The complete block: `bytes[start, end)`. */
  bytes: Uint8Array = this.#fragments;
  start = 0;
  end = 0;
  streamId = 0;
  endStream = false;
  /** The stream was made to depend on itself (RFC 7540 §5.3.1): a stream error. */
  isSelfDependent = false;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
  }

  /** The stream whose block must go on with the next frame; 0 without one. */
  get openStreamId(): number {
    return this.#openStreamId;
  }

  /** When the incomplete block began; Infinity without one. */
  get waitingSinceMs(): number {
    return this.#openStreamId === 0 ? Infinity : this.#sinceMs;
  }

  /** Takes a HEADERS frame; returns whether its block is complete. @throws {ConnectionError} PROTOCOL_ERROR for bad padding. */
  begin(head: FrameHead, bytes: Uint8Array, at: number): boolean {
    let start = at;
    let end = at + head.length;
    if ((head.flags & FrameFlag.PADDED) !== 0 && start < end) end -= bytes[start++]!;
    const hasPriority = (head.flags & FrameFlag.PRIORITY) !== 0;
    const isShort = (head.flags & FrameFlag.PADDED) !== 0 && head.length === 0;
    if (isShort || end < start + (hasPriority ? 5 : 0)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "Padding longer than the frame");
    }
    this.isSelfDependent = hasPriority && readUint31(bytes, start) === head.streamId;
    this.streamId = head.streamId;
    this.endStream = (head.flags & FrameFlag.END_STREAM) !== 0;
    this.bytes = bytes;
    this.start = hasPriority ? start + 5 : start;
    this.end = end;
    return (head.flags & FrameFlag.END_HEADERS) !== 0;
  }

  /** Keeps the incomplete block of the last `begin`. */
  keep(nowMs: number): void {
    this.#openStreamId = this.streamId;
    this.#continuations = 0;
    this.#sinceMs = nowMs;
    this.#fragments = this.bytes.slice(this.start, this.end);
    this.bytes = this.#fragments;
    this.start = 0;
    this.end = this.#fragments.length;
  }

  /**
   * Takes a CONTINUATION frame; returns whether the block is complete.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM beyond the limits of frames and bytes (CVE-2024-27316).
   */
  resume(head: FrameHead, bytes: Uint8Array, at: number): boolean {
    const length = this.end + head.length;
    if (
      ++this.#continuations > this.#limits.continuationFramesMax ||
      length > this.#limits.headerBlockBytesMax
    ) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "Header block too long");
    if (this.#fragments.length < length) {
      const grown = new Uint8Array(length * 2);
      grown.set(this.#fragments.subarray(0, this.end));
      this.#fragments = grown;
      this.bytes = grown;
    }
    this.#fragments.set(bytes.subarray(at, at + head.length), this.end);
    this.end = length;
    if ((head.flags & FrameFlag.END_HEADERS) === 0) return false;
    this.#openStreamId = 0;
    return true;
  }

  /** Lets go of the bytes. */
  release(): void {
    if (this.#fragments.length > 0) this.#fragments = new Uint8Array(0);
    this.bytes = this.#fragments;
  }
}
