/**
 * Why something cannot be written as HDF5.
 *
 * @module
 */

/** What stands in the way; `cause` of a refusal, not of a broken disk. */
export type Hdf5ErrorReason =
  /** A name that HDF5 cannot hold: empty, with a slash where a group is named, with NUL, or too long. */
  | "name"
  /** A value that HDF5 or UHI cannot hold: a string with NUL, a list as metadata, an integer of 65 bits. */
  | "value"
  /** A chunk that is no part of the histogram: another number of cells, an index out of range. */
  | "chunk"
  /** A chunk or a group that was there before. */
  | "duplicate"
  /** More than the format can count. */
  | "too_large";

/** Something cannot be written as HDF5; the file is unusable, and whoever gave the sink removes it. */
export class Hdf5Error extends RangeError {
  override readonly name = "Hdf5Error";
  /** What stands in the way. */
  readonly reason: Hdf5ErrorReason;

  constructor(message: string, options: { reason: Hdf5ErrorReason; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}
