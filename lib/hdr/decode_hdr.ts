/**
 * Reads every encoding of HdrHistogram's integer histograms: V0, V1 and V2, compressed or not.
 *
 * Sizes, digits, ranges and lengths are checked before anything is allocated for them.
 *
 * @module
 */

import { HdrCounts } from "./hdr_counts.ts";
import { HdrDecodeError } from "./hdr_errors.ts";
import {
  type HdrHeader,
  headerBytes,
  isCompressedCookie,
  readCookie,
  readHeader,
  requireBytes,
  viewOf,
} from "./hdr_header.ts";
import { type HdrHistogram, histogramOf } from "./hdr_histogram.ts";
import { inflate } from "./inflate.ts";
import { readZigzag } from "./zigzag.ts";

/** What a reader of strangers' bytes allows. */
export interface DecodeOptions {
  /** Bytes of counters, inflated, that are read at most; 16 MiB by default. */
  readonly payloadBytesMax?: number;
  /**
   * Inflates a zlib stream of at most `bytesMax` inflated bytes, and throws on others; by default in JavaScript. It is
   * called once the header was checked, and its failures are judged by the default.
   */
  readonly inflate?: (stream: Uint8Array, bytesMax: number) => Uint8Array;
}

const payloadBytesMaxDefault = 2 ** 24;

/**
 * The histogram that `bytes` begin with; what follows it is left. It may grow (as Java's decoder has it).
 *
 * @throws {HdrDecodeError} if there is none.
 *
 * @example
 * ```ts
 * import { decodeHdr, encodeHdr, HdrHistogram } from "@histserv/hdr";
 *
 * const histogram = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
 * histogram.record(12345);
 * console.log(decodeHdr(encodeHdr(histogram)).equals(histogram)); // true
 * ```
 */
export function decodeHdr(bytes: Uint8Array, options: DecodeOptions = {}): HdrHistogram {
  const limits = { payloadBytesMax: options.payloadBytesMax ?? payloadBytesMaxDefault };
  if (!isCompressedCookie(readCookie(bytes))) return decodePlain(bytes, limits);
  requireBytes(bytes, 8);
  const length = viewOf(bytes).getInt32(4);
  if (length < 0 || length > bytes.length - 8) {
    throw new HdrDecodeError(
      `Cannot decode a histogram: ${length} compressed bytes, have ${bytes.length - 8}`,
      { reason: length < 0 ? "length" : "truncated", offset: 4 },
    );
  }
  const stream = bytes.subarray(8, 8 + length);
  const bytesMax = (head: Uint8Array): number => {
    const header = readHeader(head, limits);
    return headerBytes[header.version] + header.payloadBytes;
  };
  const inflated = options.inflate === undefined
    ? null
    : inflateNatively(stream, { bytesMax, inflate: options.inflate });
  return decodePlain(
    inflated ?? inflate(stream, { headBytes: headerBytes[2], bytesMax }),
    limits,
  );
}

/** The inflated bytes, or null if `options.inflate` has no say in it. */
function inflateNatively(
  stream: Uint8Array,
  options: { bytesMax(head: Uint8Array): number } & Required<Pick<DecodeOptions, "inflate">>,
): Uint8Array | null {
  const head = inflate(stream, { headBytes: headerBytes[2], bytesMax: () => 0 });
  const bytesMax = options.bytesMax(head);
  try {
    const inflated = options.inflate(stream, bytesMax);
    return inflated.length <= bytesMax ? inflated : null;
  } catch {
    return null; // judged, with reason and offset, by our own
  }
}

function decodePlain(bytes: Uint8Array, limits: { payloadBytesMax: number }): HdrHistogram {
  const header = readHeader(bytes, limits);
  const start = headerBytes[header.version];
  if (header.version > 0) requireBytes(bytes, start + header.payloadBytes);
  const payload = bytes.subarray(start, start + header.payloadBytes);
  if (header.version === 0 && bytes.length - start > header.payloadBytes) {
    checkRest(header, limits);
  }
  const counts = new HdrCounts();
  try {
    if (header.version === 2) readVarints(payload, { counts, header });
    else readWords(payload, { counts, header });
  } catch (cause) {
    if (cause instanceof HdrDecodeError) throw cause;
    throw new HdrDecodeError("Cannot decode a histogram: the total exceeds 2^63-1", {
      reason: "count",
      offset: start,
      cause,
    });
  }
  return histogramOf(counts, header);
}

