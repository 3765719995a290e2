/**
 * Histograms from and to the JSON of wrk2's 2015 forks and PyPI hdrhistogram 0.0.x; the format is in
 * `seed_document.ts`.
 *
 * @module
 */

import { HdrConfigError, HdrRangeError } from "./hdr_errors.ts";
import { HdrHistogram } from "./hdr_histogram.ts";
import {
  parseSeedDocument,
  type SeedCounter,
  type SeedHeader,
  SeedJsonError,
} from "./seed_document.ts";

/** A histogram from a seed document, with what the document declares besides. */
export interface SeedHistogram {
  /** Its minimum and maximum come from the counters. */
  readonly histogram: HdrHistogram;
  /** For the next documents of the series, which have none. */
  readonly header: SeedHeader;
  /** Null if the document is not one of a series. */
  readonly seq: number | null;
  /** As declared; may contradict the counters. */
  readonly declaredMin: bigint | null;
  /** As declared; may contradict the counters. */
  readonly declaredMax: bigint | null;
}

/** How a seed document is read. */
export interface SeedDecodeOptions {
  /** Stands in for the keys that the document does not have. */
  readonly header?: SeedHeader;
  /** What to do with a bucket that has several counters: `"add"` (default) as the package does, or `"refuse"`. */
  readonly duplicates?: "add" | "refuse";
}

/**
 * Reads a seed document.
 *
 * `buckets` and `sub_buckets` must be those of `digits` and `max_latency`, if they are there at all; declared minimum
 * and maximum are not looked at.
 *
 * @throws {SeedJsonError} if the document cannot be read, contradicts itself, has a negative count, or more than 2^63-1
 * values.
 */
export function decodeSeedJson(text: string, options: SeedDecodeOptions = {}): SeedHistogram {
  const document = parseSeedDocument(text);
  const histogram = emptyHistogram({ ...options.header, ...document.header });
  const used = options.duplicates === "refuse" ? new Set<number>() : null;
  for (const counter of document.counters) {
    const value = lowestOfCounter(counter, histogram);
    if (used?.has(value)) {
      throw new SeedJsonError(
        `Cannot read seed document: sub bucket ${counter.sub} of bucket ${counter.bucket} is there twice`,
        { reason: "counters" },
      );
    }
    used?.add(value);
    record(histogram, value, counter.count);
  }
  return {
    histogram,
    header: headerOf(histogram),
    seq: document.seq,
    declaredMin: document.declaredMin,
    declaredMax: document.declaredMax,
  };
}

/** How a seed document is written. */
export interface SeedEncodeOptions {
  /** Number in a series; the header is written only at 0. Null (default): not one of a series. */
  readonly seq?: number | null;
  /** Whether minimum, maximum and counters stand below "latency". False by default. */
  readonly isNested?: boolean;
}

/**
 * Writes `histogram` as a seed document without spaces, keys and counters in the order of the forks. `min` and `max` are
 * the lowest values of their buckets.
 *
 * @throws {HdrConfigError} if the unit is not 1, which the format cannot say.
 */
export function encodeSeedJson(histogram: HdrHistogram, options: SeedEncodeOptions = {}): string {
  const { layout } = histogram;
  if (layout.unitMagnitude !== 0 || histogram.integerToDoubleRatio !== 1) {
    throw new HdrConfigError(
      `Cannot write seed document: lowest is ${histogram.lowest}, need 1 and integers`,
    );
  }
  const { seq = null, isNested = false } = options;
  const { buckets, subBuckets, digits, maxLatency } = headerOf(histogram);
  const header = [
    `"buckets":${buckets}`,
    `"sub_buckets":${subBuckets}`,
    `"digits":${digits}`,
    `"max_latency":${maxLatency}`,
  ];
  const max = histogram.maxIndex < 0 ? 0 : layout.lowestOf(histogram.maxIndex);
  const body = [
    `"min":${BigInt(histogram.min)}`,
    `"max":${BigInt(max)}`,
    `"counters":[${formatCounters(histogram)}]`,
  ];
  return `{${
    [
      ...(seq === null ? [] : [`"seq":${seq}`]),
      ...(seq === null || seq === 0 ? header : []),
      ...(isNested ? [`"latency":{${body.join(",")}}`] : body),
    ].join(",")
  }}`;
}

function emptyHistogram(header: Partial<SeedHeader>): HdrHistogram {
  const { digits, maxLatency: highest } = header;
  if (digits === undefined || highest === undefined) {
    throw new SeedJsonError(
      "Cannot read seed document: it has no digits and max_latency, and none were given",
      { reason: "header" },
    );
  }
  const histogram = newHistogram(digits, highest);
  const { buckets, subBuckets } = headerOf(histogram);
  const declared = [header.buckets ?? buckets, header.subBuckets ?? subBuckets];
  if (declared[0] !== buckets || declared[1] !== subBuckets) {
    throw new SeedJsonError(
      `Cannot read seed document: it has ${declared[0]} buckets of ${
        declared[1]
      }, but ${digits} digits up to ${highest} are ${buckets} of ${subBuckets}`,
      { reason: "header" },
    );
  }
  return histogram;
}

function newHistogram(digits: number, highest: bigint): HdrHistogram {
  try {
    return new HdrHistogram({ lowest: 1, highest, digits, autoResize: false });
  } catch (cause) {
    if (!(cause instanceof HdrConfigError)) throw cause;
    throw new SeedJsonError(`Cannot read seed document: ${cause.message}`, {
      reason: "header",
      cause,
    });
  }
}

function headerOf(histogram: HdrHistogram): SeedHeader {
  const { layout } = histogram;
  return {
    buckets: layout.octaves,
    subBuckets: 2 ** (layout.halfMagnitude + 1),
    digits: layout.digits,
    maxLatency: layout.highest,
  };
}

/** The lowest value of a counter, after a look at its place. */
function lowestOfCounter(counter: SeedCounter, histogram: HdrHistogram): number {
  const { buckets, subBuckets } = headerOf(histogram);
  const { bucket, sub } = counter;
  const subMin = bucket === 0 ? 0 : subBuckets / 2;
  if (bucket >= buckets || sub < subMin || sub >= subBuckets) {
    throw new SeedJsonError(
      `Cannot read seed document: bucket ${bucket} of ${buckets} has no sub bucket ${sub}, only [${subMin}, ${subBuckets})`,
      { reason: "counters" },
    );
  }
  return sub * 2 ** bucket;
}

function record(histogram: HdrHistogram, value: number, count: bigint): void {
  try {
    histogram.recordWithCount(value, count);
  } catch (cause) {
    if (!(cause instanceof HdrRangeError)) throw cause;
    throw new SeedJsonError(`Cannot read seed document: ${cause.message}`, {
      reason: "count",
      cause,
    });
  }
}

function formatCounters(histogram: HdrHistogram): string {
  const { layout } = histogram;
  const lists: string[] = [];
  let pairs: string[] = [];
  let last = -1;
  for (const { index, countAtValue } of histogram.recorded()) {
    const bucket = Math.max(0, (index >>> layout.halfMagnitude) - 1);
    if (bucket !== last) {
      if (pairs.length > 0) lists.push(`${last},[${pairs.join(",")}]`);
      pairs = [];
      last = bucket;
    }
    pairs.push(`${layout.lowestOf(index) / 2 ** bucket},${countAtValue}`);
  }
  if (pairs.length > 0) lists.push(`${last},[${pairs.join(",")}]`);
  return lists.join(",");
}
