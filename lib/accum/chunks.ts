/**
 * The chunks of one histogram: room for new ones, adding to them, and marks on the pages that changed.
 *
 * The caller holds the histogram's lock, or nobody else knows the histogram yet.
 *
 * @module
 */

import { type Arena, UNIT_BYTES, UNIT_WORDS } from "./arena.ts";
import { setClear, setFind, setInsert, setReserve, setSize } from "./byte_set.ts";
import { addCategories, clearCategories, reserveCategories } from "./category_sets.ts";
import { addPage, type CellArithmetic, pageCount, setPage } from "./cells.ts";
import { durabilityOf } from "./epoch.ts";
import {
  H_CHUNK_BYTES,
  H_CHUNKS,
  H_CHUNKS_CAPACITY,
  H_DIRTY_CAPACITY,
  H_DIRTY_COUNT,
  H_DIRTY_FLAGS,
  H_DIRTY_PAGES,
  H_IDS,
  H_KEYS,
} from "./layout.ts";
import type { HistogramHandle } from "./registry.ts";

/** What is added to one chunk. */
export interface ChunkAddition {
  /** Canonical key bytes of the chunk; empty without category axes. */
  readonly key: Uint8Array;
  /** Its dense view, as long as the histogram's chunks, little-endian, C order, any alignment. */
  readonly cells: Uint8Array;
}

/**
 * Everything that can fail for want of memory. Returns blocks for the chunks that are new.
 *
 * @throws {ArenaFullError} and leaves the contents as they were.
 */
export function reserveAdditions(
  arena: Arena,
  handle: HistogramHandle,
  change: { additions: readonly ChunkAddition[]; uniqueId: Uint8Array | null },
): number[] {
  const at = handle.pointer * UNIT_WORDS;
  const { chunkBytes } = handle.metadata;
  const blocks: number[] = [];
  const newKeys: Uint8Array[] = [];
  let keyBytes = 0;
  try {
    for (const { key } of change.additions) {
      if (setFind(arena, at + H_KEYS, key) >= 0) continue;
      blocks.push(arena.allocate(chunkBytes));
      newKeys.push(key);
      keyBytes += key.length;
    }
    if (blocks.length > 0) {
      reserveCategories(arena, at, newKeys);
      setReserve(arena, at + H_KEYS, { members: blocks.length, bytes: keyBytes });
      reserveChunks(arena, handle, setSize(arena, at + H_KEYS) + blocks.length);
    }
    if (change.uniqueId) {
      setReserve(arena, at + H_IDS, { members: 1, bytes: change.uniqueId.length });
    }
  } catch (error) {
    for (const block of blocks) arena.free(block, chunkBytes);
    throw error;
  }
  return blocks;
}

/** Room for the pointers and the dirty marks of `chunks` chunks. */
export function reserveChunks(arena: Arena, handle: HistogramHandle, chunks: number): void {
  const at = handle.pointer * UNIT_WORDS;
  const capacity = arena.words[at + H_CHUNKS_CAPACITY]!;
  if (chunks > capacity) {
    const fresh = Math.max(chunks, capacity * 2, 4);
    const block = arena.allocate(fresh * 4);
    moveBlock(arena, { pointer: arena.words[at + H_CHUNKS]!, bytes: capacity * 4 }, block);
    arena.words[at + H_CHUNKS] = block;
    arena.words[at + H_CHUNKS_CAPACITY] = fresh;
  }
  if (durabilityOf(arena) === "none") return;
  const pages = chunks * pageCount(handle.metadata.chunkBytes);
  const marks = arena.words[at + H_DIRTY_CAPACITY]!;
  if (pages <= marks) return;
  const fresh = allocateMarks(arena, Math.max(pages, marks * 2, 4))!;
  moveBlock(arena, { pointer: arena.words[at + H_DIRTY_FLAGS]!, bytes: marks }, fresh.flags);
  moveBlock(arena, { pointer: arena.words[at + H_DIRTY_PAGES]!, bytes: marks * 4 }, fresh.list);
  arena.words[at + H_DIRTY_FLAGS] = fresh.flags;
  arena.words[at + H_DIRTY_PAGES] = fresh.list;
  arena.words[at + H_DIRTY_CAPACITY] = fresh.capacity;
}

