/**
 * What can be done to one histogram in shared memory: add, reset, read, delete. Each call is one critical section
 * under the histogram's lock: other threads see all of it or nothing. A change that a mistake of ours stops half way
 * keeps the lock, so that nobody sees it, and no epoch holds it, until the process has ended.
 *
 * @module
 */

import { AssertionError } from "../base/mod.ts";
import { type Arena, UNIT_BYTES, UNIT_CELLS, UNIT_WORDS } from "./arena.ts";
import { setFind, setInsert, setLogBytes, setMemberAt, setMembers, setSize } from "./byte_set.ts";
import { categoriesOf, categoryCount } from "./category_sets.ts";
import { PAGE_BYTES } from "./cells.ts";
import { addChunk, type ChunkAddition, emptyContents, reserveAdditions } from "./chunks.ts";
import { durabilityOf, enlist, publishedEpoch } from "./epoch.ts";
import {
  H_CHUNKS,
  H_CREATION,
  H_EPOCH,
  H_IDS,
  H_KEYS,
  H_LAST_ACCESS_SECONDS,
  H_LOCK,
  H_SERIAL,
  H_STATE,
  H_VERSION,
  STATE_LIVE,
  WORD_UPTIME_SECONDS,
} from "./layout.ts";
import { lock, unlock } from "./mutex.ts";
import type { HistogramHandle, Registry } from "./registry.ts";

/**
 * How a call on a histogram ended. `epoch` is the epoch that must be on disk before the answer may be given:
 * for `gone` the one of the deletion, for `duplicate` the one that holds the id.
 */
export interface Outcome {
  readonly status: "done" | "duplicate" | "gone";
  readonly epoch: number;
}

/** A histogram's contents during {@linkcode readHistogram}. */
export interface HistogramView {
  /** Chunks, numbered in the order of their first fill. */
  readonly chunkCount: number;
  /** Keys of all chunks in order. */
  keys(): Uint8Array[];
  /** At most `count` of them from `place` on, which is 0 or the `next` of the call before; none at the end. */
  keysFrom(place: number, count: number): { keys: Uint8Array[]; next: number };
  /** The chunk's number, or -1. */
  findChunk(key: Uint8Array): number;
  /** Components of keys seen on category axis `axis`, in the order of their first fill. */
  categories(axis: number): Uint8Array[];
  /** How many these are; while `incarnation` is the same, those that are on disk stay. */
  categoryCount(axis: number): number;
  /** All unique ids, in the order of their fills. */
  uniqueIds(): Uint8Array[];
  readonly uniqueIdCount: number;
  /** A view of the chunk's cells, valid during the read only. */
  cells(ordinal: number): Float64Array | BigInt64Array;
  /** Copies chunk `ordinal` to `target` from byte `at` on. */
  copyChunk(ordinal: number, place: { target: Uint8Array; at: number }): void;
  hasUniqueId(uniqueId: Uint8Array): boolean;
  /** Counts changes since the creation or the last restart. */
  readonly version: number;
  /** Differs after every reset and growth. */
  readonly incarnation: number;
  /** The epoch of the latest change; another one after the disk refused changes and they were taken back. */
  readonly epoch: number;
}

/**
 * Adds chunks, all or nothing, and takes the unique id.
 *
 * @throws {ArenaFullError} if there is no memory for new chunks or the id; nothing has changed then.
 */
export function addChunks(
  registry: Registry,
  handle: HistogramHandle,
  change: { additions: readonly ChunkAddition[]; uniqueId: Uint8Array | null },
): Outcome {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  let isWhole = true;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    if (!isLive(arena, handle)) return { status: "gone", epoch: epochOf(arena, handle) };
    touch(arena, at);
    const { additions, uniqueId } = change;
    if (uniqueId && setFind(arena, at + H_IDS, uniqueId) >= 0) {
      return { status: "duplicate", epoch: arena.f64[(at + H_EPOCH) / 2]! };
    }
    const blocks = reserveAdditions(arena, handle, change);
    try {
      const newChunks = blocks.length;
      for (const addition of additions) addChunk(arena, handle, { addition, blocks });
      for (const block of blocks) arena.free(block, handle.metadata.chunkBytes);
      registry.countChunkBytes(
        handle.pointer,
        (newChunks - blocks.length) * handle.metadata.chunkBytes,
      );
      if (uniqueId) setInsert(arena, at + H_IDS, uniqueId);
      return { status: "done", epoch: changed(arena, handle) };
    } catch (cause) {
      isWhole = false;
      throw new AssertionError("A fill stopped half way", { cause });
    }
  } finally {
    if (isWhole) unlock(arena.words, at + H_LOCK);
  }
}

