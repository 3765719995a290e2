/**
 * Tells a visitor all that is stored, after having checked it: pages, then redo records.
 *
 * @module
 */

import { JournalError, toJournalError } from "./journal_error.ts";
import type { JournalKeys } from "./keys.ts";
import { addPartChecksum, type Manifest } from "./manifest.ts";
import { PageDirectory, pagesPerBlock } from "./page_directory.ts";
import { RedoReader, type RedoSink } from "./redo.ts";
import { readRedoParts } from "./redo_log.ts";
import { openRecord } from "./record.ts";
import { formatKey, type Store, type StoreEntry, type StoreKey } from "./store.ts";

/** Who is told. */
export interface ReplayVisitor {
  /**
   * The bytes of `member` of `group` from `offset` on are `bytes`, whatever was told before. Bytes never
   * told are zero. `bytes` is valid only during the call; one write may come in several calls.
   */
  write(group: number, member: number, offset: number, bytes: Uint8Array): void;
  /** `group` was removed not long ago; nothing else is told of it. */
  remove?(group: number): void;
}

/** What a replay told. */
export interface ReplayReport {
  /** The last epoch stored, 0 if none. */
  readonly epoch: number;
  readonly pages: number;
  readonly pageBytes: number;
  /** Epochs told from redo records. */
  readonly redoEpochs: number;
  readonly redoBytes: number;
  readonly redoEntries: number;
  /** The highest group ever named, removed ones included; the next group must be higher. */
  readonly groupMax: number;
}

/**
 * Streams the store to `visitor`: pages by group, member and page, ascending; then redo records in the
 * order of epochs. Redo records are checked as a whole before the first call; pages as they come.
 *
 * A group that a redo record removes is left out altogether: after an interrupted checkpoint only a part
 * of its writes may still stand.
 *
 * @throws {JournalError} "corrupt" or "newer-format", naming the key and the epoch.
 */
export async function replayStore(
  store: Store,
  options: { keys: JournalKeys; manifest: Manifest; visitor: ReplayVisitor },
): Promise<ReplayReport> {
  const { keys, manifest, visitor } = options;
  const checked = await checkRedo(store, { keys, manifest });
  let told: { pages: number; pageBytes: number };
  try {
    told = await replayPages(store, { keys, manifest, visitor, removed: checked.removed });
  } catch (error) {
    throw toJournalError(error, { action: "Cannot replay pages" });
  }
  await forEachEpoch(store, {
    keys,
    manifest,
    sink: {
      write(group, member, offset, bytes) {
        if (!checked.removed.has(group)) visitor.write(group, member, offset, bytes);
      },
      remove: (group) => visitor.remove?.(group),
    },
  });
  return {
    epoch: manifest.lastEpoch,
    ...told,
    redoEpochs: manifest.lastEpoch + 1 - manifest.firstLiveEpoch,
    redoBytes: checked.redoBytes,
    redoEntries: checked.redoEntries,
    groupMax: manifest.groupMax,
  };
}

/** Reads all redo records, and compares them with the manifest's word. */
async function checkRedo(
  store: Store,
  options: { keys: JournalKeys; manifest: Manifest },
): Promise<{ removed: Set<number>; redoBytes: number; redoEntries: number }> {
  const { keys, manifest } = options;
  const removed = new Set<number>();
  const sink: RedoSink = { write() {}, remove: (group) => void removed.add(group) };
  const { bytes, entries, lastChecksum, lastParts } = await forEachEpoch(store, {
    keys,
    manifest,
    sink,
  });
  const isLastLive = manifest.firstLiveEpoch <= manifest.lastEpoch;
  if (
    bytes !== manifest.redoBytes || entries !== manifest.redoEntries ||
    isLastLive && (lastChecksum !== manifest.lastChecksum || lastParts !== manifest.lastParts)
  ) {
    throw new JournalError("Cannot replay redo records: they are not those of the manifest", {
      reason: "corrupt",
      key: keys.manifest,
      epoch: manifest.lastEpoch,
    });
  }
  return { removed, redoBytes: bytes, redoEntries: entries };
}

