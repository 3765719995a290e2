/**
 * The JSON in which wrk2's 2015 forks and PyPI hdrhistogram 0.0.x tell a histogram, as data: read, checked, not yet
 * counted. The histogram's side of it is in `seed_json.ts`.
 *
 *     {"seq": 0, "buckets": 27, "sub_buckets": 2048, "digits": 3, "max_latency": 86400000000,
 *      "latency": {"min": 89151, "max": 209664, "counters": [6, [1295, 1, 1392, 1], 7, [1559, 1]]}}
 *
 * `counters` lists a bucket's index, then its sub bucket indices, each with its count; the value is sub << bucket.
 * `min`, `max` and `counters` may stand at the top instead. With periodic reports the first four keys appear only where
 * `seq` is 0. `min` and `max` are not derived from the counters and contradict them in real captures: they are kept as
 * data and never believed. Unknown keys are ignored.
 *
 * @module
 */

/** What is wrong with a seed document. */
export type SeedErrorReason = "json" | "header" | "counters" | "count";

/**
 * Thrown for a seed document that cannot be read, or that is of another configuration.
 *
 * @example
 * ```ts
 * import { decodeSeedJson, SeedJsonError } from "@histserv/hdr";
 *
 * try {
 *   decodeSeedJson('{"digits":3,"max_latency":1000,"counters":[0,[5,-1]]}');
 * } catch (error) {
 *   if (error instanceof SeedJsonError) console.log(error.reason, error.path); // count counters[1][1]
 * }
 * ```
 */
export class SeedJsonError extends SyntaxError {
  /** The error's class, as text. */
  override readonly name = "SeedJsonError";
  /** What is wrong. */
  readonly reason: SeedErrorReason;
  /** Where in the document, like "counters[1][4]"; empty for the whole. */
  readonly path: string;

  /** An error at `options.path`; `message` says the action, then the state. */
  constructor(
    message: string,
    options: { reason: SeedErrorReason; path?: string; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.path = options.path ?? "";
  }
}

/** The four keys that say which histogram the counters belong to; lowest value is always 1. */
export interface SeedHeader {
  /** Powers of two covered, the first of them from 0, in [1, 63]. */
  readonly buckets: number;
  /** 2^ceil(log2(2 · 10^digits)). */
  readonly subBuckets: number;
  /** Significant decimal digits, in [0, 5]. */
  readonly digits: number;
  /** The highest value that can be tracked, usually in µs. */
  readonly maxLatency: bigint;
}

/** One counter of a seed document. */
export interface SeedCounter {
  /** In [0, 62]. */
  readonly bucket: number;
  /** In [0, 2^22); its upper limit is the header's. */
  readonly sub: number;
  /** In [0, 2^63). */
  readonly count: bigint;
}

/** A seed document as it was written. */
export interface SeedDocument {
  /** The keys that it has; none in later periodic reports. */
  readonly header: Partial<SeedHeader>;
  /** Null if the document is not one of a series. */
  readonly seq: number | null;
  /** As declared; may contradict the counters. */
  readonly declaredMin: bigint | null;
  /** As declared; may contradict the counters. */
  readonly declaredMax: bigint | null;
  /** In the order of the document. */
  readonly counters: readonly SeedCounter[];
}

const int64Max = 2n ** 63n - 1n;

/**
 * Reads a seed document. Whole numbers above 2^53 stay exact where the engine shows a number's source text, and are
 * refused where it does not. The first emitter's `"min"=5` is read as `"min":5`.
 *
 * @throws {SeedJsonError} if it is no JSON, or a key, index or count is not a whole number in its range; a negative
 * count is refused.
 */
export function parseSeedDocument(text: string): SeedDocument {
  const root = objectOf(parseExactJson(text), "");
  const isNested = root["latency"] !== undefined;
  const body = isNested ? objectOf(root["latency"], "latency") : root;
  const path = isNested ? "latency." : "";
  const seq = optionalInteger(root, "seq", { path: "", max: 2n ** 53n - 1n });
  return {
    header: parseHeader(root),
    seq: seq === null ? null : Number(seq),
    declaredMin: optionalInteger(body, "min", { path, max: int64Max }),
    declaredMax: optionalInteger(body, "max", { path, max: int64Max }),
    counters: parseCounters(body["counters"], `${path}counters`),
  };
}

function parseHeader(root: Record<string, unknown>): Partial<SeedHeader> {
  const buckets = optionalInteger(root, "buckets", { path: "", max: 63n });
  const subBuckets = optionalInteger(root, "sub_buckets", { path: "", max: 1n << 22n });
  const digits = optionalInteger(root, "digits", { path: "", max: 5n });
  const maxLatency = optionalInteger(root, "max_latency", { path: "", max: int64Max });
  return {
    ...(buckets !== null && { buckets: Number(buckets) }),
    ...(subBuckets !== null && { subBuckets: Number(subBuckets) }),
    ...(digits !== null && { digits: Number(digits) }),
    ...(maxLatency !== null && { maxLatency }),
  };
}

function parseCounters(value: unknown, path: string): SeedCounter[] {
  const list = pairsOf(value, path);
  const counters: SeedCounter[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const bucket = Number(integerOf(list[i], { path: `${path}[${i}]`, max: 62n }));
    const inner = `${path}[${i + 1}]`;
    const pairs = pairsOf(list[i + 1], inner);
    for (let j = 0; j < pairs.length; j += 2) {
      const sub = Number(integerOf(pairs[j], { path: `${inner}[${j}]`, max: (1n << 22n) - 1n }));
      const count = integerOf(pairs[j + 1], {
        path: `${inner}[${j + 1}]`,
        max: int64Max,
        reason: "count",
      });
      counters.push({ bucket, sub, count });
    }
  }
  return counters;
}

/** A list of even length. */
function pairsOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value) && value.length % 2 === 0) return value;
  const have = Array.isArray(value) ? `a list of ${value.length}` : typeof value;
  throw new SeedJsonError(`Cannot read seed document: ${path} is ${have}, need a list of pairs`, {
    reason: "counters",
    path,
  });
}

function objectOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SeedJsonError(`Cannot read seed document: ${path || "it"} is no object`, {
    reason: "json",
    path,
  });
}

function optionalInteger(
  object: Record<string, unknown>,
  key: string,
  options: { path: string; max: bigint },
): bigint | null {
  if (object[key] === undefined) return null;
  return integerOf(object[key], { path: options.path + key, max: options.max, reason: "header" });
}

function integerOf(
  value: unknown,
  options: { path: string; max: bigint; reason?: SeedErrorReason },
): bigint {
  const exact = typeof value === "bigint"
    ? value
    : Number.isSafeInteger(value)
    ? BigInt(value as number)
    : null;
  if (exact !== null && exact >= 0n && exact <= options.max) return exact;
  const have = exact ?? (typeof value === "number" ? value : typeof value);
  throw new SeedJsonError(
    `Cannot read seed document: ${options.path} is ${have}, need a whole number in [0, ${options.max}]`,
    { reason: options.reason ?? "counters", path: options.path },
  );
}

/** `JSON.parse`, but whole numbers beyond 2^53 become bigint if the engine passes their source text. */
function parseExactJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const repaired = text.replace(/"(min|max)"=/g, '"$1":');
    if (repaired !== text) return parseExactJson(repaired);
    throw new SeedJsonError("Cannot read seed document: it is no JSON", { reason: "json", cause });
  }
}

function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(
    text,
    (_key: string, value: unknown, context?: { source?: string }) => {
      if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
      const source = context?.source ?? "";
      // At most 40 digits: a longer number is out of range anyway.
      return /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
    },
  );
}
