/**
 * Writes histogram logs (`.hlog`) of format version 1.3, as Java 2.2.2's `HistogramLogWriter` does: the same bytes, but
 * for those that the compressor chooses. Times of day are in UTC.
 *
 * @module
 */

import { encodeHlogPayload } from "./hlog_payload.ts";
import type { DoubleHistogram } from "./double_histogram.ts";
import { formatFixedJava } from "./fixed_text.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";

/** The line that names the columns of a log. */
export const hlogLegend =
  '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"';

/** What to write besides the histogram, where the histogram does not say it itself. */
export interface HlogIntervalOptions {
  /** Milliseconds since 1970. */
  readonly startMs?: number;
  /** Milliseconds since 1970. */
  readonly endMs?: number;
  /** Null for none. */
  readonly tag?: string | null;
  /** The third column is the histogram's maximum divided by this; 1,000,000 by default: ns to ms. */
  readonly maxUnit?: number;
}

/**
 * Writes the lines of a log, each with its end, to `write`.
 *
 * @example
 * ```ts
 * import { HdrHistogram, HlogWriter } from "@histserv/hdr";
 *
 * const histogram = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
 * histogram.record(1_500_000);
 * let text = "";
 * const writer = new HlogWriter((line) => text += line);
 * writer.writeVersion();
 * writer.writeStartTime(1_700_000_000_000);
 * writer.writeLegend();
 * writer.writeInterval(histogram, { startMs: 1_700_000_000_000, endMs: 1_700_000_001_000 });
 * ```
 */
export class HlogWriter {
  readonly #write: (line: string) => void;
  #baseMs = 0;

  /** Lines go to `write`, one call a line. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Writes `text` behind "#"; each line of it becomes a comment. */
  writeComment(text: string): void {
    for (const line of text.split(/\r\n|\n|\r/)) this.#write(`#${line}\n`);
  }

  /** Writes the version of the format as a comment. */
  writeVersion(): void {
    this.writeComment("[Histogram log format version 1.3]");
  }

  /**
   * Writes when the log starts, milliseconds since 1970.
   *
   * @throws {RangeError} if it is no time.
   */
  writeStartTime(startMs: number): void {
    const seconds = formatFixedJava(startMs / 1000, 3);
    this.writeComment(`[StartTime: ${seconds} (seconds since epoch), ${formatTimeOfDay(startMs)}]`);
  }

  /** Writes the base time, milliseconds since 1970; times of intervals are relative to it from here on. */
  writeBaseTime(baseMs: number): void {
    this.writeComment(`[BaseTime: ${formatFixedJava(baseMs / 1000, 3)} (seconds since epoch)]`);
    this.#baseMs = baseMs;
  }

  /** Writes the names of the columns. */
  writeLegend(): void {
    this.#write(`${hlogLegend}\n`);
  }

  /**
   * Writes `histogram`; tag, start and end are its own unless `options` say others. A time that neither knows is 0.
   *
   * @throws {RangeError} if the tag has a comma, a space or a line break.
   */
  writeInterval(
    histogram: HdrHistogram | DoubleHistogram,
    options: HlogIntervalOptions = {},
  ): void {
    const tag = options.tag === undefined ? histogram.tag : options.tag;
    if (tag !== null && /[, \r\n]/.test(tag)) {
      throw new RangeError(
        `Cannot write interval: tag ${JSON.stringify(tag)} has a comma, a space or a line break`,
      );
    }
    const startSec = ((options.startMs ?? histogram.startMs ?? 0) - this.#baseMs) / 1000;
    const endSec = ((options.endMs ?? histogram.endMs ?? 0) - this.#baseMs) / 1000;
    const columns = [startSec, endSec - startSec, histogram.max / (options.maxUnit ?? 1e6)]
      .map((value) => formatFixedJava(value, 3));
    const prefix = tag === null ? "" : `Tag=${tag},`;
    this.#write(`${prefix}${columns.join(",")},${encodeHlogPayload(histogram)}\n`);
  }
}

/** As Java's `Date.toString` in UTC: "Tue Nov 14 22:13:20 UTC 2023". */
function formatTimeOfDay(timeMs: number): string {
  // "2023-11-14T22:13:20.000Z", and "Tue, 14 Nov 2023 22:13:20 GMT".
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) throw new RangeError(`Cannot write start time: ${timeMs} ms`);
  const [weekday, day, month, year, time] = date.toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
