/**
 * Reads and writes histograms of doubles: a header before an encoding of their integers (Java 2.2.2).
 *
 * @module
 */

import { decodeHdr, type DecodeOptions } from "./decode_hdr.ts";
import { type DoubleHistogram, doubleHistogramOf } from "./double_histogram.ts";
import { encodeHdr, type EncodeOptions } from "./encode_hdr.ts";
import { HdrConfigError, HdrDecodeError } from "./hdr_errors.ts";
import {
  compressedDoubleCookie,
  doubleCookie,
  readCookie,
  requireBytes,
  viewOf,
} from "./hdr_header.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";

const doubleHeaderBytes = 16;

/**
 * The histogram of doubles that `bytes` begin with; what follows it is left.
 *
 * @throws {HdrDecodeError} if there is none; offsets count from the start of `bytes`, but for inflated ones.
 */
export function decodeDoubleHdr(bytes: Uint8Array, options: DecodeOptions = {}): DoubleHistogram {
  const cookie = readCookie(bytes);
  if (cookie !== doubleCookie && cookie !== compressedDoubleCookie) {
    throw new HdrDecodeError(
      `Cannot decode a histogram of doubles: unknown cookie 0x${
        cookie.toString(16).padStart(8, "0")
      }`,
      { reason: "cookie", offset: 0 },
    );
  }
  requireBytes(bytes, doubleHeaderBytes);
  const view = viewOf(bytes);
  const integers = decodeHdr(bytes.subarray(doubleHeaderBytes), options);
  if (view.getInt32(4) !== integers.digits) {
    throw new HdrDecodeError(
      `Cannot decode a histogram of doubles: ${view.getInt32(4)} digits and ${integers.digits}`,
      { reason: "config", offset: 4 },
    );
  }
  try {
    return doubleHistogramOf(integers, view.getBigInt64(8));
  } catch (cause) {
    if (!(cause instanceof HdrConfigError)) throw cause;
    throw new HdrDecodeError("Cannot decode a histogram of doubles: its ratio cannot be", {
      reason: "config",
      offset: 8,
      cause,
    });
  }
}

/** The encoded histogram of doubles, without its times and tag. */
export function encodeDoubleHdr(
  histogram: DoubleHistogram,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const integers = encodeHdr(histogram.integers, options);
  const bytes = new Uint8Array(doubleHeaderBytes + integers.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, options.compressed === false ? doubleCookie : compressedDoubleCookie);
  view.setInt32(4, histogram.digits);
  view.setBigInt64(8, histogram.highestToLowest);
  bytes.set(integers, doubleHeaderBytes);
  return bytes;
}

/**
 * The histogram of integers or doubles that `bytes` begin with: what a line of a log holds.
 *
 * @throws {HdrDecodeError} if there is none.
 */
export function decodeAnyHdr(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): HdrHistogram | DoubleHistogram {
  const cookie = readCookie(bytes);
  return cookie === doubleCookie || cookie === compressedDoubleCookie
    ? decodeDoubleHdr(bytes, options)
    : decodeHdr(bytes, options);
}
