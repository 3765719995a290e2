/**
 * Durability by redo records and pages over a {@linkcode Store}: one epoch, one logical commit.
 *
 * Content is numbered *groups* that hold *members*: byte arrays, written at absolute offsets. A commit
 * stores one epoch's writes as a redo record; a checkpoint folds redo records into pages later. What
 * counts is what the manifest names, and the manifest changes by compare-and-set: an epoch is there
 * wholly or not at all.
 *
 *     commit      check manifest · set manifest (epoch n) · set redo n/0 … n/k      one atomic
 *     larger      check manifest · set redo n/0 …          then the above           several atomics
 *     checkpoint  see fold.ts
 *
 * One process writes, one call at a time.
 *
 * @module
 */

import { assert, type Clock } from "../base/mod.ts";
import type { FailpointHook } from "./failpoints.ts";
import { Fold } from "./fold.ts";
import type { FoldLimits } from "./fold_context.ts";
import { JournalError, toJournalError } from "./journal_error.ts";
import { JournalKeys } from "./keys.ts";
import { addPartChecksum } from "./manifest.ts";
import type { ManifestWriter } from "./manifest_writer.ts";
import { type ExpectedStore, openManifest } from "./open_manifest.ts";
import type { RedoBatch } from "./redo.ts";
import { recordHeadBytes } from "./record.ts";
import { type ReplayReport, replayStore, type ReplayVisitor } from "./replay.ts";
import { setBytes, type Store, type StoreKey, type StoreSet } from "./store.ts";

/** When and how a journal works. */
export interface JournalOptions {
  readonly clock: Clock;
  /** In [0, 2^32). Default 1. */
  readonly node?: number;
  /** What the store must hold: known from elsewhere, as from the marker file. */
  readonly expected?: ExpectedStore;
  readonly failpoint?: FailpointHook;
  /** A checkpoint is due from so many redo bytes on. Default 128 MiB. */
  readonly checkpointBytes?: number;
  /** A checkpoint is due from so many redo entries on. Default 200,000. */
  readonly checkpointEntries?: number;
  /** Of a store's creation; later that of the store counts. In [64, 61440]. Default 32 KiB. */
  readonly pageBytes?: number;
  /** How much one {@linkcode Journal.checkpointIfDue} does. */
  readonly foldLimits?: Partial<FoldLimits>;
}

const nodeDefault = 1;
const pageBytesDefault = 32_768;
const pageBytesMax = 61_440;
/** Redo bytes that make a checkpoint due, unless told otherwise. */
export const checkpointBytesDefault: number = 128 * 2 ** 20;
const checkpointEntriesDefault = 200_000;
const foldLimitsDefault: FoldLimits = {
  foldBytesMax: 128 * 2 ** 20,
  sliceBytesMax: 800 * 2 ** 10,
  sliceMutationsMax: 256,
  sliceMsMax: 50,
};
/** Room for the manifest's key and value in an atomic commit. */
const manifestBytes = 256;

/** The open journal of one node. */
export class Journal {
  readonly #store: Store;
  readonly #keys: JournalKeys;
  readonly #manifest: ManifestWriter;
  readonly #options: JournalOptions;
  readonly #failpoint: FailpointHook;
  /** Redo records may be stored that the manifest does not count. */
  #hasStrays = true;
  #fold: Fold | null = null;
  #isBusy = false;

  private constructor(
    store: Store,
    options: { keys: JournalKeys; manifest: ManifestWriter; journal: JournalOptions },
  ) {
    this.#store = store;
    this.#keys = options.keys;
    this.#manifest = options.manifest;
    this.#options = options.journal;
    this.#failpoint = options.journal.failpoint ?? (() => {});
  }

  /**
   * Opens what `store` holds, or begins in an empty store. Of a store with content only the manifest is
   * read; {@linkcode replay} checks the rest.
   *
   * @throws {JournalError} any reason.
   * @throws {RangeError} if an option is out of its range.
   */
  static async open(store: Store, options: JournalOptions): Promise<Journal> {
    const { node = nodeDefault, pageBytes = pageBytesDefault, expected } = options;
    if (!(Number.isInteger(pageBytes) && pageBytes >= 64 && pageBytes <= pageBytesMax)) {
      throw new RangeError(`Cannot use pages of ${pageBytes} bytes: outside [64, ${pageBytesMax}]`);
    }
    if (!(Number.isInteger(node) && node >= 0 && node < 2 ** 32)) {
      throw new RangeError(`Cannot use node ${node}: not an integer in [0, 2^32)`);
    }
    const keys = new JournalKeys(node);
    let manifest: ManifestWriter;
    try {
      manifest = await openManifest(store, { keys, node, pageBytes, expected, ...options });
    } catch (error) {
      throw toJournalError(error, { action: "Cannot open the journal" });
    }
    return new Journal(store, { keys, manifest, journal: options });
  }

