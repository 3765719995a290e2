/**
 * Frames on the wire (RFC 9113 §4.1, §6): types, flags, and the head of nine bytes.
 *
 *     +-----------------+--------+--------+-+--------------------+---------
 *     | length 24       | type 8 | flags 8|R| stream id 31       | payload
 *     +-----------------+--------+--------+-+--------------------+---------
 *
 * @module
 */

/** Frame types (RFC 9113 §6). */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

/** Frame flags; ACK and END_STREAM share a bit. */
export const FrameFlag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Identifiers of settings (RFC 9113 §6.5.2). */
export const SettingId = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

/** What a client sends first (RFC 9113 §3.4). */
export const clientPreface: Uint8Array = new TextEncoder().encode(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

/** Bytes of a frame's head. */
export const headBytes = 9;
/** Windows of stream and connection before any SETTINGS or WINDOW_UPDATE (RFC 9113 §6.9.2). */
export const initialWindowBytes = 65_535;
/** The largest window (RFC 9113 §6.9.1) and stream id. */
export const max31 = 0x7fff_ffff;
/** SETTINGS_MAX_FRAME_SIZE before any SETTINGS (RFC 9113 §6.5.2), also its least value. */
export const defaultFrameBytes = 16_384;

/** A frame's head; one object a connection, overwritten by the next frame. */
export interface FrameHead {
  /** Of the payload. */
  length: number;
  type: number;
  flags: number;
  /** Without the reserved bit. */
  streamId: number;
}

/** Reads the head at `at`; all nine bytes are there. */
export function readFrameHead(bytes: Uint8Array, at: number, head: FrameHead): void {
  head.length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  head.type = bytes[at + 3]!;
  head.flags = bytes[at + 4]!;
  head.streamId = readUint31(bytes, at + 5);
}

/**
 * Writes a head at `at` and returns the position of its payload. `kind` is the type times 256 plus the flags.
 * Positional, as it runs several times a request.
 */
export function writeFrameHead(
  bytes: Uint8Array,
  at: number,
  length: number,
  kind: number,
  streamId: number,
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = kind >>> 8;
  bytes[at + 4] = kind;
  writeUint32(bytes, at + 5, streamId);
  return at + headBytes;
}

/** Big endian, without the highest bit. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) |
    bytes[at + 3]!;
}

/** Big endian. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100_0000 +
    ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}

/** Big endian. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
