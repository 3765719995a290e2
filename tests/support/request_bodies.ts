/**
 * The send side of HTTP/2 flow control (RFC 9113 §5.2, §6.9): request bodies in the windows that the server grants.
 *
 * @module
 */

import type { FrameOutput } from "./frame_output.ts";

/** A body that waits for a window. */
interface WaitingBody {
  readonly streamId: number;
  readonly body: Uint8Array;
  offset: number;
  /** May be negative after a smaller SETTINGS_INITIAL_WINDOW_SIZE, RFC 9113 §6.9.2. */
  windowBytes: number;
}

/** A server may announce frames of up to 16 MiB; no longer ones than this are sent. */
const frameBytesLimit = 1 << 20;

/** Writes bodies as DATA frames, at once or when windows open. */
export class RequestBodies {
  readonly #output: FrameOutput;
  #connectionWindowBytes = 65_535;
  #streamWindowBytes = 65_535;
  #frameBytesMax = 16_384;
  #waiting: WaitingBody[] = [];

  constructor(output: FrameOutput) {
    this.#output = output;
  }

  /** Sends `body`; it is copied before the call returns. */
  send(streamId: number, body: Uint8Array): void {
    const bytes = body.length;
    if (
      bytes <= this.#frameBytesMax && bytes <= this.#connectionWindowBytes &&
      bytes <= this.#streamWindowBytes && this.#waiting.length === 0
    ) {
      this.#connectionWindowBytes -= bytes;
      this.#output.data(streamId, body, true);
      return;
    }
    const windowBytes = this.#streamWindowBytes;
    this.#waiting.push({ streamId, body: body.slice(), offset: 0, windowBytes });
    this.#sendWaiting();
  }

  /** WINDOW_UPDATE; stream 0 is the connection. */
  credit(streamId: number, bytes: number): void {
    if (streamId === 0) this.#connectionWindowBytes += bytes;
    for (const entry of this.#waiting) {
      if (entry.streamId === streamId) entry.windowBytes += bytes;
    }
    this.#sendWaiting();
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  setStreamWindow(bytes: number): void {
    for (const entry of this.#waiting) entry.windowBytes += bytes - this.#streamWindowBytes;
    this.#streamWindowBytes = bytes;
    this.#sendWaiting();
  }

  /** SETTINGS_MAX_FRAME_SIZE. */
  setFrameBytesMax(bytes: number): void {
    this.#frameBytesMax = Math.min(bytes, frameBytesLimit);
  }

  /** Forgets the streams that `isOver` names. */
  drop(isOver: (streamId: number) => boolean): void {
    this.#waiting = this.#waiting.filter((entry) => !isOver(entry.streamId));
  }

  #sendWaiting(): void {
    if (this.#waiting.length === 0) return;
    for (const entry of this.#waiting) this.#sendPart(entry);
    this.#waiting = this.#waiting.filter((entry) => entry.offset < entry.body.length);
  }

  #sendPart(entry: WaitingBody): void {
    while (entry.offset < entry.body.length) {
      const bytes = Math.min(
        entry.body.length - entry.offset,
        entry.windowBytes,
        this.#connectionWindowBytes,
        this.#frameBytesMax,
      );
      if (bytes <= 0) return;
      const end = entry.offset + bytes;
      const part = entry.body.subarray(entry.offset, end);
      this.#output.data(entry.streamId, part, end === entry.body.length);
      entry.offset = end;
      entry.windowBytes -= bytes;
      this.#connectionWindowBytes -= bytes;
    }
  }
}
