/**
 * The errors of this room, by what the catcher will do: choose another range, another configuration, or
 * refuse the sender's bytes.
 *
 * @module
 */

/**
 * A value or a count that does not fit: below 0, above the range, not an integer, or a total above 2^63-1.
 *
 * No count of the histogram has changed by the call.
 *
 * @example
 * ```ts
 * import { HdrHistogram, HdrRangeError } from "@histserv/hdr";
 *
 * const histogram = new HdrHistogram({ highest: 1000 });
 * try {
 *   histogram.record(1e6);
 * } catch (error) {
 *   if (error instanceof HdrRangeError) console.log(error.message);
 * }
 * ```
 */
export class HdrRangeError extends RangeError {
  /** The error's class, as text. */
  override readonly name = "HdrRangeError";
}

/**
 * A configuration that cannot be (digits, lowest, highest), or two that do not go together.
 *
 * @example
 * ```ts
 * import { HdrConfigError, HdrHistogram } from "@histserv/hdr";
 *
 * const fine = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
 * const coarse = new HdrHistogram({ highest: 3_600_000_000, digits: 2 });
 * coarse.record(1_800_000_000);
 * try {
 *   fine.add(coarse); // a bucket of 2 digits does not fit into one of 3
 * } catch (error) {
 *   if (error instanceof HdrConfigError) console.log(error.message);
 * }
 * ```
 */
export class HdrConfigError extends RangeError {
  /** The error's class, as text. */
  override readonly name = "HdrConfigError";
}

/** Why bytes or text are not a histogram. */
export type HdrDecodeReason =
  | "empty"
  | "base64"
  | "cookie"
  | "truncated"
  | "length"
  | "config"
  | "count"
  | "range"
  | "deflate"
  | "too_large";

/**
 * Bytes or text that are not an encoded histogram.
 *
 * Nothing of the sender's choosing has been allocated when this is thrown.
 *
 * @example
 * ```ts
 * import { decodeHdr, HdrDecodeError } from "@histserv/hdr";
 *
 * try {
 *   decodeHdr(new Uint8Array([1, 2, 3, 4]));
 * } catch (error) {
 *   if (error instanceof HdrDecodeError) console.log(error.reason, error.offset); // cookie 0
 * }
 * ```
 */
export class HdrDecodeError extends RangeError {
  /** The error's class, as text. */
  override readonly name = "HdrDecodeError";
  /** What is wrong. */
  readonly reason: HdrDecodeReason;
  /** Where, in bytes from the start of what was being read (the inflated bytes for what is inside of them). */
  readonly offset: number;

  /** An error at `options.offset`; `message` says the action, then the state. */
  constructor(
    message: string,
    options: { reason: HdrDecodeReason; offset: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.offset = options.offset;
  }
}
