/**
 * Writes the frames that carry no message (RFC 9113 §6.4–§6.9).
 *
 * @module
 */

import { FrameFlag, FrameType, headBytes, writeFrameHead, writeUint32 } from "./frames.ts";
import { writeLatin1 } from "./latin1.ts";
import type { OutputBuffer } from "./output_buffer.ts";

/** SETTINGS with `entries` of identifier and value. */
export function writeSettings(
  output: OutputBuffer,
  entries: readonly (readonly [id: number, value: number])[],
): void {
  let at = output.extend(headBytes + 6 * entries.length);
  at = writeFrameHead(output.bytes, at, 6 * entries.length, FrameType.SETTINGS << 8, 0);
  for (const [id, value] of entries) {
    output.bytes[at] = id >>> 8;
    output.bytes[at + 1] = id;
    writeUint32(output.bytes, at + 2, value);
    at += 6;
  }
}

/** The acknowledgement of a SETTINGS frame. */
export function writeSettingsAck(output: OutputBuffer): void {
  const at = output.extend(headBytes);
  writeFrameHead(output.bytes, at, 0, (FrameType.SETTINGS << 8) | FrameFlag.ACK, 0);
}

/** PING with the eight bytes of `opaque` at `offset`, or its acknowledgement. */
export function writePing(
  output: OutputBuffer,
  options: { opaque: Uint8Array; offset: number; isAck: boolean },
): void {
  let at = output.extend(headBytes + 8);
  const kind = (FrameType.PING << 8) | (options.isAck ? FrameFlag.ACK : 0);
  at = writeFrameHead(output.bytes, at, 8, kind, 0);
  for (let i = 0; i < 8; i++) output.bytes[at + i] = options.opaque[options.offset + i]!;
}

/** GOAWAY; `message` goes along as debug data. */
export function writeGoaway(
  output: OutputBuffer,
  options: { lastStreamId: number; code: number; message: string },
): void {
  const length = 8 + options.message.length;
  let at = output.extend(headBytes + length);
  at = writeFrameHead(output.bytes, at, length, FrameType.GOAWAY << 8, 0);
  writeUint32(output.bytes, at, options.lastStreamId);
  writeUint32(output.bytes, at + 4, options.code);
  writeLatin1(options.message, output.bytes, at + 8);
}

/** RST_STREAM. */
export function writeReset(output: OutputBuffer, streamId: number, code: number): void {
  writeNumber(output, { type: FrameType.RST_STREAM, streamId, value: code });
}

/** WINDOW_UPDATE; stream 0 is the connection, `bytes` ≥ 1. */
export function writeWindowUpdate(output: OutputBuffer, streamId: number, bytes: number): void {
  writeNumber(output, { type: FrameType.WINDOW_UPDATE, streamId, value: bytes });
}

function writeNumber(
  output: OutputBuffer,
  frame: { type: number; streamId: number; value: number },
): void {
  let at = output.extend(headBytes + 4);
  at = writeFrameHead(output.bytes, at, 4, frame.type << 8, frame.streamId);
  writeUint32(output.bytes, at, frame.value);
}
