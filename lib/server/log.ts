/**
 * The only door of the server to the console: the log on standard error, answers such as `--help` on standard
 * output.
 *
 * A line is written at once and whole, so that lines of several threads do not mix. Fields that carry
 * credentials are never printed.
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";

/** In rising order of weight. */
export const logLevels = ["debug", "info", "warning", "error", "critical"] as const;

/** How much a line matters. */
export type LogLevel = (typeof logLevels)[number];

/** `text` for people, `json` for machines. */
export type LogFormat = "text" | "json";

/** What a line tells besides its message. Durations and sizes carry their unit in the name. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | bigint | null | undefined>
>;

/** Writes lines of its level or above. */
export interface Logger {
  readonly level: LogLevel;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  critical(message: string, fields?: LogFields): void;
}

/** How a {@linkcode Logger} looks and where it writes. */
export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Takes one line with its newline; standard error by default. */
  readonly write?: (line: string) => void;
}

/** Fields of these names are credentials, whatever they hold. */
const secretField = /^(.*_)?(token|tokens|password|secret|authorization|x-histserv-token)$/i;
const redacted = "[redacted]";

/** Makes a logger; threads make one each from the same options. */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? writeError;
  const format = options.format === "json" ? formatJson : formatText;
  const least = logLevels.indexOf(options.level);
  function log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (logLevels.indexOf(level) < least) return;
    const time = new Date(options.clock.wallMs()).toISOString();
    write(`${format({ time, level, message, fields })}\n`);
  }
  return {
    level: options.level,
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warning: (message, fields) => log("warning", message, fields),
    error: (message, fields) => log("error", message, fields),
    critical: (message, fields) => log("critical", message, fields),
  };
}

/** Prints what the user asked for, such as `--help`, to standard output. */
export function printLine(text: string): void {
  writeWhole(Deno.stdout, `${text}\n`);
}

/** Prints why the program ends to standard error. */
export function printError(text: string): void {
  writeError(`histserv: ${text}\n`);
}

interface LogLine {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function formatText(line: LogLine): string {
  let text = `${line.time} ${line.level.padEnd(8)} ${escapeControls(line.message)}`;
  for (const [name, value] of Object.entries(line.fields)) {
    if (value === undefined) continue;
    text += ` ${name}=${quoteValue(secretField.test(name) ? redacted : String(value))}`;
  }
  return text;
}

function formatJson(line: LogLine): string {
  const record: Record<string, unknown> = {
    time: line.time,
    level: line.level,
    message: line.message,
  };
  for (const [name, value] of Object.entries(line.fields)) {
    if (value === undefined) continue;
    // A field cannot replace the line's own three.
    const key = name in record ? `${name}_` : name;
    record[key] = secretField.test(name)
      ? redacted
      : typeof value === "bigint"
      ? value.toString()
      : value;
  }
  return JSON.stringify(record);
}

/** As it is where that is one word, else as a JSON string. */
function quoteValue(text: string): string {
  return /^[^\s"=\\\p{C}]+$/u.test(text) ? text : escapeControls(JSON.stringify(text));
}

/** A peer's text must not begin a line of its own or move the terminal's cursor. */
function escapeControls(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function writeError(text: string): void {
  writeWhole(Deno.stderr, text);
}

/** A reader that went away must not end the server: what cannot be written is dropped. */
function writeWhole(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch {
    // Broken or full pipe.
  }
}
