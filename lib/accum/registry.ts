/**
 * The table of histograms and tokens that all threads share, and a thread's handles on it.
 *
 * Records come from pools of their own and are never given back to the arena, so that a thread with an old handle
 * may always take a record's lock; the record's creation number then tells whether it still is the same histogram.
 * Order of locks: histogram, then registry; or registry alone.
 *
 * @module
 */

import { type Arena, UNIT_BYTES, UNIT_WORDS } from "./arena.ts";
import { setSize } from "./byte_set.ts";
import { ARITHMETICS } from "./cells.ts";
import { emptyContents } from "./chunks.ts";
import { durabilityOf, enlist } from "./epoch.ts";
import { HandleCache } from "./handle_cache.ts";
import {
  H_ARITHMETIC,
  H_CATEGORY_AXES,
  H_CHUNK_BYTES,
  H_CREATION,
  H_HAS_TOKEN,
  H_ID,
  H_KEYS,
  H_LAST_ACCESS_SECONDS,
  H_LOCK,
  H_META,
  H_META_BYTES,
  H_NEXT,
  H_ORDER,
  H_SERIAL,
  H_STATE,
  H_TOKEN,
  H_TOKEN_RECORD,
  H_WORDS,
  STATE_DELETED,
  STATE_FREE,
  STATE_LIVE,
  T_CHUNK_BYTES,
  T_CREATION,
  WORD_CHUNK_BYTES_TOTAL,
  WORD_FREE_HISTOGRAMS,
  WORD_HISTOGRAM_COUNT,
  WORD_HISTOGRAM_TABLE,
  WORD_NEXT_CREATION,
  WORD_NEXT_SERIAL,
  WORD_REGISTRY_LOCK,
  WORD_UPTIME_SECONDS,
} from "./layout.ts";
import { decodeMetadata, encodeMetadata, type HistogramMetadata, idWords } from "./metadata.ts";
import { linkNewest, unlinkByAge } from "./age_list.ts";
import { lock, unlock } from "./mutex.ts";
import { digestWords, findTokenRecord, holdToken, releaseToken } from "./token_table.ts";
import { type RecordTable, tableFind, tableInsert, tableRemove } from "./record_table.ts";

const HISTOGRAMS: RecordTable = { at: WORD_HISTOGRAM_TABLE, keyAt: H_ID, keyWords: 4 };

/** A thread's knowledge of one histogram. Immutable but for `attachment`. */
export interface HistogramHandle {
  readonly pointer: number;
  readonly creation: number;
  readonly metadata: HistogramMetadata;
  /** Slot for what the owner derives from the metadata, once a thread. */
  attachment: unknown;
}

/** A token's counters, as one thread sees them. */
export interface TokenHandle {
  readonly pointer: number;
  readonly creation: number;
}

/** One thread's view of the table. */
export class Registry {
  readonly arena: Arena;
  readonly threadIndex: number;
  readonly #handles = new HandleCache();

  constructor(arena: Arena, options: { threadIndex: number }) {
    this.arena = arena;
    this.threadIndex = options.threadIndex;
  }