/** Fills a prepared, still unknown histogram. @throws {ArenaFullError}; discard the histogram then. */
export function addInitialChunks(
  registry: Registry,
  handle: HistogramHandle,
  additions: readonly ChunkAddition[],
): void {
  const blocks = reserveAdditions(registry.arena, handle, { additions, uniqueId: null });
  for (const addition of additions) addChunk(registry.arena, handle, { addition, blocks });
  for (const block of blocks) registry.arena.free(block, handle.metadata.chunkBytes);
}

/** Makes a prepared histogram known to all threads. @throws {ArenaFullError}; discard it then. */
export function publishHistogram(registry: Registry, handle: HistogramHandle): Outcome {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    registry.publish(handle);
    return { status: "done", epoch: changed(arena, handle) };
  } finally {
    unlock(arena.words, at + H_LOCK);
  }
}

/** Empties the histogram: no chunks, no unique ids. */
export function resetHistogram(registry: Registry, handle: HistogramHandle): Outcome {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  let isWhole = true;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    if (!isLive(arena, handle)) return { status: "gone", epoch: epochOf(arena, handle) };
    touch(arena, at);
    isWhole = false;
    const bytes = setSize(arena, at + H_KEYS) * handle.metadata.chunkBytes;
    emptyContents(arena, handle.pointer);
    registry.countChunkBytes(handle.pointer, -bytes);
    arena.f64[(at + H_SERIAL) / 2] = registry.nextSerial();
    const epoch = changed(arena, handle);
    isWhole = true;
    return { status: "done", epoch };
  } finally {
    if (isWhole) unlock(arena.words, at + H_LOCK);
  }
}

/** Deletes the histogram. Its memory is freed once the disk knows, or at once where nothing is written to disk. */
export function deleteHistogram(registry: Registry, handle: HistogramHandle): Outcome {
  return readHistogram(registry, handle, { read: () => undefined, thenDelete: () => true });
}

/** Deletes the histogram if nobody has used it for `idleSeconds`; says whether it did. */
export function pruneHistogram(
  registry: Registry,
  handle: HistogramHandle,
  idleSeconds: number,
): boolean {
  const outcome = readHistogram(registry, handle, {
    read: () => isIdle(registry.arena, handle.pointer, idleSeconds),
    thenDelete: (idle) => idle,
    touch: false,
  });
  return outcome.value === true;
}

/**
 * One consistent look at the histogram, and its deletion in the same critical section if asked.
 *
 * @returns the outcome with what `read` returned; `value` is undefined if the histogram is gone.
 */
export function readHistogram<T>(
  registry: Registry,
  handle: HistogramHandle,
  action: { read: (view: HistogramView) => T; thenDelete?: (value: T) => boolean; touch?: boolean },
): Outcome & { value: T | undefined } {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  let outcome: Outcome & { value: T | undefined };
  let isDeleted = false;
  let isWhole = true;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    if (!isLive(arena, handle)) {
      return { status: "gone", epoch: epochOf(arena, handle), value: undefined };
    }
    if (action.touch !== false) touch(arena, at);
    const value = action.read(viewOf(arena, handle));
    isDeleted = action.thenDelete?.(value) ?? false;
    if (isDeleted) {
      isWhole = false;
      registry.bury(handle);
      isWhole = true;
    }
    outcome = { status: "done", epoch: arena.f64[(at + H_EPOCH) / 2]!, value };
  } finally {
    if (isWhole) unlock(arena.words, at + H_LOCK);
  }
  if (isDeleted && durabilityOf(arena) === "none") registry.reclaim(handle.pointer);
  return outcome;
}