/**
 * Blocks for the marks of `capacity` pages; null where nothing is written to disk.
 *
 * @throws {ArenaFullError} and leaves nothing behind.
 */
export function allocateMarks(
  arena: Arena,
  capacity: number,
): { flags: number; list: number; capacity: number } | null {
  if (durabilityOf(arena) === "none" || capacity === 0) return null;
  const flags = arena.allocate(capacity);
  try {
    return { flags, list: arena.allocate(capacity * 4), capacity };
  } catch (error) {
    arena.free(flags, capacity);
    throw error;
  }
}

/** Frees the blocks of the marks: no page is marked, and there is no room for marks. */
export function dropMarks(arena: Arena, at: number): void {
  const capacity = arena.words[at + H_DIRTY_CAPACITY]!;
  if (capacity !== 0) {
    arena.free(arena.words[at + H_DIRTY_FLAGS]!, capacity);
    arena.free(arena.words[at + H_DIRTY_PAGES]!, capacity * 4);
  }
  arena.words.fill(0, at + H_DIRTY_FLAGS, at + H_DIRTY_COUNT + 1);
}

/** Copies a block to the start of a larger one and frees it. */
function moveBlock(arena: Arena, old: { pointer: number; bytes: number }, fresh: number): void {
  if (old.pointer === 0) return;
  const from = old.pointer * UNIT_BYTES;
  arena.bytes.copyWithin(fresh * UNIT_BYTES, from, from + old.bytes);
  arena.free(old.pointer, old.bytes);
}

/** Adds one chunk; a new one takes the last of `blocks`. Cannot fail after {@linkcode reserveAdditions}. */
export function addChunk(
  arena: Arena,
  handle: HistogramHandle,
  work: { addition: ChunkAddition; blocks: number[] },
): void {
  const at = handle.pointer * UNIT_WORDS;
  const { key, cells } = work.addition;
  const arithmetic: CellArithmetic = handle.metadata.arithmetic;
  const pages = pageCount(cells.length);
  let ordinal = setFind(arena, at + H_KEYS, key);
  const isNew = ordinal < 0;
  if (isNew) {
    ordinal = setInsert(arena, at + H_KEYS, key);
    addCategories(arena, at, key);
    arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal] = work.blocks.pop()!;
  }
  const pointer = arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal]!;
  for (let page = 0; page < pages; page++) {
    const hasChanged = isNew
      ? setPage(arena, cells, { pointer, page })
      : addPage(arena, cells, { pointer, page, arithmetic });
    if (hasChanged) markPage(arena, at, ordinal * pages + page);
  }
}

/** Notes that a page differs from what is on disk. */
export function markPage(arena: Arena, at: number, page: number): void {
  const { words, bytes } = arena;
  const flags = words[at + H_DIRTY_FLAGS]! * UNIT_BYTES;
  if (flags === 0 || bytes[flags + page] === 1) return;
  bytes[flags + page] = 1;
  const count = words[at + H_DIRTY_COUNT]!;
  words[words[at + H_DIRTY_PAGES]! * UNIT_WORDS + count] = page;
  words[at + H_DIRTY_COUNT] = count + 1;
}

/** Frees chunks, keys, ids and dirty marks. */
export function emptyContents(arena: Arena, pointer: number): void {
  const at = pointer * UNIT_WORDS;
  const chunkBytes = arena.f64[(at + H_CHUNK_BYTES) / 2]!;
  const chunks = setSize(arena, at + H_KEYS);
  const block = arena.words[at + H_CHUNKS]!;
  for (let i = 0; i < chunks; i++) arena.free(arena.words[block * UNIT_WORDS + i]!, chunkBytes);
  if (block !== 0) arena.free(block, arena.words[at + H_CHUNKS_CAPACITY]! * 4);
  setClear(arena, at + H_KEYS);
  setClear(arena, at + H_IDS);
  clearCategories(arena, at);
  dropMarks(arena, at);
  arena.words.fill(0, at + H_CHUNKS, at + H_CHUNKS_CAPACITY + 1);
}
