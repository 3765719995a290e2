/**
 * Writes every encoding of HdrHistogram's integer histograms: V0, V1 and V2, compressed or not. Bytes equal
 * Java's before compression.
 *
 * @module
 */

import { zlibSync } from "fflate";
import { HdrRangeError } from "./hdr_errors.ts";
import { cookieOf, type HdrVersion, headerBytes } from "./hdr_header.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";
import { writeZigzag, zigzagBytesMax } from "./zigzag.ts";

/** How to write a histogram. */
export interface EncodeOptions {
  /** 2 by default, which all of today's implementations read. */
  readonly version?: HdrVersion;
  /** Whether to compress it; true by default. */
  readonly compressed?: boolean;
  /** Bytes of a count in V0 and V1; 8 by default. */
  readonly wordBytes?: 2 | 4 | 8;
  /** Compresses to a zlib stream (RFC 1950); by default in JavaScript. */
  readonly deflate?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;
}

/** Histograms of at most so many buckets go by way of {@linkcode scratch}. */
const denseMax = 2 ** 15;
const scratch = new Float64Array(denseMax);
const int64Max = 2n ** 63n - 1n;

/**
 * The encoded histogram, without its times and tag.
 *
 * @throws {HdrRangeError} if a count does not fit into `wordBytes`.
 */
export function encodeHdr(
  histogram: HdrHistogram,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const { version = 2, compressed = true, wordBytes = 8, deflate = deflateInScript } = options;
  const plain = version === 2
    ? encodeVarints(histogram)
    : encodeWords(histogram, { version, wordBytes });
  if (!compressed) return plain;
  const stream = deflate(plain);
  const bytes = new Uint8Array(8 + stream.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, cookieOf(version, { isCompressed: true, wordBytes: 8 }));
  view.setInt32(4, stream.length);
  bytes.set(stream, 8);
  return bytes;
}

function deflateInScript(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return zlibSync(bytes, { level: 6, mem: 4 });
}

/** V2: a run of two or more unused buckets is one negative number; buckets above the highest are left out. */
function encodeVarints(histogram: HdrHistogram): Uint8Array<ArrayBuffer> {
  const start: number = headerBytes[2];
  let bytes = new Uint8Array(start + 256);
  let at: number = start;
  if (histogram.maxIndex < denseMax && histogram.totalCount <= Number.MAX_SAFE_INTEGER) {
    return finishVarints(encodeDense(histogram), histogram);
  }
  let index = 0;
  for (let used = histogram.nextUsed(0); used >= 0; used = histogram.nextUsed(used + 1)) {
    if (at + 2 * zigzagBytesMax > bytes.length) bytes = grown(bytes);
    const gap = used - index;
    if (gap > 0) at = writeZigzag(bytes, { at, value: gap === 1 ? 0 : -gap });
    at = writeZigzag(bytes, { at, value: histogram.smallCountAt(used) });
    index = used + 1;
  }
  if (index === 0) bytes[at++] = 0; // of nothing, bucket 0 is written
  return finishVarints(bytes.slice(0, at), histogram);
}

/** The header before the payload, which `bytes` hold already. */
function finishVarints(
  bytes: Uint8Array<ArrayBuffer>,
  histogram: HdrHistogram,
): Uint8Array<ArrayBuffer> {
  const header = new DataView(bytes.buffer);
  header.setUint32(0, cookieOf(2, { isCompressed: false, wordBytes: 8 }));
  header.setInt32(4, bytes.length - headerBytes[2]);
  writeConfig(header, histogram);
  return bytes;
}

/** As {@linkcode encodeVarints}, of counts below 2^53 and not too many buckets, which is faster. */
function encodeDense(histogram: HdrHistogram): Uint8Array<ArrayBuffer> {
  const length = Math.max(1, histogram.maxIndex + 1);
  const dense = scratch.subarray(0, length);
  histogram.copyCountsTo(dense);
  let bytes = new Uint8Array(headerBytes[2] + length + 256);
  let at: number = headerBytes[2];
  for (let index = 0; index < length;) {
    if (at + zigzagBytesMax > bytes.length) bytes = grown(bytes);
    let value = dense[index++]!;
    if (value === 0) {
      const first = index - 1;
      while (index < length && dense[index] === 0) index++;
      value = index - first === 1 ? 0 : first - index;
    }
    if (value >= 0 && value < 64) bytes[at++] = value << 1;
    else if (value > 0 && value < 8192) {
      bytes[at++] = value << 1 & 0x7f | 0x80;
      bytes[at++] = value >> 6;
    } else at = writeZigzag(bytes, { at, value });
  }
  return bytes.slice(0, at);
}

/** V0 and V1: a word for each bucket up to the highest in use, in V0 for whole powers of two. */
function encodeWords(
  histogram: HdrHistogram,
  options: { version: 0 | 1; wordBytes: 2 | 4 | 8 },
): Uint8Array<ArrayBuffer> {
  const { version, wordBytes } = options;
  const { layout, maxIndex } = histogram;
  const half = 2 ** layout.halfMagnitude;
  const words = version === 1
    ? Math.max(1, maxIndex + 1)
    : Math.max(2, Math.ceil((maxIndex + 1) / half)) * half;
  const start = headerBytes[version];
  const bytes = new Uint8Array(start + words * wordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, cookieOf(version, { isCompressed: false, wordBytes }));
  if (version === 0) {
    view.setInt32(4, histogram.digits);
    view.setBigInt64(8, histogram.lowest);
    view.setBigInt64(16, histogram.highest);
    view.setBigInt64(24, histogram.totalCount);
  } else {
    view.setInt32(4, words * wordBytes);
    writeConfig(view, histogram);
  }
  const countMax = int64Max >> BigInt(64 - 8 * wordBytes);
  for (let index = histogram.nextUsed(0); index >= 0; index = histogram.nextUsed(index + 1)) {
    const count = histogram.countAt(index);
    if (count > countMax) {
      throw new HdrRangeError(
        `Cannot encode a count of ${count}: ${wordBytes} bytes do not hold it`,
      );
    }
    const at = start + index * wordBytes;
    if (wordBytes === 8) view.setBigInt64(at, count);
    else if (wordBytes === 4) view.setInt32(at, Number(count));
    else view.setInt16(at, Number(count));
  }
  return bytes;
}

/** Bytes 8 to 40 of V1 and V2. */
function writeConfig(view: DataView, histogram: HdrHistogram): void {
  view.setInt32(8, histogram.normalizingIndexOffset);
  view.setInt32(12, histogram.digits);
  view.setBigInt64(16, histogram.lowest);
  view.setBigInt64(24, histogram.highest);
  view.setFloat64(32, histogram.integerToDoubleRatio);
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
