/**
 * A checkpoint: folds a fixed range of epochs into pages, then drops their redo records.
 *
 *     scan ──► remove ──► pages ──► drop ──► done
 *
 * - scan: reads the redo records of the range, a slice at a time.
 * - remove: deletes the pages of removed groups.
 * - pages: stores what the range leaves of each page it wrote to.
 * - drop: moves the manifest's first live epoch on and deletes the redo records before it.
 *
 * Every slice is one atomic commit with the manifest, and the directories match the pages after each.
 * A crash between two slices is harmless: the redo records that still stand are replayed over newer
 * pages, and as they are absolute, the end is the same.
 *
 * @module
 */

import type { FoldContext } from "./fold_context.ts";
import { FoldIndex, type PageJob } from "./fold_index.ts";
import { toJournalError } from "./journal_error.ts";
import { PageDirectory, pagesPerBlock } from "./page_directory.ts";
import { RedoReader } from "./redo.ts";
import { readRedoParts, type RedoPart } from "./redo_log.ts";
import { buildPageSlice, type PageSlice } from "./page_slice.ts";
import { keyBytes, type StoreKey } from "./store.ts";

/** What the scan learned of one epoch. */
interface ScannedEpoch {
  readonly epoch: number;
  readonly parts: number;
  readonly bytes: number;
  readonly entries: number;
}

/** One checkpoint under way. Commits may come between its slices; they are not part of its range. */
export class Fold {
  readonly #context: FoldContext;
  readonly #parts: AsyncGenerator<RedoPart, void, void>;
  readonly #index: FoldIndex;
  readonly #epochs: ScannedEpoch[] = [];
  #phase: "scan" | "remove" | "pages" | "drop" | "done" = "scan";
  #scannedBytes = 0;
  /** Of the epoch whose parts are being scanned. */
  #reader: RedoReader | null = null;
  #epochBytes = 0;
  #removed: number[] = [];
  #jobs: PageJob[] = [];
  #nextJob = 0;
  /** Of the group that the next slice may go on with. */
  #directories: ReadonlyMap<string, PageDirectory> = new Map();
  /** Redo keys below the first live epoch that are still stored. */
  #leftover: StoreKey[] = [];

