/**
 * Flow control of what the peer sends (RFC 9113 §5.2, §6.9).
 *
 * @module
 */

import { writeWindowUpdate } from "./control_frames.ts";
import { ConnectionError, ErrorCode } from "./error_code.ts";
import { initialWindowBytes } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";
import type { OutputBuffer } from "./output_buffer.ts";
import type { ServerStream } from "./server_stream.ts";

/** The receive windows of a connection. WINDOW_UPDATE is sent when half a window was credited. */
export class Inbound {
  readonly #output: OutputBuffer;
  readonly #connectionBytesMax: number;
  readonly #streamBytesMax: number;
  /** What the peer may send on the connection, in [0, `#connectionBytesMax`]. */
  #availableBytes: number;
  /** Credited, but not yet announced. */
  #unannouncedBytes = 0;

  constructor(limits: Http2Limits, output: OutputBuffer) {
    this.#output = output;
    this.#connectionBytesMax = limits.connectionWindowBytes;
    this.#streamBytesMax = limits.streamWindowBytes;
    this.#availableBytes = limits.connectionWindowBytes;
  }

  /** Whether the peer may send no body, of any stream, until the owner credits. */
  get isExhausted(): boolean {
    return this.#availableBytes <= 0;
  }

  /** Opens the connection's window from its initial size. */
  open(): void {
    const bytes = this.#connectionBytesMax - initialWindowBytes;
    if (bytes > 0) writeWindowUpdate(this.#output, 0, bytes);
  }

  /** Takes a DATA frame's payload, padding included, out of the connection's window. @throws {ConnectionError} FLOW_CONTROL_ERROR */
  take(bytes: number): void {
    this.#availableBytes -= bytes;
    if (this.#availableBytes < 0) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "Connection window exceeded");
    }
  }

  /** Gives `bytes` back to the connection. */
  credit(bytes: number): void {
    this.#unannouncedBytes += bytes;
    if (this.#unannouncedBytes * 2 < this.#connectionBytesMax) return;
    writeWindowUpdate(this.#output, 0, this.#unannouncedBytes);
    this.#availableBytes += this.#unannouncedBytes;
    this.#unannouncedBytes = 0;
  }

  /** Gives `bytes` that `stream` took back to it and to the connection; never more than it took. */
  creditStream(stream: ServerStream, bytes: number): void {
    const credited = Math.min(bytes, stream.uncreditedBytes);
    stream.uncreditedBytes -= credited;
    this.credit(credited);
    if (stream.isRemoteClosed) return;
    stream.unannouncedBytes += credited;
    if (stream.unannouncedBytes * 2 < this.#streamBytesMax) return;
    writeWindowUpdate(this.#output, stream.id, stream.unannouncedBytes);
    stream.receiveWindow += stream.unannouncedBytes;
    stream.unannouncedBytes = 0;
  }
}