/** In V0 the range is the only limit that the sender states: refuse rather than cut at ours. */
function checkRest(header: HdrHeader, limits: { payloadBytesMax: number }): void {
  if (header.layout.length * header.wordBytes <= limits.payloadBytesMax) return;
  throw new HdrDecodeError(
    `Cannot decode a histogram: payload of more than ${limits.payloadBytesMax} bytes`,
    { reason: "too_large", offset: headerBytes[0] },
  );
}

/** Layouts of at most so many buckets are decoded into {@linkcode scratch} first. */
const denseMax = 2 ** 15;
/** All 0 between two calls. */
const scratch = new Uint32Array(denseMax);

interface Target {
  readonly counts: HdrCounts;
  readonly header: HdrHeader;
}

/** V2, by way of one array for layouts of the usual sizes, which is faster. */
function readVarints(payload: Uint8Array, target: Target): void {
  const { length } = target.header.layout;
  const dense = length <= denseMax ? scratch : null;
  let end = length;
  try {
    end = Math.min(length, scanVarints(payload, { ...target, dense }));
    if (dense !== null) target.counts.addDense(dense.subarray(0, end));
  } finally {
    dense?.fill(0, 0, end);
  }
}

/** V2: counts as positive integers, runs of unused buckets as negative ones. Returns how many buckets it told of. */
function scanVarints(
  payload: Uint8Array,
  target: Target & { readonly dense: Uint32Array | null },
): number {
  const { counts, header, dense } = target;
  const length = header.layout.length;
  const end = payload.length;
  let index = 0;
  for (let at = 0; at < end;) {
    const first = payload[at]!;
    let count: number;
    if (first < 0x80) {
      at++;
      count = first & 1 ? -(first + 1 >> 1) : first >> 1;
    } else {
      const second = payload[at + 1] ?? 0x80;
      if (second < 0x80) {
        at += 2;
        const raw = first & 0x7f | second << 7;
        count = raw & 1 ? -(raw + 1 >> 1) : raw >> 1;
      } else {
        const long = readZigzag(payload, at);
        if (long === null) fail("truncated", "a count goes on after the payload", at + 40);
        at = long.next;
        if (long.value > BigInt(Number.MAX_SAFE_INTEGER)) {
          if (index >= length) fail("range", `more than ${length} buckets`, at + 40);
          counts.add(index++, long.value);
          continue;
        }
        count = Number(long.value);
      }
    }
    if (count < 0) {
      index -= count;
      if (index > length) fail("range", `more than ${length} buckets`, at + 40);
      continue;
    }
    if (index >= length) fail("range", `more than ${length} buckets`, at + 40);
    if (dense !== null && count <= 0xffff_ffff) dense[index] = count;
    else if (count > 0) counts.addSmall(index, count);
    index++;
  }
  return index;
}

/** V0 and V1: a word for each bucket. */
function readWords(payload: Uint8Array, target: Target): void {
  const { counts, header } = target;
  const { wordBytes } = header;
  const start = headerBytes[header.version];
  const view = viewOf(payload);
  const words = Math.floor(payload.length / wordBytes);
  if (header.version === 1 && words * wordBytes !== payload.length) {
    fail("truncated", "a count goes on after the payload", start + words * wordBytes);
  }
  for (let index = 0; index < words; index++) {
    const at = index * wordBytes;
    const count = wordBytes === 2
      ? view.getInt16(at)
      : wordBytes === 4
      ? view.getInt32(at)
      : view.getUint32(at) === 0
      ? view.getUint32(at + 4)
      : view.getBigInt64(at);
    if (count < 0) fail("count", `a count of ${count}`, start + at);
    if (count == 0) continue;
    if (typeof count === "number") counts.addSmall(index, count);
    else counts.add(index, count);
  }
}

function fail(reason: "count" | "range" | "truncated", problem: string, offset: number): never {
  throw new HdrDecodeError(`Cannot decode a histogram: ${problem}`, { reason, offset });
}
