/**
 * Frames for tests: built by name, read back as short texts.
 *
 * @module
 */

import { ErrorCode } from "../../../lib/http2/mod.ts";

/** A frame as read from the wire. */
export interface Frame {
  type: number;
  flags: number;
  streamId: number;
  payload: Uint8Array;
}

export const endStream = 0x1;
export const ack = 0x1;
export const endHeaders = 0x4;
export const padded = 0x8;
export const hasPriority = 0x20;

const typeNames = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
];

export const preface = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return concatAll(pieces);
}

/** For more pieces than a call takes arguments. */
export function concatAll(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Any frame; `length` lies about the payload's, if given. */
export function frame(
  type: number,
  options: { flags?: number; streamId?: number; payload?: Uint8Array; length?: number } = {},
): Uint8Array {
  const { flags = 0, streamId = 0, payload = new Uint8Array(0) } = options;
  const length = options.length ?? payload.length;
  const head = Uint8Array.of(length >> 16, length >> 8, length, type, flags, ...u32(streamId));
  return concat(head, payload);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function dataFrame(
  streamId: number,
  payload: string | Uint8Array,
  options: { flags?: number; pad?: number } = {},
): Uint8Array {
  let bytes = typeof payload === "string" ? text(payload) : payload;
  let flags = options.flags ?? 0;
  if (options.pad !== undefined) {
    bytes = concat(Uint8Array.of(options.pad), bytes, new Uint8Array(options.pad));
    flags |= padded;
  }
  return frame(0, { flags, streamId, payload: bytes });
}

export function settings(entries: Record<number, number> = {}, flags = 0): Uint8Array {
  const payload = concat(
    ...Object.entries(entries).map(([id, value]) =>
      concat(Uint8Array.of(0, Number(id)), u32(value))
    ),
  );
  return frame(4, { flags, payload });
}

export function rstStream(streamId: number, code: number = ErrorCode.CANCEL): Uint8Array {
  return frame(3, { streamId, payload: u32(code) });
}

export function windowUpdate(streamId: number, bytes: number): Uint8Array {
  return frame(8, { streamId, payload: u32(bytes) });
}

export function ping(opaque = "12345678", flags = 0): Uint8Array {
  return frame(6, { flags, payload: text(opaque) });
}

export function goaway(lastStreamId = 0, code = 0): Uint8Array {
  return frame(7, { payload: concat(u32(lastStreamId), u32(code)) });
}

export function priority(streamId: number, dependsOn: number): Uint8Array {
  return frame(2, { streamId, payload: concat(u32(dependsOn), Uint8Array.of(7)) });
}

/** All frames in `bytes`, which must end with one. */
export function readFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const length = view.getUint32(0) >>> 8;
    const payload = bytes.slice(at + 9, at + 9 + length);
    if (payload.length < length) throw new RangeError("Cannot read frame: it is cut");
    const streamId = view.getUint32(5);
    frames.push({ type: bytes[at + 3]!, flags: bytes[at + 4]!, streamId, payload });
    at += 9 + length;
  }
  return frames;
}

/** "RST_STREAM 1 CANCEL", "DATA 3 (5) END_STREAM", "SETTINGS ACK", "WINDOW_UPDATE 0 +100", … */
export function describe(frame: Frame): string {
  const { type, flags, streamId, payload } = frame;
  const words = [typeNames[type] ?? `type ${type}`];
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  if (type <= 3 || type >= 8) words.push(String(streamId));
  if (type === 0) words.push(`(${payload.length})`);
  if (type === 3) words.push(codeName(view.getUint32(0)));
  if (type === 7) words.push(String(view.getUint32(0)), codeName(view.getUint32(4)));
  if (type === 8) words.push(`+${view.getUint32(0)}`);
  if ((type === 4 || type === 6) && (flags & ack) !== 0) words.push("ACK");
  if (type <= 1 && (flags & endStream) !== 0) words.push("END_STREAM");
  if ((type === 1 || type === 9) && (flags & endHeaders) === 0) words.push("…");
  return words.join(" ");
}

export function codeName(code: number): string {
  return Object.entries(ErrorCode).find(([, value]) => value === code)?.[0] ?? String(code);
}
