/**
 * Reads histogram logs (`.hlog`) of every port as Java 2.2.2's `HistogramLogReader` does, line by line, in constant
 * memory. What a line says is in `hlog_line.ts`.
 *
 * @module
 */

import { decodeHlogPayload } from "./hlog_payload.ts";
import type { DoubleHistogram } from "./double_histogram.ts";
import { HdrDecodeError } from "./hdr_errors.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";
import { HlogError, type HlogIntervalLine, parseHlogLine } from "./hlog_line.ts";
import { readLines, type TextSource } from "./text_lines.ts";

/** One interval of a log, its histogram not yet decoded. */
export interface HlogInterval extends HlogIntervalLine {
  /** Counted from 1. */
  readonly lineNumber: number;
  /** Milliseconds since 1970, cut to whole ones. */
  readonly startMs: number;
  /** Milliseconds since 1970, cut to whole ones. */
  readonly endMs: number;
  /** Seconds from the start time of the log to the start of the interval. */
  readonly offsetSec: number;
}

/** One interval of a log with its histogram, which has the interval's tag, start and end. */
export interface HlogRecord extends HlogInterval {
  /** Decoded; its own. */
  readonly histogram: HdrHistogram | DoubleHistogram;
}

/**
 * Keeps what the lines of one log say about each other: line numbers, start time and base time.
 *
 * @example
 * ```ts
 * import { decodeHlogInterval, HlogReader } from "@histserv/hdr";
 *
 * const reader = new HlogReader();
 * for (const line of ["#[StartTime: 1700000000.000 (seconds since epoch)]", ""]) {
 *   const interval = reader.readLine(line);
 *   if (interval !== null) console.log(interval.startMs, decodeHlogInterval(interval).totalCount);
 * }
 * console.log(reader.startTimeSec); // 1700000000
 * ```
 */
export class HlogReader {
  #lineNumber = 0;
  #startTimeSec: number | null = null;
  #baseTimeSec: number | null = null;

  /** Lines read so far. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  /** Seconds since 1970 at which the log starts, or its first interval if it does not say; null before that. */
  get startTimeSec(): number | null {
    return this.#startTimeSec;
  }

  /**
   * Seconds to add to the times of intervals. If the log does not say, they are absolute (0), unless the first is more
   * than a year before the start time: then it is the start time. Null before the first interval.
   */
  get baseTimeSec(): number | null {
    return this.#baseTimeSec;
  }

  /**
   * Reads the next line, with or without its end; null if it holds no interval.
   *
   * The reader goes on after an error as if the line had been empty.
   *
   * @throws {HlogError} if the line is malformed.
   */
  readLine(line: string): HlogInterval | null {
    this.#lineNumber++;
    const parsed = atLine(this.#lineNumber, () => parseHlogLine(line));
    if (parsed.kind === "start_time") this.#startTimeSec = parsed.startTimeSec;
    if (parsed.kind === "base_time") this.#baseTimeSec = parsed.baseTimeSec;
    return parsed.kind === "interval" ? this.#place(parsed) : null;
  }

  /** Counts a line that was not kept because of its length, and returns the error for it. */
  refuseLongLine(lineCharsMax: number): HlogError {
    this.#lineNumber++;
    return new HlogError(
      `Cannot read line ${this.#lineNumber} of the log: it has more than ${lineCharsMax} characters`,
      { reason: "line_length", lineNumber: this.#lineNumber },
    );
  }

  #place(line: HlogIntervalLine): HlogInterval {
    const startTimeSec = this.#startTimeSec ??= line.timestampSec;
    const isRelative = line.timestampSec < startTimeSec - yearSec;
    const baseTimeSec = this.#baseTimeSec ??= isRelative ? startTimeSec : 0;
    // The order of these sums is Java's: other orders round to other milliseconds.
    const startSec = line.timestampSec + baseTimeSec;
    return {
      ...line,
      lineNumber: this.#lineNumber,
      startMs: Math.trunc(startSec * 1000),
      endMs: Math.trunc((startSec + line.lengthSec) * 1000),
      offsetSec: startSec - startTimeSec,
    };
  }
}

const yearSec = 365 * 24 * 3600;

/**
 * The histogram of an interval, with its tag, start and end.
 *
 * @throws {HlogError} if it cannot be decoded; `cause` says why.
 */
export function decodeHlogInterval(interval: HlogInterval): HdrHistogram | DoubleHistogram {
  const histogram = atLine(interval.lineNumber, () => decodeHlogPayload(interval.payload));
  histogram.tag = interval.tag;
  histogram.startMs = interval.startMs;
  histogram.endMs = interval.endMs;
  return histogram;
}

/** How {@linkcode readHlog} reads. */
export interface HlogReadOptions {
  /** `"refuse"` (default): a malformed line is thrown. `"skip"`: it is left out. */
  readonly malformed?: "refuse" | "skip";
  /** Told of each line that is left out. */
  readonly onMalformed?: (error: HlogError) => void;
  /** Told of each comment, without its "#"; not of start and base times. */
  readonly onComment?: (text: string) => void;
  /** Which intervals to decode and yield; all by default. */
  readonly accept?: (interval: HlogInterval) => boolean;
  /** Longer lines are malformed. 2^24 UTF-16 units by default, in which every histogram has room. */
  readonly lineCharsMax?: number;
  /** Takes the times of the log; a new one by default. */
  readonly reader?: HlogReader;
}

/**
 * Reads a log as it arrives, one interval at a time.
 *
 * @throws {HlogError} at the first malformed line, unless they are skipped.
 */
export async function* readHlog(
  source: TextSource,
  options: HlogReadOptions = {},
): AsyncGenerator<HlogRecord, void, void> {
  const { lineCharsMax = 2 ** 24, reader = new HlogReader() } = options;
  for await (const line of readLines(source, lineCharsMax)) {
    try {
      const record = readRecord(line, { ...options, lineCharsMax, reader });
      if (record !== null) yield record;
    } catch (error) {
      if (!(error instanceof HlogError) || options.malformed !== "skip") throw error;
      options.onMalformed?.(error);
    }
  }
}

function readRecord(
  line: string | null,
  options: HlogReadOptions & { lineCharsMax: number; reader: HlogReader },
): HlogRecord | null {
  if (line === null) throw options.reader.refuseLongLine(options.lineCharsMax);
  const interval = options.reader.readLine(line);
  if (interval === null) {
    const parsed = options.onComment && parseHlogLine(line);
    if (parsed?.kind === "comment") options.onComment?.(parsed.text);
    return null;
  }
  if (options.accept?.(interval) === false) return null;
  return { ...interval, histogram: decodeHlogInterval(interval) };
}

/** Runs `read`; its errors say the line. */
function atLine<T>(lineNumber: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof HlogError) {
      throw new HlogError(cause.message.replace("a line", `line ${lineNumber}`), {
        reason: cause.reason,
        lineNumber,
      });
    }
    if (!(cause instanceof HdrDecodeError)) throw cause;
    throw new HlogError(`Cannot read line ${lineNumber} of the log: ${cause.message}`, {
      reason: "histogram",
      lineNumber,
      cause,
    });
  }
}
