/**
 * HTTP/2 frames (RFC 9113 §4) written one after the other into one buffer that grows and is swapped.
 *
 * @module
 */

/** Bytes of every frame's header. */
export const frameHeaderBytes = 9;

/** Types of RFC 9113 §6 that a client meets. */
export const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of RFC 9113 §6; END_STREAM and ACK share a bit. */
export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

const initialBytes = 64 * 1024;
const prefaceBytes = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Frames that wait to be written to a socket. */
export class FrameOutput {
  #buffer = new Uint8Array(initialBytes);
  #spare = new Uint8Array(initialBytes);
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** The frames so far, valid until the second call from now. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#bytes);
    const spare = this.#spare;
    this.#spare = this.#buffer;
    this.#buffer = spare;
    this.#bytes = 0;
    return taken;
  }

  /** The client's preface, RFC 9113 §3.4. */
  preface(settings: readonly (readonly [id: number, value: number])[]): void {
    this.#buffer.set(prefaceBytes, this.#reserve(prefaceBytes.length));
    let at = this.#frame(6 * settings.length, { type: FrameType.settings, flags: 0, streamId: 0 });
    for (const [id, value] of settings) {
      this.#buffer[at + 1] = id;
      writeU32(this.#buffer, at + 2, value);
      at += 6;
    }
  }

  headers(streamId: number, block: Uint8Array, endStream: boolean): void {
    const flags = Flag.endHeaders | (endStream ? Flag.endStream : 0);
    const at = this.#frame(block.length, { type: FrameType.headers, flags, streamId });
    this.#buffer.set(block, at);
  }

  data(streamId: number, bytes: Uint8Array, endStream: boolean): void {
    const flags = endStream ? Flag.endStream : 0;
    const at = this.#frame(bytes.length, { type: FrameType.data, flags, streamId });
    this.#buffer.set(bytes, at);
  }

  rstStream(streamId: number, code: number): void {
    const at = this.#frame(4, { type: FrameType.rstStream, flags: 0, streamId });
    writeU32(this.#buffer, at, code);
  }

  settingsAck(): void {
    this.#frame(0, { type: FrameType.settings, flags: Flag.ack, streamId: 0 });
  }

  pingAck(payload: Uint8Array): void {
    const at = this.#frame(8, { type: FrameType.ping, flags: Flag.ack, streamId: 0 });
    this.#buffer.set(payload, at);
  }

  windowUpdate(streamId: number, bytes: number): void {
    const at = this.#frame(4, { type: FrameType.windowUpdate, flags: 0, streamId });
    writeU32(this.#buffer, at, bytes);
  }

  /** Writes a frame's header and returns where its payload goes. */
  #frame(
    payloadBytes: number,
    { type, flags, streamId }: { type: number; flags: number; streamId: number },
  ): number {
    const at = this.#reserve(frameHeaderBytes + payloadBytes);
    const buffer = this.#buffer;
    buffer[at] = payloadBytes >>> 16;
    buffer[at + 1] = payloadBytes >>> 8;
    buffer[at + 2] = payloadBytes;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    writeU32(buffer, at + 5, streamId);
    return at + frameHeaderBytes;
  }

  #reserve(bytes: number): number {
    const at = this.#bytes;
    const need = at + bytes;
    if (need > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(need, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    this.#bytes = need;
    return at;
  }
}

/** An unsigned number of 4 bytes, most significant first. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>>
    0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
