/**
 * Gives a histogram chunks of another size: its numeric axes have grown.
 *
 * The record becomes another creation, so that all threads read its metadata anew, and a new incarnation, so that the
 * journal writes all of it; unique ids and chunk keys stay.
 *
 * @module
 */

import { AssertionError } from "../base/mod.ts";
import { UNIT_CELLS, UNIT_WORDS } from "./arena.ts";
import { setSize } from "./byte_set.ts";
import { allocateMarks, dropMarks, markPage } from "./chunks.ts";
import { pageCount } from "./cells.ts";
import {
  H_CHUNKS,
  H_DIRTY_CAPACITY,
  H_DIRTY_FLAGS,
  H_DIRTY_PAGES,
  H_KEYS,
  H_LOCK,
  H_SERIAL,
} from "./layout.ts";
import { changed, epochOf, isLive, type Outcome } from "./histogram.ts";
import { encodeMetadata, type HistogramMetadata } from "./metadata.ts";
import { lock, unlock } from "./mutex.ts";
import type { HistogramHandle, Registry } from "./registry.ts";

/** The new layout. */
export interface Regrowth {
  /** The same histogram with other `json` and `chunkBytes`. */
  readonly metadata: HistogramMetadata;
  /** Moves the cells of one chunk into its new block, which is zero. */
  readonly move: (
    source: Float64Array | BigInt64Array,
    target: Float64Array | BigInt64Array,
  ) => void;
}

/**
 * Replaces the layout, all or nothing. `gone` also if another thread has replaced it meanwhile: look the histogram up
 * again. After `done` the handle is void.
 *
 * @throws {ArenaFullError} if there is no memory for old and new chunks together; nothing has changed then.
 */
export function regrowHistogram(
  registry: Registry,
  handle: HistogramHandle,
  regrowth: Regrowth,
): Outcome {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  let isWhole = true;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    if (!isLive(arena, handle)) return { status: "gone", epoch: epochOf(arena, handle) };
    const chunks = setSize(arena, at + H_KEYS);
    const fresh = allocateAll(registry, chunks, regrowth.metadata);
    try {
      exchange(registry, handle, { ...regrowth, ...fresh });
      return { status: "done", epoch: changed(arena, handle) };
    } catch (cause) {
      isWhole = false;
      throw new AssertionError("A growth stopped half way", { cause });
    }
  } finally {
    if (isWhole) unlock(arena.words, at + H_LOCK);
  }
}

interface FreshBlocks {
  readonly blocks: readonly number[];
  readonly meta: number;
  readonly metaBytes: Uint8Array;
  readonly marks: ReturnType<typeof allocateMarks>;
}

/** Everything that can fail for want of memory. */
function allocateAll(
  registry: Registry,
  chunks: number,
  metadata: HistogramMetadata,
): FreshBlocks {
  const { arena } = registry;
  const blocks: number[] = [];
  const metaBytes = encodeMetadata(metadata);
  let meta = 0;
  try {
    for (let i = 0; i < chunks; i++) blocks.push(arena.allocate(metadata.chunkBytes));
    meta = arena.allocate(metaBytes.length);
    const marks = allocateMarks(arena, chunks * pageCount(metadata.chunkBytes));
    return { blocks, meta, metaBytes, marks };
  } catch (error) {
    for (const block of blocks) arena.free(block, metadata.chunkBytes);
    if (meta !== 0) arena.free(meta, metaBytes.length);
    throw error;
  }
}

function exchange(
  registry: Registry,
  handle: HistogramHandle,
  change: Regrowth & FreshBlocks,
): void {
  const { arena } = registry;
  const at = handle.pointer * UNIT_WORDS;
  const oldBytes = handle.metadata.chunkBytes;
  const newBytes = change.metadata.chunkBytes;
  const cells = handle.metadata.arithmetic === "i64" ? arena.i64 : arena.f64;
  const list = arena.words[at + H_CHUNKS]! * UNIT_WORDS;
  for (const [ordinal, block] of change.blocks.entries()) {
    const old = arena.words[list + ordinal]!;
    change.move(
      cells.subarray(old * UNIT_CELLS, old * UNIT_CELLS + oldBytes / 8),
      cells.subarray(block * UNIT_CELLS, block * UNIT_CELLS + newBytes / 8),
    );
    arena.words[list + ordinal] = block;
    arena.free(old, oldBytes);
  }
  registry.renew(handle.pointer, {
    block: change.meta,
    bytes: change.metaBytes,
    chunkBytes: newBytes,
  });
  dropMarks(arena, at);
  if (change.marks) {
    arena.words[at + H_DIRTY_FLAGS] = change.marks.flags;
    arena.words[at + H_DIRTY_PAGES] = change.marks.list;
    arena.words[at + H_DIRTY_CAPACITY] = change.marks.capacity;
    const pages = change.blocks.length * pageCount(newBytes);
    for (let page = 0; page < pages; page++) markPage(arena, at, page);
  }
  arena.f64[(at + H_SERIAL) / 2] = registry.nextSerial();
  registry.countChunkBytes(handle.pointer, change.blocks.length * (newBytes - oldBytes));
}
