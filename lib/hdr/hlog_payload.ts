/**
 * The last column of a histogram log: base64 of a compressed histogram.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from "./base64.ts";
import { decodeHdr } from "./decode_hdr.ts";
import { encodeHdr } from "./encode_hdr.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";

/** The histogram of a column. @throws {HdrDecodeError} if there is none. */
export function decodeHlogPayload(payload: string): HdrHistogram {
  return decodeHdr(decodeBase64(payload));
}

/** The column of a histogram. */
export function encodeHlogPayload(histogram: HdrHistogram): string {
  return encodeBase64(encodeHdr(histogram));
}
