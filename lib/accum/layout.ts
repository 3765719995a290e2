/**
 * Where everything lies in the arena: the words of the control region and of the records.
 *
 * Word indices are relative to the start of the arena (`WORD_…`) or of a record (`H_…` histogram, `T_…` token).
 * Fields marked f64 or i64 take two words and start at an even one.
 *
 * @module
 */

import { WORD_CONTROL_FREE } from "./arena.ts";

/** Threads that may count: the main thread is 0, I/O threads 1 … 8. */
export const THREADS_MAX = 9;
/** RPCs that are counted; the service gives them their meaning. */
export const COUNTERS_PER_THREAD = 16;

// Epochs (epoch.ts).
export const WORD_DIRTY_LOCK = WORD_CONTROL_FREE;
/** Pointer of the first histogram in the list of changed ones, 0 at the end. */
export const WORD_DIRTY_HEAD = WORD_CONTROL_FREE + 1;
/** f64: the epoch that changes join now. */
export const WORD_EPOCH_OPEN = WORD_CONTROL_FREE + 2;
/** Lower 31 bits and the rest of the newest epoch that is on disk. */
export const WORD_EPOCH_PUBLISHED = WORD_CONTROL_FREE + 4;
export const WORD_EPOCH_PUBLISHED_HIGH = WORD_CONTROL_FREE + 5;
/** Counts calls for the committer. */
export const WORD_COMMITTER_SIGNAL = WORD_CONTROL_FREE + 6;
/** 1 while the disk refuses commits: no change may start. */
export const WORD_STORE_REFUSES = WORD_CONTROL_FREE + 7;
/** A {@linkcode Durability} as a number. */
export const WORD_DURABILITY = WORD_CONTROL_FREE + 8;
/** 1 once the committer must write what is left and end. */
export const WORD_STOPPING = WORD_CONTROL_FREE + 9;

// Void epochs (void_epochs.ts).
export const WORD_VOID_COUNT = WORD_CONTROL_FREE + 10;
/** f64 pairs: first and last epoch of a range. */
export const WORD_VOID_RANGES = WORD_CONTROL_FREE + 64;

// Registry (registry.ts).
export const WORD_REGISTRY_LOCK = WORD_CONTROL_FREE + 16;
/** Seconds since the start, ticked by the main thread. */
export const WORD_UPTIME_SECONDS = WORD_CONTROL_FREE + 17;
export const WORD_FREE_HISTOGRAMS = WORD_CONTROL_FREE + 18;
export const WORD_FREE_TOKENS = WORD_CONTROL_FREE + 19;
/** f64: number that the next record gets, so that a reused record is not taken for its predecessor. */
export const WORD_NEXT_CREATION = WORD_CONTROL_FREE + 20;
/** f64: serial that the next incarnation of a histogram gets. */
export const WORD_NEXT_SERIAL = WORD_CONTROL_FREE + 22;
export const WORD_HISTOGRAM_TABLE = WORD_CONTROL_FREE + 24;
export const WORD_TOKEN_TABLE = WORD_CONTROL_FREE + 28;
export const WORD_HISTOGRAM_COUNT = WORD_CONTROL_FREE + 32;
/** Pointer of the histogram that was published last. */
export const WORD_NEWEST = WORD_CONTROL_FREE + 33;
/** i64: bytes of all chunks. */
export const WORD_CHUNK_BYTES_TOTAL = WORD_CONTROL_FREE + 34;

/** f64 counters, COUNTERS_PER_THREAD for each thread, written by that thread only. */
export const WORD_COUNTERS = 1024;

// A histogram's record. The lock guards all of it.
export const H_LOCK = 0;
export const H_STATE = 1;
/** Pointer of the next histogram in the dirty list, or in the list of free records. */
export const H_NEXT = 2;
export const H_QUEUED = 3;
/** f64: which histogram this record holds; 0 in a free one. */
export const H_CREATION = 4;
/** f64: number of this incarnation in the journal; a reset starts a new one. */
export const H_SERIAL = 6;
/** f64: incarnation that the journal knows, 0 if none. */
export const H_SERIAL_JOURNALED = 8;
/** f64: epoch that holds the latest change. */
export const H_EPOCH = 10;
/** 128-bit id. */
export const H_ID = 12;
/** SHA-256 of the token, all zero without one. */
export const H_TOKEN = 16;
export const H_HAS_TOKEN = 24;
/** Pointer of the token's record. */
export const H_TOKEN_RECORD = 25;
export const H_META = 26;
export const H_META_BYTES = 27;
/** f64 */
export const H_CHUNK_BYTES = 28;
/** Position in ARITHMETICS of cells.ts. */
export const H_ARITHMETIC = 30;
export const H_LAST_ACCESS_SECONDS = 31;
/** Block of chunk pointers, its capacity; the number of chunks is the size of the key set. */
export const H_CHUNKS = 32;
export const H_CHUNKS_CAPACITY = 33;
/** Block of one byte a page, 1 = changed; block of the changed pages' numbers; capacity of both; changed pages. */
export const H_DIRTY_FLAGS = 34;
export const H_DIRTY_PAGES = 35;
export const H_DIRTY_CAPACITY = 36;
export const H_DIRTY_COUNT = 37;
/** Bytes of the two logs that the journal has. */
export const H_KEYS_JOURNALED = 38;
export const H_IDS_JOURNALED = 39;
/** f64: counts changes. */
export const H_VERSION = 40;
/** Pointers of the next newer and older histogram, 0 at the ends; guarded by the registry's lock. */
export const H_NEWER = 42;
export const H_OLDER = 43;
/** Set of chunk keys, set of unique ids (byte_set.ts). */
export const H_KEYS = 44;
export const H_IDS = 52;
/** f64: incarnation that is on disk, 0 if none; set when its epoch is. */
export const H_SERIAL_DURABLE = 60;
/** Block of one byte set for each category axis: the categories seen, in the order of their first fill. */
export const H_CATEGORIES = 62;
export const H_CATEGORY_AXES = 63;
/** f64: rises with the age of creation, whatever becomes of the record's creation number. */
export const H_ORDER = 64;
export const H_WORDS = 80;

/** States of a histogram's record. */
export const STATE_FREE = 0;
export const STATE_LIVE = 1;
/** Deleted, but the disk does not know yet: lookups wait for the epoch, then say that it is unknown. */
export const STATE_DELETED = 2;

// A token's record, guarded by the registry's lock.
export const T_NEXT = 0;
export const T_HISTOGRAMS = 1;
/** f64 */
export const T_CREATION = 2;
/** i64: bytes of the chunks of its histograms. */
export const T_CHUNK_BYTES = 4;
export const T_DIGEST = 8;
/** f64 counters of each thread. */
export const T_COUNTERS = 16;
export const T_WORDS = T_COUNTERS + THREADS_MAX * COUNTERS_PER_THREAD * 2;
