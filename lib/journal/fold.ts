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

import type { Clock } from "../base/mod.ts";
import type { FailpointHook } from "./failpoints.ts";
import { covers, endOf, FoldIndex, type PageJob } from "./fold_index.ts";
import { JournalError, toJournalError } from "./journal_error.ts";
import type { JournalKeys } from "./keys.ts";
import type { ManifestWriter } from "./manifest_writer.ts";
import { PageDirectory, pagesPerBlock } from "./page_directory.ts";
import { RedoReader } from "./redo.ts";
import { readRedoParts, type RedoPart } from "./redo_log.ts";
import { openRecord, recordHeadBytes, sealRecord } from "./record.ts";
import { keyBytes, type Store, type StoreKey, type StoreSet } from "./store.ts";

/** How much one slice may do, so that commits wait little for it. */
export interface FoldLimits {
  /** Redo bytes folded at once, and so held in memory; one epoch at least. */
  readonly foldBytesMax: number;
  /** Bytes read or stored in one slice; also bounded by the store's limit. */
  readonly sliceBytesMax: number;
  /** Sets and deletes of one slice. */
  readonly sliceMutationsMax: number;
  readonly sliceMsMax: number;
}

/** What a fold works on. */
export interface FoldContext {
  readonly store: Store;
  readonly keys: JournalKeys;
  readonly manifest: ManifestWriter;
  readonly clock: Clock;
  readonly failpoint: FailpointHook;
  readonly limits: FoldLimits;
}

/** What the scan learned of one epoch. */
interface ScannedEpoch {
  readonly epoch: number;
  readonly parts: number;
  readonly bytes: number;
  readonly entries: number;
}

/** Directory and page sets of one slice. */
interface PageSlice {
  readonly jobCount: number;
  readonly pageCountAdded: number;
  readonly sets: readonly StoreSet[];
  readonly directories: ReadonlyMap<string, PageDirectory>;
}

