/**
 * The values of options: from text to typed, with errors that name the option, the value and what is allowed.
 *
 * @module
 */

import { formatByteSize, parseByteSize } from "./byte_size.ts";
import { type LogFormat, type LogLevel, logLevels } from "./log.ts";
import { OptionError } from "./start_error.ts";

/** When a fill is answered. */
export type Durability =
  /** After the commit that holds it. */
  | { readonly kind: "commit" }
  /** At once; committed at most `intervalMs` later. */
  | { readonly kind: "interval"; readonly intervalMs: number }
  /** At once; nothing reaches the disk. */
  | { readonly kind: "none" };

/** A text and where it was given: `--port`, `-p` or `HISTSERV_PORT`. */
export interface GivenValue {
  readonly text: string;
  readonly origin: string;
}

/** The longest that an interval or an age may be: about 31 years, far below the clock's 2^53 ms. */
const secondsMax = 1e9;

/** @throws {OptionError} always. */
export function refuseValue(given: GivenValue, allowed: string): never {
  throw new OptionError(`Cannot use ${given.origin} "${given.text}": expected ${allowed}`);
}

/** An integer in [min, max]. */
export function integerValue(given: GivenValue, range: { min: number; max: number }): number {
  const value = /^\d+$/.test(given.text) ? Number(given.text) : NaN;
  if (!(value >= range.min && value <= range.max)) {
    refuseValue(given, `a whole number from ${range.min} to ${range.max}`);
  }
  return value;
}

/** Seconds, fractions allowed, in (0, 1e9], or from 0 on where 0 means never. */
export function secondsValue(given: GivenValue, options: { zeroMeansNever: boolean }): number {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given.text) ? Number(given.text) : NaN;
  if (!(value <= secondsMax && (value > 0 || (value === 0 && options.zeroMeansNever)))) {
    refuseValue(
      given,
      options.zeroMeansNever
        ? `seconds from 0 (never) to ${secondsMax}`
        : `seconds above 0, at most ${secondsMax}`,
    );
  }
  return value;
}

/** A size in [min, max] bytes. */
export function sizeValue(given: GivenValue, range: { min: number; max: number }): number {
  const bytes = parseByteSize(given.text);
  if (bytes === null || bytes < range.min || bytes > range.max) {
    refuseValue(
      given,
      `a size from ${formatByteSize(range.min)} to ${
        formatByteSize(range.max)
      }, such as 512MiB, 4GB or 1073741824`,
    );
  }
  return bytes;
}

/** `commit`, `none`, or `interval=MS` with MS in [1, 3600000]. */
export function durabilityValue(given: GivenValue): Durability {
  if (given.text === "commit") return { kind: "commit" };
  if (given.text === "none") return { kind: "none" };
  const match = /^interval=(\d+)(?:ms)?$/.exec(given.text);
  const intervalMs = Number(match?.[1] ?? 0);
  if (intervalMs < 1 || intervalMs > 3_600_000) {
    refuseValue(given, "commit, none or interval=MS with MS from 1 to 3600000");
  }
  return { kind: "interval", intervalMs };
}

/** A level in any case, so that Python's upper-case names pass; `warn` is a warning. */
export function logLevelValue(given: GivenValue): LogLevel {
  const name = given.text.toLowerCase();
  const level = name === "warn" ? "warning" : logLevels.find((known) => known === name);
  return level ?? refuseValue(given, logLevels.join(", "));
}

/** `text` or `json`. */
export function logFormatValue(given: GivenValue): LogFormat {
  if (given.text === "text" || given.text === "json") return given.text;
  refuseValue(given, "text or json");
}

/** A flag's word in the environment or after `=`. */
export function flagValue(given: GivenValue): boolean {
  const word = given.text.toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off", ""].includes(word)) return false;
  refuseValue(given, "1, true, yes, on, or 0, false, no, off");
}

/** A path that is not empty and holds no NUL. */
export function pathValue(given: GivenValue): string {
  if (given.text === "" || given.text.includes("\0")) refuseValue(given, "a path");
  return given.text;
}

/** An address or a name without port; `[::1]` loses its brackets. */
export function hostValue(given: GivenValue): string {
  const host = given.text.replace(/^\[(.*)\]$/, "$1");
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host);
  const isV6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(%[a-z0-9]+)?$/i.test(host);
  if (!isName && !isV6) {
    refuseValue(given, "an address or a host name without port, such as 127.0.0.1, ::1 or 0.0.0.0");
  }
  return host.toLowerCase();
}

/** Whether only this machine can reach `host`: `localhost`, 127.0.0.0/8 or ::1 (RFC 6890 §2.2.2, §2.2.3). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** An origin as browsers send it (RFC 6454 §6.2): scheme, host and perhaps port; or `*`. */
export function originValue(given: GivenValue): string {
  if (given.text === "*") return "*";
  const url = URL.canParse(given.text) ? new URL(given.text) : null;
  const isWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:");
  if (
    !isWeb ||
    (given.text.toLowerCase() !== url.origin && given.text.toLowerCase() !== `${url.origin}/`)
  ) {
    refuseValue(
      given,
      "an origin without path, such as https://example.org or http://localhost:3000",
    );
  }
  return url.origin;
}