/**
 * The histogram's version, or -1 if the handle is void or the histogram deleted. A hint, taken without the lock: a
 * change that is under way may or may not be in it. Counts as a use.
 */
export function peekVersion(registry: Registry, handle: HistogramHandle): number {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  if (!isLive(arena, handle)) return -1;
  touch(arena, at);
  return arena.f64[(at + H_VERSION) / 2]!;
}

function isIdle(arena: Arena, pointer: number, seconds: number): boolean {
  const idle = Atomics.load(arena.words, WORD_UPTIME_SECONDS) -
    arena.words[pointer * UNIT_WORDS + H_LAST_ACCESS_SECONDS]!;
  return idle >= seconds;
}

export function isLive(arena: Arena, handle: HistogramHandle): boolean {
  const at = handle.pointer * UNIT_WORDS;
  return arena.f64[(at + H_CREATION) / 2] === handle.creation &&
    arena.words[at + H_STATE] === STATE_LIVE;
}

/** The epoch to wait for before saying that a histogram is gone. */
export function epochOf(arena: Arena, handle: HistogramHandle): number {
  const at = handle.pointer * UNIT_WORDS;
  if (arena.f64[(at + H_CREATION) / 2] !== handle.creation) return publishedEpoch(arena);
  return arena.f64[(at + H_EPOCH) / 2]!;
}

function touch(arena: Arena, at: number): void {
  arena.words[at + H_LAST_ACCESS_SECONDS] = Atomics.load(arena.words, WORD_UPTIME_SECONDS);
}

export function changed(arena: Arena, handle: HistogramHandle): number {
  const at = handle.pointer * UNIT_WORDS;
  arena.f64[(at + H_VERSION) / 2]! += 1;
  if (durabilityOf(arena) !== "none") enlist(arena, handle.pointer);
  return arena.f64[(at + H_EPOCH) / 2]!;
}

function viewOf(arena: Arena, handle: HistogramHandle): HistogramView {
  const at = handle.pointer * UNIT_WORDS;
  const { chunkBytes } = handle.metadata;
  return {
    chunkCount: setSize(arena, at + H_KEYS),
    version: arena.f64[(at + H_VERSION) / 2]!,
    incarnation: arena.f64[(at + H_SERIAL) / 2]!,
    epoch: arena.f64[(at + H_EPOCH) / 2]!,
    keys: () => setMembers(arena, at + H_KEYS),
    keysFrom: (place, count) => {
      const keys: Uint8Array[] = [];
      let next = place;
      while (keys.length < count && next < setLogBytes(arena, at + H_KEYS)) {
        const found = setMemberAt(arena, at + H_KEYS, next);
        keys.push(found.member);
        next = found.next;
      }
      return { keys, next };
    },
    findChunk: (key) => setFind(arena, at + H_KEYS, key),
    categories: (axis) => categoriesOf(arena, at, axis),
    categoryCount: (axis) => categoryCount(arena, at, axis),
    uniqueIds: () => setMembers(arena, at + H_IDS),
    uniqueIdCount: setSize(arena, at + H_IDS),
    cells: (ordinal) => {
      const start = arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal]! * UNIT_CELLS;
      const all = handle.metadata.arithmetic === "i64" ? arena.i64 : arena.f64;
      return all.subarray(start, start + chunkBytes / 8);
    },
    copyChunk: (ordinal, place) => {
      const from = arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal]! * UNIT_BYTES;
      for (let done = 0; done < chunkBytes; done += PAGE_BYTES) {
        const bytes = Math.min(PAGE_BYTES, chunkBytes - done);
        place.target.set(arena.bytes.subarray(from + done, from + done + bytes), place.at + done);
      }
    },
    hasUniqueId: (uniqueId) => setFind(arena, at + H_IDS, uniqueId) >= 0,
  };
}