/** One checkpoint under way. Commits may come between its slices; they are not part of its range. */
export class Fold {
  readonly #context: FoldContext;
  readonly #parts: AsyncGenerator<RedoPart, void, void>;
  readonly #index: FoldIndex;
  readonly #epochs: ScannedEpoch[] = [];
  #phase: "scan" | "remove" | "pages" | "drop" | "done" = "scan";
  #scannedBytes = 0;
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
      if (this.#scannedBytes >= limits.foldBytesMax || !await this.#scanEpoch()) {
        await this.#parts.return();
        this.#removed = this.#index.removedGroups();
        this.#jobs = this.#index.takePageJobs();
        this.#phase = "remove";
        return;
      }
      sliceBytes += this.#epochs.at(-1)!.bytes;
    }
  }

  /** False if the range is at its end. */
  async #scanEpoch(): Promise<boolean> {
    let reader: RedoReader | null = null;
    let bytes = 0;
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (done) return false;
      reader ??= new RedoReader(value.epoch, this.#index);
      reader.push(value.payload);
      bytes += value.payload.length;
      if (value.part < value.parts - 1) continue;
      reader.finish();
      const { epoch, parts } = value;
      this.#epochs.push({ epoch, parts, bytes, entries: reader.entryCount });
      this.#scannedBytes += bytes;
      return true;
    }
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
    if (this.#nextJob === this.#jobs.length) {
      this.#phase = "drop";
      this.#context.failpoint("journal.checkpoint.before-manifest");
      return;
    }
    let slice: PageSlice;
    try {
      slice = await this.#buildSlice();
    } catch (error) {
      throw toJournalError(error, { action: "Cannot read pages" });
    }
    const { manifest, failpoint } = this.#context;
    failpoint("journal.checkpoint.page");
    const pageCount = manifest.current.pageCount + slice.pageCountAdded;
    await manifest.advance({ pageCount }, { sets: slice.sets, deletes: [] });
    this.#jobs.fill(doneJob, this.#nextJob, this.#nextJob + slice.jobCount);
    this.#nextJob += slice.jobCount;
    this.#directories = slice.directories;
  }

  /** As many of the next pages as one atomic commit holds. */
  async #buildSlice(): Promise<PageSlice> {
    const { store, keys, limits, manifest } = this.#context;
    const { pageBytes } = manifest.current;
    const bytesMax = Math.min(limits.sliceBytesMax, store.limits.commitBytesMax) - manifestBytes;
    // The manifest takes a mutation, and each page may bring one for its directory.
    const jobsMax = Math.floor(
      Math.min(limits.sliceMutationsMax, store.limits.mutationsMax - 1) / 2,
    );
    const candidates: PageJob[] = [];
    let bytes = 0;
    for (const job of this.#jobs.slice(this.#nextJob, this.#nextJob + jobsMax)) {
      bytes += pageOverheadBytes + endOf(job.pieces);
      if (candidates.length > 0 && bytes > bytesMax) break;
      candidates.push(job);
    }
    const directories = await this.#readDirectories(candidates);

    const chosen: { job: PageJob; isNew: boolean; baseBytes: number; needsBase: boolean }[] = [];
    const touched = new Map<string, PageDirectory>();
    const changed = new Set<string>();
    bytes = 0;
    for (const job of candidates) {
      const name = directoryName(job);
      const directory = directories.get(name)!;
      const page = job.page % pagesPerBlock;
      const isNew = !directory.has(job.member, page);
      const baseBytes = isNew
        ? 0
        : Math.min(pageBytes, Math.max(0, directory.endBytes(job.member) - page * pageBytes));
      const end = endOf(job.pieces);
      bytes += pageOverheadBytes + Math.max(end, baseBytes) + (page >> 3) + 1;
      if (!touched.has(name)) bytes += directory.valueBytes + pageOverheadBytes;
      if (chosen.length > 0 && bytes > bytesMax) break;
      touched.set(name, directory);
      if (directory.add(job.member, page, page * pageBytes + end)) changed.add(name);
      chosen.push({ job, isNew, baseBytes, needsBase: !covers(job.pieces, baseBytes) });
    }

    const baseKeys = chosen.filter((choice) => choice.needsBase).map(({ job }) =>
      pageKey(keys, job)
    );
    const bases = (await store.get(baseKeys)).values();
    const sets: StoreSet[] = chosen.map(({ job, needsBase }) => {
      const key = pageKey(keys, job);
      const base = needsBase ? openBase(bases.next().value?.value, job, key) : null;
      return { key, value: buildPage(job, base) };
    });
    for (const [name, directory] of touched) {
      if (!changed.has(name)) continue;
      const [group, block] = JSON.parse(name) as [number, number];
      sets.push({ key: keys.directory(group, block), value: directory.encode(group, block) });
    }
    return {
      jobCount: chosen.length,
      pageCountAdded: chosen.filter((choice) => choice.isNew).length,
      sets,
      directories: new Map([...touched].slice(-1)),
    };
  }

  /** Copies, so that a slice that fails leaves no trace. */
  async #readDirectories(jobs: readonly PageJob[]): Promise<Map<string, PageDirectory>> {
    const { store, keys } = this.#context;
    const names = [...new Set(jobs.map(directoryName))];
    const unknown = names.filter((name) => !this.#directories.has(name));
    const unknownKeys = unknown.map((name) => {
      const [group, block] = JSON.parse(name) as [number, number];
      return keys.directory(group, block);
    });
    const entries = await store.get(unknownKeys);
    const directories = new Map<string, PageDirectory>();
    for (const name of names) {
      const known = this.#directories.get(name);
      const at = unknown.indexOf(name);
      const entry = known ? null : entries[at];
      directories.set(
        name,
        known?.clone() ??
          (entry ? PageDirectory.decode(entry.value, unknownKeys[at]!) : new PageDirectory()),
      );
    }
    return directories;
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

/** Room for the manifest's key and value. */
const manifestBytes = 256;
/** Room for the key and the head of a page or a directory, and for a new member in the latter. */
const pageOverheadBytes = recordHeadBytes + 64;
/** Frees the bytes of pages that are stored. */
const doneJob: PageJob = { group: 0, member: 0, page: 0, pieces: [] };

function directoryName(job: PageJob): string {
  return JSON.stringify([job.group, Math.floor(job.page / pagesPerBlock)]);
}

function pageKey(keys: JournalKeys, job: PageJob): StoreKey {
  return keys.page(job.group, job.member, job.page);
}

function openBase(value: Uint8Array | undefined, job: PageJob, key: StoreKey): Uint8Array {
  const { group, member, page } = job;
  if (!value) throw new JournalError("Cannot read page: it is missing", { reason: "corrupt", key });
  return openRecord(value, { kind: "page", first: group, second: page, member, key }).payload;
}

function buildPage(job: PageJob, base: Uint8Array | null): Uint8Array {
  const end = Math.max(endOf(job.pieces), base?.length ?? 0);
  const value = new Uint8Array(recordHeadBytes + end);
  if (base) value.set(base, recordHeadBytes);
  for (const { start, bytes } of job.pieces) value.set(bytes, recordHeadBytes + start);
  sealRecord(value, { kind: "page", first: job.group, second: job.page, member: job.member });
  return value;
}
