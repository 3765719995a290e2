/**
 * Cookies and headers of the encodings of HdrHistogram, big-endian:
 *
 * ```text
 * V0     | cookie | digits | lowest (8) | highest (8) | total (8) |                    counts …
 * V1 V2  | cookie | payload bytes | offset | digits | lowest (8) | highest (8) | ratio (8) | counts …
 * compressed  | cookie | bytes | zlib stream of one of the above |
 * double      | cookie | digits | highest/lowest (8) | one of the above |
 * ```
 *
 * The second lowest nibble of a cookie is the size of a count, in V2 without meaning.
 *
 * @module
 */

import { HdrDecodeError } from "./hdr_errors.ts";
import { HdrLayout } from "./hdr_layout.ts";

/** The version of an encoding. */
export type HdrVersion = 0 | 1 | 2;

const cookies = [0x1c849308, 0x1c849301, 0x1c849303] as const;
const compressedCookies = [0x1c849309, 0x1c849302, 0x1c849304] as const;
const sizeMask = 0xf0;
/** Of an encoded DoubleHistogram. */
export const doubleCookie = 0x0c72124e;
/** Of an encoded DoubleHistogram whose histogram is compressed. */
export const compressedDoubleCookie = 0x0c72124f;
/** Bytes of the header, by version. */
export const headerBytes: readonly [number, number, number] = [32, 40, 40];

/** A header, checked: its layout exists and its payload is not longer than its buckets allow. */
export interface HdrHeader {
  readonly version: HdrVersion;
  /** Bytes of a count, 2, 4 or 8; 9 for the varints of V2. */
  readonly wordBytes: number;
  readonly layout: HdrLayout;
  readonly normalizingIndexOffset: number;
  readonly integerToDoubleRatio: number;
  /** Bytes after the header: as many as it says, or, in V0, as many as there are at most. */
  readonly payloadBytes: number;
}

/** The cookie of an encoding with counts of `wordBytes`, 8 in compressed ones. */
export function cookieOf(
  version: HdrVersion,
  options: { isCompressed: boolean; wordBytes: number },
): number {
  const base = (options.isCompressed ? compressedCookies : cookies)[version];
  return base | (version === 2 ? 1 : options.wordBytes) << 4;
}

/** The cookie at the start of `bytes`. @throws {HdrDecodeError} if there is none. */
export function readCookie(bytes: Uint8Array): number {
  if (bytes.length === 0) {
    throw new HdrDecodeError("Cannot decode a histogram: there are no bytes", {
      reason: "empty",
      offset: 0,
    });
  }
  requireBytes(bytes, 4);
  return viewOf(bytes).getUint32(0);
}

/** Whether `cookie` announces a zlib stream. */
export function isCompressedCookie(cookie: number): boolean {
  return compressedCookies.some((base) => base === (cookie & ~sizeMask));
}

/**
 * Reads the header of a histogram that is not compressed.
 *
 * @throws {HdrDecodeError} if it is none, or asks for more than `payloadBytesMax`.
 */
export function readHeader(bytes: Uint8Array, options: { payloadBytesMax: number }): HdrHeader {
  const cookie = readCookie(bytes);
  const version = cookies.indexOf((cookie & ~sizeMask) as typeof cookies[number]) as HdrVersion;
  if (version as number === -1) {
    throw new HdrDecodeError(
      `Cannot decode a histogram: unknown cookie 0x${cookie.toString(16).padStart(8, "0")}`,
      { reason: "cookie", offset: 0 },
    );
  }
  requireBytes(bytes, headerBytes[version]);
  const view = viewOf(bytes);
  const wordBytes = version === 2 ? 9 : (cookie & sizeMask) >> 4 & 0xe;
  if (![2, 4, 8, 9].includes(wordBytes)) {
    throw new HdrDecodeError(`Cannot decode a histogram: counts of ${wordBytes} bytes`, {
      reason: "cookie",
      offset: 0,
    });
  }
  const at = version === 0 ? 4 : 12;
  const layout = readLayout(view, at);
  const payloadMax = layout.length * wordBytes;
  const payloadBytes = version === 0 ? payloadMax : view.getInt32(4);
  if (version > 0 && (payloadBytes < 0 || payloadBytes > payloadMax)) {
    throw new HdrDecodeError(
      `Cannot decode a histogram: payload of ${payloadBytes} bytes, its range allows ${payloadMax}`,
      { reason: "length", offset: 4 },
    );
  }
  if (version > 0 && payloadBytes > options.payloadBytesMax) {
    throw new HdrDecodeError(
      `Cannot decode a histogram: payload of ${payloadBytes} bytes, at most ${options.payloadBytesMax}`,
      { reason: "too_large", offset: 4 },
    );
  }
  return {
    version,
    wordBytes,
    layout,
    normalizingIndexOffset: version === 0 ? 0 : view.getInt32(8),
    integerToDoubleRatio: version === 0 ? 1 : view.getFloat64(32),
    payloadBytes: Math.min(payloadBytes, options.payloadBytesMax),
  };
}

/** A view of `bytes`. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws {HdrDecodeError} if there are fewer than `needed` bytes. */
export function requireBytes(bytes: Uint8Array, needed: number): void {
  if (bytes.length >= needed) return;
  throw new HdrDecodeError(
    `Cannot decode a histogram: need ${needed} bytes, have ${bytes.length}`,
    { reason: "truncated", offset: bytes.length },
  );
}

function readLayout(view: DataView, at: number): HdrLayout {
  try {
    return new HdrLayout({
      digits: view.getInt32(at),
      lowest: view.getBigInt64(at + 4),
      highest: view.getBigInt64(at + 12),
    });
  } catch (cause) {
    throw new HdrDecodeError("Cannot decode a histogram: its configuration cannot be", {
      reason: "config",
      offset: at,
      cause,
    });
  }
}
