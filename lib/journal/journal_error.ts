/**
 * The one error of this room.
 *
 * @module
 */

import { formatKey, StoreError, type StoreKey } from "./store.ts";

/**
 * What is wrong: "corrupt": a checksum, gap or contradiction; "newer-format": written by a later
 * version; "foreign": not ours; "truncated": less is stored than once was; "full" and "io": the disk
 * refused, the same batch may be committed again; "conflict": another process writes to the store.
 */
export type JournalErrorReason =
  | "corrupt"
  | "newer-format"
  | "foreign"
  | "truncated"
  | "full"
  | "io"
  | "conflict";

/** The journal cannot be read, or did not take what it was given. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly reason: JournalErrorReason;
  /** The key it is about, or `null`. */
  readonly key: StoreKey | null;
  /** The epoch it is about, or `null`. */
  readonly epoch: number | null;

  constructor(
    message: string,
    options: {
      reason: JournalErrorReason;
      key?: StoreKey | null;
      epoch?: number | null;
      cause?: unknown;
    },
  ) {
    const key = options.key ?? null;
    super(key ? `${message} (key ${formatKey(key)})` : message, { cause: options.cause });
    this.reason = options.reason;
    this.key = key;
    this.epoch = options.epoch ?? null;
  }
}

/** Translates a store's error at this room's border; others pass unchanged. */
export function toJournalError(
  error: unknown,
  options: { action: string; epoch?: number },
): unknown {
  if (!(error instanceof StoreError)) return error;
  return new JournalError(`${options.action}: ${error.message}`, {
    reason: error.reason === "other" ? "io" : error.reason,
    epoch: options.epoch ?? null,
    cause: error,
  });
}
