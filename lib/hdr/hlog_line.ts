/**
 * One line of a histogram log (`.hlog`), without decoding its histogram. As Java 2.2.2's `HistogramLogScanner`, fields
 * end at a comma, a blank or the end of the line, and fields behind the histogram are ignored.
 *
 *     #[StartTime: 1700000000.000 (seconds since epoch), …]     start time, base time, or any comment
 *     "StartTimestamp","Interval_Length",…                      legend
 *     Tag=A,0.127,1.007,2.769,HISTFAAA…                         [tag,] start (s), length (s), max, histogram (base64)
 *
 * @module
 */

/** What is wrong with a line of a histogram log. */
export type HlogErrorReason = "fields" | "number" | "histogram" | "line_length";

/**
 * Thrown for a line of a histogram log that cannot be read.
 *
 * @example
 * ```ts
 * import { HlogError, HlogReader } from "@histserv/hdr";
 *
 * try {
 *   new HlogReader().readLine("<html>");
 * } catch (error) {
 *   if (error instanceof HlogError) console.log(error.lineNumber, error.reason); // 1 fields
 * }
 * ```
 */
export class HlogError extends SyntaxError {
  /** The error's class, as text. */
  override readonly name = "HlogError";
  /** What is wrong. */
  readonly reason: HlogErrorReason;
  /** Counted from 1; 0 if the line was read alone. */
  readonly lineNumber: number;

  /** An error in a line; `message` says the action, then the state. */
  constructor(
    message: string,
    options: { reason: HlogErrorReason; lineNumber?: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.lineNumber = options.lineNumber ?? 0;
  }
}

/** A line that holds a histogram. */
export interface HlogIntervalLine {
  /** Tells it apart from other lines. */
  readonly kind: "interval";
  /** Null if the line has no tag. */
  readonly tag: string | null;
  /** Seconds, since the epoch or since the base time of the log. */
  readonly timestampSec: number;
  /** Seconds from start to end. */
  readonly lengthSec: number;
  /** As the line says it, usually in ms; nobody checks it against the histogram. */
  readonly maxValue: number;
  /** Base64 of a compressed histogram, not looked at. */
  readonly payload: string;
}

/** A line of a histogram log. */
export type HlogLine =
  | { readonly kind: "blank" }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "start_time"; readonly startTimeSec: number }
  | { readonly kind: "base_time"; readonly baseTimeSec: number }
  | { readonly kind: "legend" }
  | HlogIntervalLine;

const decimalPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads one line, with or without its end.
 *
 * A start or base time without a number is a comment, as in Java. Start and length may be negative.
 *
 * @throws {HlogError} if it is none of these lines.
 */
export function parseHlogLine(line: string): HlogLine {
  const text = line.replace(/^[ \r\n\uFEFF]+|[ \r\n]+$/g, "");
  if (text === "") return { kind: "blank" };
  if (text[0] === "#") return parseComment(text);
  if (text.startsWith('"StartTimestamp"')) return { kind: "legend" };
  // Five fields at most are looked at, however many commas the line has.
  const fields = text.split(/[ ,\r]/, 6);
  const tag = fields[0]!.startsWith("Tag=") ? fields.shift()!.slice(4) : null;
  if (fields.length < 4 || fields[3] === "") {
    throw new HlogError(
      `Cannot read a line of the log: need start, length, max and histogram, have ${fields.length} fields`,
      { reason: "fields" },
    );
  }
  return {
    kind: "interval",
    tag,
    timestampSec: parseDecimal(fields[0]!, "start"),
    lengthSec: parseDecimal(fields[1]!, "length"),
    maxValue: parseDecimal(fields[2]!, "max"),
    payload: fields[3]!,
  };
}

function parseComment(text: string): HlogLine {
  const time = /^#\[(StartTime|BaseTime):[ ,]([^ ,\r]+)/.exec(text);
  if (time !== null && decimalPattern.test(time[2]!)) {
    const seconds = Number(time[2]);
    if (time[1] === "StartTime") return { kind: "start_time", startTimeSec: seconds };
    return { kind: "base_time", baseTimeSec: seconds };
  }
  return { kind: "comment", text: text.slice(1) };
}

function parseDecimal(field: string, name: string): number {
  const value = decimalPattern.test(field) ? Number(field) : NaN;
  if (!Number.isFinite(value)) {
    const shown = field.length > 40 ? field.slice(0, 40) + "…" : field;
    throw new HlogError(
      `Cannot read a line of the log: ${name} is "${shown}", need a decimal number`,
      { reason: "number" },
    );
  }
  return value;
}
