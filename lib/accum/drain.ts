/**
 * Copies what changed in a histogram since it was last written to disk: the committer's half of a change.
 *
 * A histogram's incarnation is one *group* of blobs in the journal: member 0 its metadata, 1 the log of its unique
 * ids, 2 the log of its chunk keys, 3 its cells, chunk k at byte k · chunkBytes. All writes are absolute, so that
 * replaying one twice changes nothing. A reset ends one group and starts the next.
 *
 * @module
 */

import { type Arena, UNIT_BYTES, UNIT_WORDS } from "./arena.ts";
import { setLog, setLogBytes } from "./byte_set.ts";
import { PAGE_BYTES, pageCount } from "./cells.ts";
import {
  H_CHUNK_BYTES,
  H_CHUNKS,
  H_DIRTY_COUNT,
  H_DIRTY_FLAGS,
  H_DIRTY_PAGES,
  H_IDS,
  H_IDS_JOURNALED,
  H_KEYS,
  H_KEYS_JOURNALED,
  H_LOCK,
  H_META,
  H_META_BYTES,
  H_QUEUED,
  H_SERIAL,
  H_SERIAL_DURABLE,
  H_SERIAL_JOURNALED,
  H_STATE,
  STATE_DELETED,
} from "./layout.ts";
import { lock, unlock } from "./mutex.ts";

/** Members of a histogram's group in the journal. */
export const MEMBER = { metadata: 0, uniqueIds: 1, chunkKeys: 2, cells: 3 } as const;

/** Where changes go; bytes are copied during the call. */
export interface ChangeSink {
  write(write: { group: number; member: number; offset: number }, bytes: Uint8Array): void;
  remove(group: number): void;
}

/**
 * Moves the changes of a listed histogram into `sink`.
 *
 * @returns whether the histogram is deleted and may be reclaimed once the epoch is on disk.
 */
export function drainHistogram(arena: Arena, histogram: number, sink: ChangeSink): boolean {
  const at = histogram * UNIT_WORDS;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    arena.words[at + H_QUEUED] = 0;
    const serial = arena.f64[(at + H_SERIAL) / 2]!;
    const journaled = arena.f64[(at + H_SERIAL_JOURNALED) / 2]!;
    const isDeleted = arena.words[at + H_STATE] === STATE_DELETED;
    if (journaled !== 0 && (isDeleted || journaled !== serial)) sink.remove(journaled);
    if (isDeleted) return true;
    if (journaled !== serial) beginIncarnation(arena, at, sink);
    drainLog(arena, at, {
      group: serial,
      member: MEMBER.chunkKeys,
      set: H_KEYS,
      journaled: H_KEYS_JOURNALED,
      sink,
    });
    drainLog(arena, at, {
      group: serial,
      member: MEMBER.uniqueIds,
      set: H_IDS,
      journaled: H_IDS_JOURNALED,
      sink,
    });
    drainPages(arena, at, { group: serial, sink });
    return false;
  } finally {
    unlock(arena.words, at + H_LOCK);
  }
}

function beginIncarnation(arena: Arena, at: number, sink: ChangeSink): void {
  const group = arena.f64[(at + H_SERIAL) / 2]!;
  const meta = arena.words[at + H_META]! * UNIT_BYTES;
  sink.write(
    { group, member: MEMBER.metadata, offset: 0 },
    arena.bytes.subarray(meta, meta + arena.words[at + H_META_BYTES]!),
  );
  arena.f64[(at + H_SERIAL_JOURNALED) / 2] = group;
  arena.words[at + H_KEYS_JOURNALED] = 0;
  arena.words[at + H_IDS_JOURNALED] = 0;
}

function drainLog(
  arena: Arena,
  at: number,
  log: { group: number; member: number; set: number; journaled: number; sink: ChangeSink },
): void {
  const from = arena.words[at + log.journaled]!;
  const to = setLogBytes(arena, at + log.set);
  if (to === from) return;
  log.sink.write(
    { group: log.group, member: log.member, offset: from },
    setLog(arena, at + log.set, { from, to }),
  );
  arena.words[at + log.journaled] = to;
}

function drainPages(arena: Arena, at: number, cells: { group: number; sink: ChangeSink }): void {
  const { words, bytes } = arena;
  const chunkBytes = arena.f64[(at + H_CHUNK_BYTES) / 2]!;
  const pages = pageCount(chunkBytes);
  const count = words[at + H_DIRTY_COUNT]!;
  const list = words[at + H_DIRTY_PAGES]! * UNIT_WORDS;
  const flags = words[at + H_DIRTY_FLAGS]! * UNIT_BYTES;
  const chunks = words[at + H_CHUNKS]! * UNIT_WORDS;
  for (let i = 0; i < count; i++) {
    const number = words[list + i]!;
    bytes[flags + number] = 0;
    const ordinal = Math.floor(number / pages);
    const inChunk = (number % pages) * PAGE_BYTES;
    const from = words[chunks + ordinal]! * UNIT_BYTES + inChunk;
    const length = Math.min(PAGE_BYTES, chunkBytes - inChunk);
    cells.sink.write(
      { group: cells.group, member: MEMBER.cells, offset: ordinal * chunkBytes + inChunk },
      bytes.subarray(from, from + length),
    );
  }
  words[at + H_DIRTY_COUNT] = 0;
}

/** Notes that what was drained of a histogram is on disk. Only the committer calls it, before it publishes. */
export function noteDurable(arena: Arena, histogram: number): void {
  const at = histogram * UNIT_WORDS;
  arena.f64[(at + H_SERIAL_DURABLE) / 2] = arena.f64[(at + H_SERIAL_JOURNALED) / 2]!;
}
