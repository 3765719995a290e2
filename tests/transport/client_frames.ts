/**
 * A client's frames (RFC 9113 §4.1), written by hand.
 *
 * @module
 */
import { encodeHeaderBlock } from "../../lib/http2/mod.ts";
import { grpcHeaders } from "./fake_stream.ts";

export const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
} as const;

export const endStream = 0x1;
export const ack = 0x1;
const endHeaders = 0x4;

/** One frame as a peer sent it. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/** Joins byte arrays. */
export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

export function frame(
  type: number,
  options: { flags?: number; streamId?: number; payload?: Uint8Array } = {},
): Uint8Array<ArrayBuffer> {
  const payload = options.payload ?? new Uint8Array(0);
  const bytes = new Uint8Array(9 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (payload.length << 8) | type);
  bytes[4] = options.flags ?? 0;
  view.setUint32(5, options.streamId ?? 0);
  bytes.set(payload, 9);
  return bytes;
}

/** The connection preface with an empty SETTINGS frame. */
export const preface: Uint8Array<ArrayBuffer> = join(
  new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame(FrameType.settings),
);

/** HEADERS of a gRPC call to /test.Service/Method, without END_STREAM. */
export function callHeaders(streamId: number): Uint8Array<ArrayBuffer> {
  const payload = encodeHeaderBlock(grpcHeaders());
  return frame(FrameType.headers, { flags: endHeaders, streamId, payload });
}

/** A whole call with its message. */
export function callFrames(streamId: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const data = frame(FrameType.data, { flags: endStream, streamId, payload: body });
  return join(callHeaders(streamId), data);
}

/** The complete frames in `bytes`. */
export function parseFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 9 <= bytes.length) {
    const end = at + 9 + (view.getUint32(at) >>> 8);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      streamId: view.getUint32(at + 5) & 0x7fffffff,
      payload: bytes.slice(at + 9, end),
    });
    at = end;
  }
  return frames;
}
