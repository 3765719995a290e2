/**
 * One slice of a checkpoint's pages: what a range of epochs leaves of them, laid over what is stored, and
 * the directories that go with it.
 *
 * @module
 */

import type { FoldContext } from "./fold_context.ts";
import { covers, endOf, type PageJob } from "./fold_index.ts";
import { JournalError } from "./journal_error.ts";
import type { JournalKeys } from "./keys.ts";
import { PageDirectory, pagesPerBlock } from "./page_directory.ts";
import { openRecord, recordHeadBytes, sealRecord } from "./record.ts";
import type { StoreKey, StoreSet } from "./store.ts";

/** Room for the manifest's key and value. */
const manifestBytes = 256;
/** Room for the key and the head of a page or a directory, and for a new member in the latter. */
const pageOverheadBytes = recordHeadBytes + 128;

/** Directory and page sets of one slice. */
export interface PageSlice {
  readonly jobCount: number;
  readonly pageCountAdded: number;
  readonly sets: readonly StoreSet[];
  readonly directories: ReadonlyMap<string, PageDirectory>;
}

/**
 * As many of the next pages as one atomic commit holds, at least one.
 *
 * `directories` are those known from the slice before; they are not changed.
 *
 * @throws {JournalError} "corrupt" or "newer-format"
 * @throws {StoreError} if the store cannot be read.
 */
export async function buildPageSlice(
  context: FoldContext,
  options: { jobs: readonly PageJob[]; directories: ReadonlyMap<string, PageDirectory> },
): Promise<PageSlice> {
  const { store, keys, limits, manifest } = context;
  const { pageBytes } = manifest.current;
  const bytesMax = Math.min(limits.sliceBytesMax, store.limits.commitBytesMax) - manifestBytes;
  // The manifest takes a mutation, and each page may bring one for its directory.
  const jobsMax = Math.floor(
    Math.min(limits.sliceMutationsMax, store.limits.mutationsMax - 1) / 2,
  );
  const candidates: PageJob[] = [];
  let bytes = 0;
  for (const job of options.jobs.slice(0, jobsMax)) {
    bytes += pageOverheadBytes + endOf(job.pieces);
    if (candidates.length > 0 && bytes > bytesMax) break;
    candidates.push(job);
  }
  const directories = await readDirectories(context, {
    jobs: candidates,
    known: options.directories,
  });

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

  const baseKeys = chosen.filter((choice) => choice.needsBase).map(({ job }) => pageKey(keys, job));
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
async function readDirectories(
  context: FoldContext,
  options: { jobs: readonly PageJob[]; known: ReadonlyMap<string, PageDirectory> },
): Promise<Map<string, PageDirectory>> {
  const { store, keys } = context;
  const { jobs, known } = options;
  const names = [...new Set(jobs.map(directoryName))];
  const unknown = names.filter((name) => !known.has(name));
  const unknownKeys = unknown.map((name) => {
    const [group, block] = JSON.parse(name) as [number, number];
    return keys.directory(group, block);
  });
  const entries = await store.get(unknownKeys);
  const directories = new Map<string, PageDirectory>();
  for (const name of names) {
    const at = unknown.indexOf(name);
    const entry = at < 0 ? null : entries[at];
    directories.set(
      name,
      known.get(name)?.clone() ??
        (entry ? PageDirectory.decode(entry.value, unknownKeys[at]!) : new PageDirectory()),
    );
  }
  return directories;
}

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
