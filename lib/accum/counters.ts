/**
 * Call counters of the server and of each token: each thread writes cells of its own, readers add them up.
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";
import {
  COUNTERS_PER_THREAD,
  T_CHUNK_BYTES,
  T_COUNTERS,
  T_CREATION,
  T_HISTOGRAMS,
  THREADS_MAX,
  WORD_CHUNK_BYTES_TOTAL,
  WORD_COUNTERS,
  WORD_HISTOGRAM_COUNT,
} from "./layout.ts";
import type { Registry, TokenHandle } from "./registry.ts";

/** Adds `amount` to the server's counter `counter` < 16. */
export function addToCounter(registry: Registry, counter: number, amount: number): void {
  const { f64 } = registry.arena;
  f64[WORD_COUNTERS / 2 + counterIndex(registry.threadIndex, counter)]! += amount;
}

/** Adds 1 to the token's counter `counter` < 16; says whether the handle still is that token's. */
export function countForToken(registry: Registry, token: TokenHandle, counter: number): boolean {
  const { f64 } = registry.arena;
  const at = token.pointer * UNIT_WORDS;
  if (f64[(at + T_CREATION) / 2] !== token.creation) return false;
  f64[(at + T_COUNTERS) / 2 + counterIndex(registry.threadIndex, counter)]! += 1;
  return true;
}

/** The server's counters, summed over threads. */
export function readCounters(arena: Arena): Float64Array {
  return sum(arena, WORD_COUNTERS);
}

/** A token's counters, summed over threads. */
export function readTokenCounters(arena: Arena, token: TokenHandle): Float64Array {
  return sum(arena, token.pointer * UNIT_WORDS + T_COUNTERS);
}

/** Histograms and bytes of their chunks, of the server or of one token. */
export function readUsage(
  arena: Arena,
  token: TokenHandle | null,
): { histograms: number; chunkBytes: bigint } {
  arena.sync();
  const at = token ? token.pointer * UNIT_WORDS : 0;
  return {
    histograms: arena.words[token ? at + T_HISTOGRAMS : WORD_HISTOGRAM_COUNT]!,
    chunkBytes: arena.i64[(token ? at + T_CHUNK_BYTES : WORD_CHUNK_BYTES_TOTAL) / 2]!,
  };
}

function sum(arena: Arena, word: number): Float64Array {
  const totals = new Float64Array(COUNTERS_PER_THREAD);
  for (let thread = 0; thread < THREADS_MAX; thread++) {
    for (let i = 0; i < COUNTERS_PER_THREAD; i++) {
      totals[i]! += arena.f64[word / 2 + counterIndex(thread, i)]!;
    }
  }
  return totals;
}

/** The counter's place within a block of counters. */
function counterIndex(threadIndex: number, counter: number): number {
  return threadIndex * COUNTERS_PER_THREAD + counter;
}