  /** The histogram with this id, deleted ones included until the disk knows; null if there is none. */
  find(id: string): HistogramHandle | null {
    const known = this.#handles.get(id);
    if (known && this.arena.f64[(known.pointer * UNIT_WORDS + H_CREATION) / 2] === known.creation) {
      return known;
    }
    const key = idWords(id);
    if (!key) return null;
    return this.#locked(() => {
      const pointer = tableFind(this.arena, HISTOGRAMS, key);
      if (pointer === 0) {
        this.#handles.delete(id);
        return null;
      }
      return this.#remember(this.handleOf(pointer));
    });
  }

  /**
   * A record for a new histogram, locked by nobody and found by nobody until {@linkcode Registry.publish}.
   *
   * @throws {ArenaFullError} and leaves nothing behind.
   */
  prepare(metadata: HistogramMetadata): HistogramHandle {
    const { arena } = this;
    const bytes = encodeMetadata(metadata);
    const meta = arena.allocate(bytes.length);
    let pointer: number;
    try {
      pointer = this.#takeRecord(WORD_FREE_HISTOGRAMS, { nextAt: H_NEXT, words: H_WORDS });
    } catch (error) {
      arena.free(meta, bytes.length);
      throw error;
    }
    arena.sync();
    arena.bytes.set(bytes, meta * UNIT_BYTES);
    const at = pointer * UNIT_WORDS;
    const { words } = arena;
    words[at + H_META] = meta;
    words[at + H_META_BYTES] = bytes.length;
    words.set(idWords(metadata.id)!, at + H_ID);
    if (metadata.tokenDigest) {
      words.set(digestWords(metadata.tokenDigest), at + H_TOKEN);
      words[at + H_HAS_TOKEN] = 1;
    }
    arena.f64[(at + H_CHUNK_BYTES) / 2] = metadata.chunkBytes;
    words[at + H_ARITHMETIC] = ARITHMETICS.indexOf(metadata.arithmetic);
    words[at + H_CATEGORY_AXES] = metadata.categoryAxes;
    words[at + H_LAST_ACCESS_SECONDS] = Atomics.load(words, WORD_UPTIME_SECONDS);
    words[at + H_STATE] = STATE_LIVE;
    const creation = this.#takeNumber(WORD_NEXT_CREATION);
    arena.f64[(at + H_CREATION) / 2] = creation;
    arena.f64[(at + H_ORDER) / 2] = creation;
    if (arena.f64[(at + H_SERIAL) / 2] === 0) {
      arena.f64[(at + H_SERIAL) / 2] = this.#takeNumber(WORD_NEXT_SERIAL);
    }
    return { pointer, creation, metadata, attachment: null };
  }

  /**
   * Makes a prepared histogram findable for all threads and counts it.
   *
   * @throws {ArenaFullError} if the tables cannot grow; {@linkcode Registry.discard} it then.
   */
  publish(handle: HistogramHandle): void {
    const { arena } = this;
    const digest = handle.metadata.tokenDigest;
    lock(arena.words, WORD_REGISTRY_LOCK);
    try {
      arena.sync();
      const at = handle.pointer * UNIT_WORDS;
      const token = digest ? holdToken(arena, digest) : 0;
      arena.words[at + H_TOKEN_RECORD] = token;
      try {
        tableInsert(arena, HISTOGRAMS, handle.pointer);
      } catch (error) {
        if (token !== 0) releaseToken(arena, token);
        throw error;
      }
      linkNewest(arena, handle.pointer);
      arena.words[WORD_HISTOGRAM_COUNT]! += 1;
      this.#count(handle.pointer, this.#chunkBytesOf(handle.pointer));
    } finally {
      unlock(arena.words, WORD_REGISTRY_LOCK);
    }
    this.#remember(handle);
  }

  /** Frees a prepared histogram that was never published, with the chunks it has. */
  discard(handle: HistogramHandle): void {
    this.#freeContents(handle.pointer);
    this.#freeRecord(handle.pointer);
  }

  /** Marks a live histogram deleted; it stays findable until {@linkcode Registry.reclaim}. The caller holds its lock. */
  bury(handle: HistogramHandle): void {
    this.withdraw(handle.pointer);
    if (durabilityOf(this.arena) !== "none") enlist(this.arena, handle.pointer);
  }

  /** Makes a live histogram a deleted one that nobody counts. The caller holds its lock. */
  withdraw(pointer: number): void {
    const { words } = this.arena;
    const at = pointer * UNIT_WORDS;
    words[at + H_STATE] = STATE_DELETED;
    this.#locked(() => {
      words[WORD_HISTOGRAM_COUNT]! -= 1;
      this.#count(pointer, -this.#chunkBytesOf(pointer));
      const token = words[at + H_TOKEN_RECORD]!;
      if (token !== 0) releaseToken(this.arena, token);
      words[at + H_TOKEN_RECORD] = 0;
    });
  }

  /** Takes {@linkcode Registry.withdraw} back. The caller holds the lock. @throws {ArenaFullError} */
  reinstate(pointer: number): void {
    const at = pointer * UNIT_WORDS;
    this.#locked(() => {
      const { words } = this.arena;
      if (words[at + H_HAS_TOKEN] === 1) {
        const digest = words.slice(at + H_TOKEN, at + H_TOKEN + 8);
        words[at + H_TOKEN_RECORD] = holdToken(this.arena, new Uint8Array(digest.buffer));
      }
      this.arena.words[WORD_HISTOGRAM_COUNT]! += 1;
      this.#count(pointer, this.#chunkBytesOf(pointer));
      this.arena.words[at + H_STATE] = STATE_LIVE;
    });
  }

  /** Takes a deleted histogram out of the table and frees it: the disk knows, or there is none. */
  reclaim(pointer: number): void {
    const { arena } = this;
    const at = pointer * UNIT_WORDS;
    lock(arena.words, at + H_LOCK);
    try {
      arena.sync();
      lock(arena.words, WORD_REGISTRY_LOCK);
      tableRemove(arena, HISTOGRAMS, arena.words.slice(at + H_ID, at + H_ID + 4));
      unlinkByAge(arena, pointer);
      unlock(arena.words, WORD_REGISTRY_LOCK);
      this.#freeContents(pointer);
      this.#freeRecord(pointer);
    } finally {
      unlock(arena.words, at + H_LOCK);
    }
  }

  /** Adds `bytes` to what is counted for the server and for the histogram's token. */
  countChunkBytes(pointer: number, bytes: number): void {
    if (bytes !== 0) this.#locked(() => this.#count(pointer, bytes));
  }

  /**
   * Gives a record other metadata, which lie in a block of their own, and so makes it another creation: all handles
   * on it are void. Whoever looks the histogram up sees all of it or nothing. The caller holds its lock.
   */
  renew(
    pointer: number,
    metadata: { block: number; bytes: Uint8Array; chunkBytes: number },
  ): void {
    const { arena } = this;
    const at = pointer * UNIT_WORDS;
    this.#locked(() => {
      const { words } = arena;
      arena.bytes.set(metadata.bytes, metadata.block * UNIT_BYTES);
      arena.free(words[at + H_META]!, words[at + H_META_BYTES]!);
      words[at + H_META] = metadata.block;
      words[at + H_META_BYTES] = metadata.bytes.length;
      arena.f64[(at + H_CHUNK_BYTES) / 2] = metadata.chunkBytes;
      arena.f64[(at + H_CREATION) / 2] = this.#incrementNumber(WORD_NEXT_CREATION);
    });
  }

  /** A new serial for a histogram whose contents start anew. */
  nextSerial(): number {
    return this.#takeNumber(WORD_NEXT_SERIAL);
  }

  /** The counters of a token that has histograms; null for others. */
  findToken(digest: Uint8Array): TokenHandle | null {
    return this.#locked(() => {
      const pointer = findTokenRecord(this.arena, digest);
      if (pointer === 0) return null;
      return { pointer, creation: this.arena.f64[(pointer * UNIT_WORDS + T_CREATION) / 2]! };
    });
  }

  #locked<T>(action: () => T): T {
    lock(this.arena.words, WORD_REGISTRY_LOCK);
    try {
      this.arena.sync();
      return action();
    } finally {
      unlock(this.arena.words, WORD_REGISTRY_LOCK);
    }
  }

  #chunkBytesOf(pointer: number): number {
    const at = pointer * UNIT_WORDS;
    return setSize(this.arena, at + H_KEYS) * this.arena.f64[(at + H_CHUNK_BYTES) / 2]!;
  }

  /** The handle of a record that is in use. */
  handleOf(pointer: number): HistogramHandle {
    const { arena } = this;
    const at = pointer * UNIT_WORDS;
    const meta = arena.words[at + H_META]! * UNIT_BYTES;
    return {
      pointer,
      creation: arena.f64[(at + H_CREATION) / 2]!,
      metadata: decodeMetadata(arena.bytes.slice(meta, meta + arena.words[at + H_META_BYTES]!)),
      attachment: null,
    };
  }

  #remember(handle: HistogramHandle): HistogramHandle {
    this.#handles.add(handle);
    return handle;
  }

  #count(pointer: number, bytes: number): void {
    const { words, i64 } = this.arena;
    i64[WORD_CHUNK_BYTES_TOTAL / 2]! += BigInt(bytes);
    const token = words[pointer * UNIT_WORDS + H_TOKEN_RECORD]!;
    if (token !== 0) i64[(token * UNIT_WORDS + T_CHUNK_BYTES) / 2]! += BigInt(bytes);
  }

  #takeRecord(freeList: number, record: { nextAt: number; words: number }): number {
    const { arena } = this;
    const pointer = this.#locked(() => {
      const free = arena.words[freeList]!;
      if (free !== 0) arena.words[freeList] = arena.words[free * UNIT_WORDS + record.nextAt]!;
      return free;
    });
    if (pointer === 0) return arena.allocate(record.words * 4);
    return pointer;
  }

  /** Resets a record, keeps its lock word, and puts it into the pool. */
  #freeRecord(pointer: number): void {
    const { words } = this.arena;
    const at = pointer * UNIT_WORDS;
    words.fill(0, at + H_STATE, at + H_WORDS);
    words[at + H_STATE] = STATE_FREE;
    this.#locked(() => {
      this.arena.words[at + H_NEXT] = this.arena.words[WORD_FREE_HISTOGRAMS]!;
      this.arena.words[WORD_FREE_HISTOGRAMS] = pointer;
    });
  }

  #freeContents(pointer: number): void {
    emptyContents(this.arena, pointer);
    const at = pointer * UNIT_WORDS;
    const meta = this.arena.words[at + H_META]!;
    if (meta !== 0) this.arena.free(meta, this.arena.words[at + H_META_BYTES]!);
  }

  #takeNumber(word: number): number {
    return this.#locked(() => this.#incrementNumber(word));
  }

  #incrementNumber(word: number): number {
    const next = this.arena.f64[word / 2]! + 1;
    this.arena.f64[word / 2] = next;
    return next;
  }
}
