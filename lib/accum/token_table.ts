/**
 * The tokens that have histograms, as digests, with their counters. The caller holds the registry's lock.
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";
import {
  T_CREATION,
  T_DIGEST,
  T_HISTOGRAMS,
  T_NEXT,
  T_WORDS,
  WORD_FREE_TOKENS,
  WORD_NEXT_CREATION,
  WORD_TOKEN_TABLE,
} from "./layout.ts";
import { type RecordTable, tableFind, tableInsert, tableRemove } from "./record_table.ts";

const TOKENS: RecordTable = { at: WORD_TOKEN_TABLE, keyAt: T_DIGEST, keyWords: 8 };

/** Pointer of the token's record, or 0 if it has no histograms. */
export function findTokenRecord(arena: Arena, digest: Uint8Array): number {
  return tableFind(arena, TOKENS, digestWords(digest));
}

/**
 * Counts one more histogram of the token and gives its record.
 *
 * @throws {ArenaFullError} and leaves the table as it was.
 */
export function holdToken(arena: Arena, digest: Uint8Array): number {
  const pointer = findTokenRecord(arena, digest) || addToken(arena, digest);
  arena.words[pointer * UNIT_WORDS + T_HISTOGRAMS]! += 1;
  return pointer;
}

/** Counts one histogram less; the last one takes the counters along. */
export function releaseToken(arena: Arena, pointer: number): void {
  const { words, f64 } = arena;
  const at = pointer * UNIT_WORDS;
  words[at + T_HISTOGRAMS]! -= 1;
  if (words[at + T_HISTOGRAMS] !== 0) return;
  tableRemove(arena, TOKENS, words.slice(at + T_DIGEST, at + T_DIGEST + 8));
  f64[(at + T_CREATION) / 2] = 0;
  words[at + T_NEXT] = words[WORD_FREE_TOKENS]!;
  words[WORD_FREE_TOKENS] = pointer;
}

/** The words of a 32-byte digest. */
export function digestWords(digest: Uint8Array): Int32Array {
  return new Int32Array(digest.slice().buffer);
}

function addToken(arena: Arena, digest: Uint8Array): number {
  const free = arena.words[WORD_FREE_TOKENS]!;
  const pointer = free || arena.allocate(T_WORDS * 4);
  const at = pointer * UNIT_WORDS;
  const next = free ? arena.words[at + T_NEXT]! : 0;
  arena.words.fill(0, at, at + T_WORDS);
  arena.words.set(digestWords(digest), at + T_DIGEST);
  try {
    tableInsert(arena, TOKENS, pointer);
  } finally {
    // In use, or, if the table could not grow, free again.
    const isIn = tableFind(arena, TOKENS, digestWords(digest)) !== 0;
    if (!isIn) arena.words[at + T_NEXT] = next;
    arena.words[WORD_FREE_TOKENS] = isIn ? next : pointer;
  }
  const creation = arena.f64[WORD_NEXT_CREATION / 2]! + 1;
  arena.f64[WORD_NEXT_CREATION / 2] = creation;
  arena.f64[(at + T_CREATION) / 2] = creation;
  return pointer;
}