async function forEachEpoch(
  store: Store,
  options: { keys: JournalKeys; manifest: Manifest; sink: RedoSink },
): Promise<{ bytes: number; entries: number; lastChecksum: number; lastParts: number }> {
  const { keys, manifest, sink } = options;
  const range = { first: manifest.firstLiveEpoch, last: manifest.lastEpoch };
  const totals = { bytes: 0, entries: 0, lastChecksum: 0, lastParts: 0 };
  let reader = new RedoReader(range.first, sink);
  for await (const part of readRedoParts(store, { keys, range })) {
    if (part.part === 0) {
      reader = new RedoReader(part.epoch, sink);
      totals.lastChecksum = 0;
      totals.lastParts = part.parts;
    }
    reader.push(part.payload);
    totals.bytes += part.payload.length;
    totals.lastChecksum = addPartChecksum(totals.lastChecksum, part.checksum);
    if (part.part === part.parts - 1) {
      reader.finish();
      totals.entries += reader.entryCount;
    }
  }
  return totals;
}

/** Walks pages and directories side by side: each page must be where the directory says. */
async function replayPages(
  store: Store,
  options: {
    keys: JournalKeys;
    manifest: Manifest;
    visitor: ReplayVisitor;
    removed: ReadonlySet<number>;
  },
): Promise<{ pages: number; pageBytes: number }> {
  const { keys, manifest, visitor, removed } = options;
  const stored = store.list(keys.pages);
  let pages = 0;
  let pageBytes = 0;
  for await (const { group, blocks } of readDirectories(store, keys)) {
    for (const { member, page } of pagesOf(blocks)) {
      const key = keys.page(group, member, page);
      const { value: entry } = await stored.next();
      const payload = openPage(entry, { key, manifest });
      pages++;
      pageBytes += payload.length;
      if (!removed.has(group)) visitor.write(group, member, page * manifest.pageBytes, payload);
    }
  }
  const { value: surplus } = await stored.next();
  if (surplus) {
    throw new JournalError("Cannot replay pages: a page is in no directory", {
      reason: "corrupt",
      key: surplus.key,
    });
  }
  if (pages !== manifest.pageCount) {
    throw new JournalError(
      `Cannot replay pages: ${pages} stored, the manifest counts ${manifest.pageCount}`,
      { reason: "corrupt", key: keys.manifest },
    );
  }
  return { pages, pageBytes };
}

/** A group's directories, by block. */
type Blocks = ReadonlyMap<number, PageDirectory>;

async function* readDirectories(
  store: Store,
  keys: JournalKeys,
): AsyncGenerator<{ group: number; blocks: Blocks }, void, void> {
  let group = -1;
  let blocks = new Map<number, PageDirectory>();
  for await (const { key, value } of store.list(keys.directories)) {
    const [entryGroup, block] = key.slice(-2) as [number, number];
    if (entryGroup !== group && blocks.size > 0) {
      yield { group, blocks };
      blocks = new Map();
    }
    group = entryGroup;
    blocks.set(block, PageDirectory.decode(value, key));
  }
  if (blocks.size > 0) yield { group, blocks };
}

/** The pages of all blocks, by member, then page. */
function* pagesOf(blocks: Blocks): Generator<{ member: number; page: number }> {
  const members = new Set([...blocks.values()].flatMap((directory) => directory.members()));
  for (const member of [...members].sort((a, b) => a - b)) {
    for (const [block, directory] of blocks) {
      for (const page of directory.pages(member)) {
        yield { member, page: block * pagesPerBlock + page };
      }
    }
  }
}

function openPage(
  entry: StoreEntry | undefined,
  expected: { key: StoreKey; manifest: Manifest },
): Uint8Array {
  const { key, manifest } = expected;
  if (!entry || formatKey(entry.key) !== formatKey(key)) {
    throw new JournalError("Cannot replay pages: a page is missing or in no directory", {
      reason: "corrupt",
      key,
    });
  }
  const [group, member, page] = key.slice(-3) as [number, number, number];
  const name = { kind: "page", first: group, second: page, member, key } as const;
  const { payload } = openRecord(entry.value, name);
  if (payload.length > manifest.pageBytes) {
    throw new JournalError(
      `Cannot replay pages: ${payload.length} bytes, limit ${manifest.pageBytes}`,
      { reason: "corrupt", key },
    );
  }
  return payload;
}