  /** Covers what is committed now. */
  constructor(context: FoldContext) {
    const { firstLiveEpoch, lastEpoch, pageBytes } = context.manifest.current;
    this.#context = context;
    this.#index = new FoldIndex(pageBytes);
    this.#parts = readRedoParts(context.store, {
      keys: context.keys,
      range: { first: firstLiveEpoch, last: lastEpoch },
    });
  }

  /** After a failed step: whether another may be tried; else a new fold must begin. */
  get isResumable(): boolean {
    return this.#phase !== "scan" && !this.#context.manifest.isUncertain;
  }

  /**
   * Does one slice: at most one atomic commit. True when the checkpoint is complete.
   *
   * @throws {JournalError}
   */
  async step(): Promise<boolean> {
    if (this.#phase === "scan") await this.#scan();
    else if (this.#phase === "remove") await this.#removeGroups();
    else if (this.#phase === "pages") await this.#storePages();
    else if (this.#phase === "drop") await this.#dropRedo();
    return this.#phase === "done";
  }

  async #scan(): Promise<void> {
    const { clock, limits } = this.#context;
    const startMs = clock.monotonicMs();
    let sliceBytes = 0;
    while (
      sliceBytes < limits.sliceBytesMax && clock.monotonicMs() - startMs < limits.sliceMsMax
    ) {
      const isFull = this.#reader === null && this.#scannedBytes >= limits.foldBytesMax;
      const next = isFull ? null : await this.#parts.next();
      if (!next || next.done) {
        await this.#parts.return();
        this.#removed = this.#index.removedGroups();
        this.#jobs = this.#index.takePageJobs();
        this.#phase = "remove";
        return;
      }
      this.#scanPart(next.value);
      sliceBytes += next.value.payload.length;
    }
  }

  #scanPart({ epoch, part, parts, payload }: RedoPart): void {
    const reader = this.#reader ??= new RedoReader(epoch, this.#index);
    reader.push(payload);
    this.#epochBytes += payload.length;
    if (part < parts - 1) return;
    reader.finish();
    this.#epochs.push({ epoch, parts, bytes: this.#epochBytes, entries: reader.entryCount });
    this.#scannedBytes += this.#epochBytes;
    this.#epochBytes = 0;
    this.#reader = null;
  }

  async #removeGroups(): Promise<void> {
    const { store, keys, manifest, limits, clock } = this.#context;
    const startMs = clock.monotonicMs();
    for (let group = this.#removed.at(-1); group !== undefined; group = this.#removed.at(-1)) {
      const block = await this.#firstDirectory(group);
      if (!block) {
        this.#removed.pop();
        if (clock.monotonicMs() - startMs >= limits.sliceMsMax) return;
        continue;
      }
      const directory = PageDirectory.decode(block.value, block.key);
      const blockNumber = block.key.at(-1) as number;
      const deletes: StoreKey[] = [];
      const deletesMax = Math.min(limits.sliceMutationsMax, store.limits.mutationsMax - 2);
      let bytes = 2 * block.value.length + 512;
      for (const member of directory.members()) {
        for (const page of [...directory.pages(member)]) {
          const key = keys.page(group, member, blockNumber * pagesPerBlock + page);
          bytes += keyBytes(key);
          if (deletes.length === deletesMax || bytes > store.limits.commitBytesMax) break;
          deletes.push(key);
          directory.delete(member, page);
        }
      }
      const pageCount = manifest.current.pageCount - deletes.length;
      const sets = directory.isEmpty
        ? []
        : [{ key: block.key, value: directory.encode(group, blockNumber) }];
      if (directory.isEmpty) deletes.push(block.key);
      this.#context.failpoint("journal.checkpoint.page");
      await manifest.advance({ pageCount }, { sets, deletes });
      return;
    }
    this.#phase = "pages";
  }

  async #firstDirectory(group: number) {
    const { store, keys } = this.#context;
    try {
      const list = store.list(keys.directoriesOf(group), { batchEntries: 1 });
      for await (const entry of list) return entry;
    } catch (error) {
      throw toJournalError(error, { action: `Cannot read the directory of group ${group}` });
    }
    return null;
  }

  async #storePages(): Promise<void> {
    const { manifest, failpoint, limits } = this.#context;
    if (this.#nextJob === this.#jobs.length) {
      this.#phase = "drop";
      failpoint("journal.checkpoint.before-manifest");
      return;
    }
    let slice: PageSlice;
    try {
      slice = await buildPageSlice(this.#context, {
        jobs: this.#jobs.slice(this.#nextJob, this.#nextJob + limits.sliceMutationsMax),
        directories: this.#directories,
      });
    } catch (error) {
      throw toJournalError(error, { action: "Cannot read pages" });
    }
    failpoint("journal.checkpoint.page");
    const pageCount = manifest.current.pageCount + slice.pageCountAdded;
    await manifest.advance({ pageCount }, { sets: slice.sets, deletes: [] });
    this.#jobs.fill(doneJob, this.#nextJob, this.#nextJob + slice.jobCount);
    this.#nextJob += slice.jobCount;
    this.#directories = slice.directories;
  }

  async #dropRedo(): Promise<void> {
    const { keys, manifest, limits, store } = this.#context;
    const deletesMax = Math.min(limits.sliceMutationsMax, store.limits.mutationsMax - 1);
    const current = manifest.current;
    const deletes = this.#leftover.slice(0, deletesMax);
    const leftover = this.#leftover.slice(deletes.length);
    let { firstLiveEpoch, redoBytes, redoEntries } = current;
    let dropped = 0;
    for (const scanned of this.#epochs) {
      if (deletes.length === deletesMax) break;
      firstLiveEpoch = scanned.epoch + 1;
      redoBytes -= scanned.bytes;
      redoEntries -= scanned.entries;
      dropped++;
      for (let part = 0; part < scanned.parts; part++) {
        const key = keys.redo(scanned.epoch, part);
        if (deletes.length < deletesMax) deletes.push(key);
        else leftover.push(key);
      }
    }
    await manifest.advance({ firstLiveEpoch, redoBytes, redoEntries }, { sets: [], deletes });
    this.#epochs.splice(0, dropped);
    this.#leftover = leftover;
    this.#context.failpoint("journal.checkpoint.after-manifest");
    if (this.#epochs.length === 0 && leftover.length === 0) this.#phase = "done";
  }
}

/** Frees the bytes of pages that are stored. */
const doneJob: PageJob = { group: 0, member: 0, page: 0, pieces: [] };
