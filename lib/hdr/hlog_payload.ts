/**
 * The last column of a histogram log: base64 of a compressed histogram, of integers or of doubles.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from "./base64.ts";
import { decodeAnyHdr, encodeDoubleHdr } from "./double_codec.ts";
import { DoubleHistogram } from "./double_histogram.ts";
import { encodeHdr } from "./encode_hdr.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";

/** The histogram of a column. @throws {HdrDecodeError} if there is none. */
export function decodeHlogPayload(payload: string): HdrHistogram | DoubleHistogram {
  return decodeAnyHdr(decodeBase64(payload));
}

/** The column of a histogram. */
export function encodeHlogPayload(histogram: HdrHistogram | DoubleHistogram): string {
  const isDouble = histogram instanceof DoubleHistogram;
  return encodeBase64(isDouble ? encodeDoubleHdr(histogram) : encodeHdr(histogram));
}
