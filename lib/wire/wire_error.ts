/**
 * How decoding of a protobuf message fails.
 *
 * @module
 */

/**
 * - `truncated`: a value reaches beyond the end of its message.
 * - `varint`: a varint is longer than ten bytes, or a length or tag does not fit 32 bits.
 * - `tag`: field number 0, wire type 6 or 7, or an end of a group that never began.
 * - `group`: a group ends under another number, or groups nest too deep.
 * - `utf8`: a string is not UTF-8.
 */
export type WireErrorReason = "truncated" | "varint" | "tag" | "group" | "utf8";

/** The bytes are no protobuf message. */
export class WireError extends SyntaxError {
  /** The class, for messages. */
  override readonly name = "WireError";
  /** What is wrong. */
  readonly reason: WireErrorReason;
  /** Where, in bytes from the start of the message; in [0, length]. */
  readonly offset: number;

  /** `message` is the state; the action is always decoding. */
  constructor(
    message: string,
    options: { reason: WireErrorReason; offset: number; cause?: unknown },
  ) {
    super(`Cannot decode message: ${message} at byte ${options.offset}`, { cause: options.cause });
    this.reason = options.reason;
    this.offset = options.offset;
  }
}
