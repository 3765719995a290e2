/**
 * Epochs: the numbers of group commits.
 *
 * A change joins the open epoch when its histogram enters the dirty list. The committer takes the whole list, which
 * opens the next epoch, copies what changed under each histogram's lock, and publishes the epoch when it is on disk.
 * A histogram's changes between being listed and being copied all belong to the listed epoch, so a fill is in one
 * epoch as a whole, together with its unique id.
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";
import {
  H_EPOCH,
  H_NEXT,
  H_QUEUED,
  WORD_COMMITTER_SIGNAL,
  WORD_DIRTY_HEAD,
  WORD_DIRTY_LOCK,
  WORD_DURABILITY,
  WORD_EPOCH_OPEN,
  WORD_EPOCH_PUBLISHED,
  WORD_EPOCH_PUBLISHED_HIGH,
  WORD_STOPPING,
  WORD_STORE_REFUSES,
} from "./layout.ts";
import { lock, unlock } from "./mutex.ts";

const LOW_RANGE = 2 ** 31;

/**
 * What an acknowledgement promises: nothing (`none`), that the change will be on disk soon (`interval`), or that it
 * is on disk (`commit`).
 */
export type Durability = "none" | "interval" | "commit";

const DURABILITIES: readonly Durability[] = ["none", "interval", "commit"];

/** Sets the promise once, before other threads attach. */
export function setDurability(arena: Arena, durability: Durability): void {
  arena.words[WORD_DURABILITY] = DURABILITIES.indexOf(durability);
  arena.f64[WORD_EPOCH_OPEN / 2] = 1;
}

/** The promise that {@linkcode setDurability} set. */
export function durabilityOf(arena: Arena): Durability {
  return DURABILITIES[arena.words[WORD_DURABILITY]!]!;
}

/** Puts a changed histogram into the dirty list, and so into the open epoch. The caller holds its lock. */
export function enlist(arena: Arena, histogram: number): void {
  const { words } = arena;
  const at = histogram * UNIT_WORDS;
  if (words[at + H_QUEUED] === 1) return;
  lock(words, WORD_DIRTY_LOCK);
  words[at + H_NEXT] = words[WORD_DIRTY_HEAD]!;
  words[WORD_DIRTY_HEAD] = histogram;
  arena.f64[(at + H_EPOCH) / 2] = arena.f64[WORD_EPOCH_OPEN / 2]!;
  unlock(words, WORD_DIRTY_LOCK);
  words[at + H_QUEUED] = 1;
  callCommitter(arena);
}

/** Closes the open epoch and takes its histograms; they stay `queued` until each is copied. */
export function takeDirty(arena: Arena): { epoch: number; histograms: number[] } {
  const { words } = arena;
  lock(words, WORD_DIRTY_LOCK);
  arena.sync();
  const head = words[WORD_DIRTY_HEAD]!;
  words[WORD_DIRTY_HEAD] = 0;
  const epoch = arena.f64[WORD_EPOCH_OPEN / 2]!;
  arena.f64[WORD_EPOCH_OPEN / 2] = epoch + 1;
  unlock(words, WORD_DIRTY_LOCK);
  return { epoch, histograms: listFrom(arena, head) };
}

/** The histograms of a list that was taken; before the first of them is enlisted anew. */
export function listFrom(arena: Arena, head: number): number[] {
  const histograms: number[] = [];
  for (let next = head; next !== 0; next = arena.words[next * UNIT_WORDS + H_NEXT]!) {
    histograms.push(next);
  }
  return histograms;
}

/** Whether a histogram waits for the committer. */
export function hasDirty(arena: Arena): boolean {
  return Atomics.load(arena.words, WORD_DIRTY_HEAD) !== 0;
}

/** Tells all threads that `epoch` is on disk. Only the committer calls it. */
export function publish(arena: Arena, epoch: number): void {
  const { words } = arena;
  // Lower part first: a reader between the two stores sees an older epoch, never a newer one.
  Atomics.store(words, WORD_EPOCH_PUBLISHED, epoch % LOW_RANGE);
  Atomics.store(words, WORD_EPOCH_PUBLISHED_HIGH, Math.floor(epoch / LOW_RANGE));
  Atomics.notify(words, WORD_EPOCH_PUBLISHED);
}

/** The newest epoch that is on disk. */
export function publishedEpoch(arena: Arena): number {
  const { words } = arena;
  for (;;) {
    const high = Atomics.load(words, WORD_EPOCH_PUBLISHED_HIGH);
    const low = Atomics.load(words, WORD_EPOCH_PUBLISHED);
    if (Atomics.load(words, WORD_EPOCH_PUBLISHED_HIGH) === high) return high * LOW_RANGE + low;
  }
}

/** Says that the disk refuses commits, and wakes who waits for one. {@linkcode acceptChanges} takes it back. */
export function refuseChanges(arena: Arena): void {
  Atomics.store(arena.words, WORD_STORE_REFUSES, 1);
  Atomics.notify(arena.words, WORD_EPOCH_PUBLISHED);
}

/** The disk takes commits again. */
export function acceptChanges(arena: Arena): void {
  Atomics.store(arena.words, WORD_STORE_REFUSES, 0);
}

/** Whether the disk refuses commits at present. */
export function changesRefused(arena: Arena): boolean {
  return Atomics.load(arena.words, WORD_STORE_REFUSES) === 1;
}

/** Wakes the committer. */
export function callCommitter(arena: Arena): void {
  Atomics.add(arena.words, WORD_COMMITTER_SIGNAL, 1);
  Atomics.notify(arena.words, WORD_COMMITTER_SIGNAL);
}

/** Asks the committer to write what is left and to end. */
export function stopCommitter(arena: Arena): void {
  Atomics.store(arena.words, WORD_STOPPING, 1);
  callCommitter(arena);
}

/** Whether {@linkcode stopCommitter} was called. */
export function isStopping(arena: Arena): boolean {
  return Atomics.load(arena.words, WORD_STOPPING) === 1;
}

/** The value to give to {@linkcode waitForCall}, read before looking for work. */
export function committerSignal(arena: Arena): number {
  return Atomics.load(arena.words, WORD_COMMITTER_SIGNAL);
}

/** Resolves at the next call after `seen` was read; at once if there was one already. */
export async function waitForCall(arena: Arena, seen: number): Promise<void> {
  const waiting = Atomics.waitAsync(arena.words, WORD_COMMITTER_SIGNAL, seen);
  if (waiting.async) await waiting.value;
}