  /** The last epoch that is durable, 0 before the first. */
  get epoch(): number {
    return this.#manifest.current.lastEpoch;
  }

  /** 32 hexadecimal digits, given at the store's creation. */
  get storeId(): string {
    return this.#manifest.current.storeId;
  }

  get node(): number {
    return this.#manifest.current.node;
  }

  /** Rises with every atomic commit that counts. */
  get seq(): number {
    return this.#manifest.current.seq;
  }

  /** Wall clock of the store's creation. */
  get createdWallMs(): number {
    return this.#manifest.current.createdWallMs;
  }

  /** The highest group ever named, removed ones included; the next group must be higher. */
  get groupMax(): number {
    return this.#manifest.current.groupMax;
  }

  /** Bytes of the redo records that no checkpoint has folded yet. */
  get redoBytes(): number {
    return this.#manifest.current.redoBytes;
  }

  get isCheckpointDue(): boolean {
    const { checkpointBytes, checkpointEntries } = this.#options;
    const { redoBytes, redoEntries } = this.#manifest.current;
    return this.#fold !== null || redoBytes >= (checkpointBytes ?? checkpointBytesDefault) ||
      redoEntries >= (checkpointEntries ?? checkpointEntriesDefault);
  }

  /**
   * Tells `visitor` all that is stored, see {@linkcode replayStore}. Memory is bounded by a list batch.
   *
   * @throws {JournalError} "corrupt", "newer-format" or "io". What was told before is right, but not all.
   */
  replay(visitor: ReplayVisitor): Promise<ReplayReport> {
    return this.#exclusively(() =>
      replayStore(this.#store, {
        keys: this.#keys,
        manifest: this.#manifest.current,
        visitor,
      })
    );
  }

  /**
   * Stores `batch` as the next epoch; on disk when it resolves. An empty batch is nothing.
   *
   * `batch` must not change meanwhile. After an error the epoch is not there, or, if the store could not
   * be read back, may be there wholly; commit the same batch, or one that goes on from it, again.
   *
   * @throws {JournalError} "full", "io" or "conflict".
   */
  commit(batch: RedoBatch): Promise<void> {
    if (batch.isEmpty) return Promise.resolve();
    return this.#exclusively(() => this.#commit(batch));
  }

  async #commit(batch: RedoBatch): Promise<void> {
    await this.#manifest.settle();
    const current = this.#manifest.current;
    const epoch = current.lastEpoch + 1;
    if (this.#hasStrays) await this.#deleteStrays();
    this.#failpoint("journal.before-commit");
    const values = batch.seal(epoch);
    let lastChecksum = 0;
    const sets = values.map((value, part) => {
      lastChecksum = addPartChecksum(lastChecksum, partChecksum(value));
      return { key: this.#keys.redo(epoch, part), value };
    });
    const atomics = this.#cutAtomics(sets);
    for (const early of atomics.slice(0, -1)) {
      this.#hasStrays = true;
      await this.#commitStrays(early, []);
      this.#failpoint("journal.between-parts");
    }
    await this.#manifest.advance({
      lastEpoch: epoch,
      lastParts: values.length,
      lastChecksum,
      redoBytes: current.redoBytes + batch.byteLength,
      redoEntries: current.redoEntries + batch.entryCount,
      groupMax: Math.max(current.groupMax, batch.groupMax),
    }, { sets: atomics.at(-1)!, deletes: [] });
    this.#hasStrays = false;
    this.#failpoint("journal.after-commit");
  }

  /**
   * Finds out what became of a commit whose answer was lost: true if its epoch is there after all.
   *
   * @throws {JournalError} "io" if the store cannot be read either; ask again later.
   */
  settle(): Promise<boolean> {
    return this.#exclusively(() => this.#manifest.settle());
  }

  /**
   * Does one slice of a checkpoint, if one is due or under way; true if more is to be done. A slice ends
   * with at most one atomic commit. Call it between commits. With `early`, anything to fold is due: it
   * makes room on a disk that is full.
   *
   * @throws {JournalError} nothing is lost; call it again later.
   */
  async checkpointIfDue(options: { early?: boolean } = {}): Promise<boolean> {
    const isEarly = options.early === true && this.#manifest.current.redoEntries > 0;
    if (!this.isCheckpointDue && !isEarly) return false;
    return await this.#exclusively(() => this.#foldSlice());
  }

  /** Folds all redo records into pages, as before a long rest. @throws {JournalError} */
  async checkpoint(): Promise<void> {
    if (this.#hasStrays) await this.#exclusively(() => this.#deleteStrays());
    while (this.#fold || this.#manifest.current.redoEntries > 0) {
      await this.#exclusively(() => this.#foldSlice());
    }
  }

  /** Closes the store. No call may be under way. */
  close(): Promise<void> {
    return this.#exclusively(() => {
      this.#store.close();
      return Promise.resolve();
    });
  }

  async #foldSlice(): Promise<boolean> {
    await this.#manifest.settle();
    const fold = this.#fold ??= new Fold({
      store: this.#store,
      keys: this.#keys,
      manifest: this.#manifest,
      clock: this.#options.clock,
      failpoint: this.#failpoint,
      limits: { ...foldLimitsDefault, ...this.#options.foldLimits },
    });
    try {
      if (await fold.step()) this.#fold = null;
    } catch (error) {
      if (!fold.isResumable) {
        this.#fold = null;
        this.#hasStrays = true;
      }
      throw error;
    }
    return this.isCheckpointDue;
  }

  /** Sets in atomics of the store's limits; the last one has room for the manifest. */
  #cutAtomics(sets: readonly StoreSet[]): StoreSet[][] {
    const { commitBytesMax, mutationsMax } = this.#store.limits;
    const atomics: StoreSet[][] = [[]];
    let bytes = manifestBytes;
    for (const set of sets) {
      if (bytes + setBytes(set) > commitBytesMax || atomics.at(-1)!.length + 1 >= mutationsMax) {
        atomics.push([]);
        bytes = manifestBytes;
      }
      atomics.at(-1)!.push(set);
      bytes += setBytes(set);
    }
    return atomics;
  }

  /** Deletes what a crash or a failed commit left outside of the live epochs. */
  async #deleteStrays(): Promise<void> {
    await this.#manifest.settle();
    const { firstLiveEpoch, lastEpoch } = this.#manifest.current;
    const ranges = [
      { end: this.#keys.redoEpoch(firstLiveEpoch) },
      { start: this.#keys.redoEpoch(lastEpoch + 1) },
    ];
    const deletesMax = Math.min(
      this.#options.foldLimits?.sliceMutationsMax ?? foldLimitsDefault.sliceMutationsMax,
      this.#store.limits.mutationsMax,
    );
    try {
      for (const range of ranges) {
        let deletes: StoreKey[] = [];
        for await (const { key } of this.#store.list(this.#keys.redos, range)) {
          deletes.push(key);
          if (deletes.length < deletesMax) continue;
          await this.#commitStrays([], deletes);
          deletes = [];
        }
        if (deletes.length > 0) await this.#commitStrays([], deletes);
      }
    } catch (error) {
      throw toJournalError(error, { action: "Cannot delete what a crash left" });
    }
    this.#hasStrays = false;
  }

  /** Commits what does not count yet, or no more; on condition that nobody else writes. */
  async #commitStrays(sets: readonly StoreSet[], deletes: readonly StoreKey[]): Promise<void> {
    const checks = [this.#manifest.check];
    const result = await this.#store.commit({ checks, sets, deletes });
    if (result.status === "ok") return;
    const epoch = this.epoch + 1;
    if (result.status === "unknown") {
      throw toJournalError(result.error, { action: `Cannot commit epoch ${epoch}`, epoch });
    }
    throw new JournalError(`Cannot commit epoch ${epoch}: another process writes to the store`, {
      reason: "conflict",
      key: this.#keys.manifest,
      epoch,
    });
  }

  async #exclusively<T>(call: () => Promise<T>): Promise<T> {
    assert(!this.#isBusy, "Two calls of a journal at once");
    this.#isBusy = true;
    try {
      return await call();
    } finally {
      this.#isBusy = false;
    }
  }
}

/** The checksum that the head of a sealed value carries, see record.ts. */
function partChecksum(value: Uint8Array): number {
  assert(value.length > recordHeadBytes, "A redo value without entries");
  return new DataView(value.buffer, value.byteOffset).getUint32(8, true);
}
