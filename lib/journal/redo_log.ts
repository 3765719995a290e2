/**
 * Reads stored redo records in order, part after part, and sees every gap.
 *
 * @module
 */

import { JournalError, toJournalError } from "./journal_error.ts";
import type { JournalKeys } from "./keys.ts";
import { openRecord } from "./record.ts";
import type { Store } from "./store.ts";

/** One stored value of a redo record. */
export interface RedoPart {
  readonly epoch: number;
  /** In [0, parts). */
  readonly part: number;
  readonly parts: number;
  /** A piece of the epoch's entries; not reused. */
  readonly payload: Uint8Array;
  readonly checksum: number;
}

/** Epochs, both inclusive; nothing if `last` < `first`. */
export interface EpochRange {
  readonly first: number;
  readonly last: number;
}

/**
 * All parts of all epochs of the range, ascending; memory is bounded by a list batch.
 *
 * @throws {JournalError} "corrupt" or "newer-format", naming the key and the epoch that is torn or
 * missing.
 */
export async function* readRedoParts(
  store: Store,
  options: { keys: JournalKeys; range: EpochRange },
): AsyncGenerator<RedoPart, void, void> {
  const { keys, range } = options;
  if (range.last < range.first) return;
  let epoch = range.first;
  let part = 0;
  const stored = store.list(keys.redos, {
    start: keys.redoEpoch(range.first),
    end: keys.redoEpoch(range.last + 1),
  });
  try {
    for await (const { key, value } of stored) {
      if (key[3] !== epoch || key[4] !== part) break;
      const record = openRecord(value, { kind: "redo", first: epoch, second: part, key });
      const { payload, parts, checksum } = record;
      yield { epoch, part, parts, payload, checksum };
      part++;
      if (part === record.parts) {
        epoch++;
        part = 0;
      }
    }
  } catch (error) {
    throw toJournalError(error, { action: `Cannot read epoch ${epoch}`, epoch });
  }
  if (epoch <= range.last) {
    throw new JournalError(`Cannot read epoch ${epoch}: part ${part} is missing`, {
      reason: "corrupt",
      key: keys.redo(epoch, part),
      epoch,
    });
  }
}
