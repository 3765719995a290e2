/**
 * Epochs that never reached the disk: their changes were taken back, and whoever waits for one is refused.
 *
 * The last {@linkcode RANGES_MAX} ranges are kept in the control region. Ranges that touch are one range, so a disk
 * that refuses for a day makes one. Only the committer writes.
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import {
  WORD_DIRTY_HEAD,
  WORD_DIRTY_LOCK,
  WORD_EPOCH_OPEN,
  WORD_EPOCH_PUBLISHED,
  WORD_VOID_COUNT,
  WORD_VOID_RANGES,
} from "./layout.ts";
import { listFrom } from "./epoch.ts";
import { lock, unlock } from "./mutex.ts";

/** Ranges that are remembered; a waiter is woken at every change of them. */
export const RANGES_MAX = 16;

/**
 * Closes the open epoch and makes it, and all from `first` on, void. Returns the histograms that were listed in it.
 * Whoever waits for one of them is woken.
 */
export function voidEpochs(arena: Arena, first: number): number[] {
  const { words, f64 } = arena;
  lock(words, WORD_DIRTY_LOCK);
  arena.sync();
  const head = words[WORD_DIRTY_HEAD]!;
  words[WORD_DIRTY_HEAD] = 0;
  const last = f64[WORD_EPOCH_OPEN / 2]!;
  f64[WORD_EPOCH_OPEN / 2] = last + 1;
  const count = words[WORD_VOID_COUNT]!;
  const newest = rangeAt(count - 1);
  if (count > 0 && f64[newest + 1] === first - 1) f64[newest + 1] = last;
  else {
    f64[rangeAt(count)] = first;
    f64[rangeAt(count) + 1] = last;
    Atomics.store(words, WORD_VOID_COUNT, count + 1);
  }
  unlock(words, WORD_DIRTY_LOCK);
  Atomics.notify(words, WORD_EPOCH_PUBLISHED);
  return listFrom(arena, head);
}

/** Whether the changes of `epoch` were taken back. */
export function isVoidEpoch(arena: Arena, epoch: number): boolean {
  const { words, f64 } = arena;
  if (Atomics.load(words, WORD_VOID_COUNT) === 0) return false;
  lock(words, WORD_DIRTY_LOCK);
  const count = words[WORD_VOID_COUNT]!;
  let isVoid = false;
  for (let i = Math.max(0, count - RANGES_MAX); i < count; i++) {
    isVoid ||= epoch >= f64[rangeAt(i)]! && epoch <= f64[rangeAt(i) + 1]!;
  }
  unlock(words, WORD_DIRTY_LOCK);
  return isVoid;
}

/** Place of a range among the f64 of the control region. */
function rangeAt(index: number): number {
  return WORD_VOID_RANGES / 2 + (((index % RANGES_MAX) + RANGES_MAX) % RANGES_MAX) * 2;
}
