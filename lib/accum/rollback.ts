/**
 * Takes back what the disk refused: memory must not keep, or ever show, what is not on disk.
 *
 *     withdraw   void the epochs; empty the histograms they changed, so that nothing of them can be shown
 *     (the journal replays their groups)
 *     reinstate  put back what is on disk; forget histograms that never were
 *
 * In between, whatever reads or changes such a histogram gets a void epoch, and so is refused.
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";
import { emptyContents } from "./chunks.ts";
import { publishedEpoch } from "./epoch.ts";
import type { GroupContents } from "./group_contents.ts";
import { H_EPOCH, H_LOCK, H_QUEUED, H_SERIAL_DURABLE, H_STATE, STATE_LIVE } from "./layout.ts";
import { decodeMetadata, encodeMetadata } from "./metadata.ts";
import { lock, unlock } from "./mutex.ts";
import type { Registry } from "./registry.ts";
import { voidEpochs } from "./void_epochs.ts";

/** Histograms by pointer, with the group that the disk holds of each, 0 if none. */
export type Withdrawn = ReadonlyMap<number, number>;

/**
 * Makes all epochs from `firstEpoch` on void and withdraws the histograms that they changed: `histograms` were
 * taken from the list already, those still in it are added.
 */
export function withdrawChanges(
  registry: Registry,
  change: { firstEpoch: number; histograms: readonly number[] },
): Withdrawn {
  const { arena } = registry;
  for (const pointer of change.histograms) holdBack(arena, pointer, change.firstEpoch);
  const listed = voidEpochs(arena, change.firstEpoch);
  const withdrawn = new Map<number, number>();
  for (const pointer of [...change.histograms, ...listed]) {
    if (withdrawn.has(pointer)) continue;
    const at = pointer * UNIT_WORDS;
    lock(arena.words, at + H_LOCK);
    try {
      arena.sync();
      withdrawn.set(pointer, arena.f64[(at + H_SERIAL_DURABLE) / 2]!);
      if (arena.words[at + H_STATE] === STATE_LIVE) registry.withdraw(pointer);
      emptyContents(arena, pointer);
    } finally {
      unlock(arena.words, at + H_LOCK);
    }
  }
  return withdrawn;
}

/**
 * Makes a drained histogram seem listed in the epoch that will be void, so that what comes from now on belongs to it.
 * Else a change between the voiding and the withdrawal would list it in a later epoch, and be lost with its contents.
 */
function holdBack(arena: Arena, pointer: number, epoch: number): void {
  const at = pointer * UNIT_WORDS;
  lock(arena.words, at + H_LOCK);
  try {
    arena.sync();
    // One that was not drained, or listed again, has an epoch that will be void.
    if (arena.words[at + H_QUEUED] === 1) return;
    arena.words[at + H_QUEUED] = 1;
    arena.f64[(at + H_EPOCH) / 2] = epoch;
  } finally {
    unlock(arena.words, at + H_LOCK);
  }
}

/**
 * Puts back what the disk holds of the withdrawn histograms.
 *
 * @throws {RestoreError} if the disk does not hold what it must. @throws {ArenaFullError}
 */
export function reinstateHistograms(
  registry: Registry,
  withdrawn: Withdrawn,
  groups: ReadonlyMap<number, GroupContents>,
): void {
  const { arena } = registry;
  for (const [pointer, group] of withdrawn) {
    const contents = groups.get(group);
    if (group === 0 || !contents) {
      registry.reclaim(pointer);
      continue;
    }
    const at = pointer * UNIT_WORDS;
    lock(arena.words, at + H_LOCK);
    try {
      arena.sync();
      emptyContents(arena, pointer);
      restoreMetadata(registry, pointer, contents.metadata);
      contents.moveTo(registry.handleOf(pointer));
      registry.reinstate(pointer);
      arena.words[at + H_QUEUED] = 0;
      arena.f64[(at + H_EPOCH) / 2] = publishedEpoch(arena);
    } finally {
      unlock(arena.words, at + H_LOCK);
    }
  }
}

/** The disk may hold the histogram as it was before its axes grew. */
function restoreMetadata(registry: Registry, pointer: number, metadata: Uint8Array): void {
  const { arena } = registry;
  const known = encodeMetadata(registry.handleOf(pointer).metadata);
  if (known.length === metadata.length && known.every((byte, i) => byte === metadata[i])) return;
  registry.renew(pointer, {
    block: arena.allocate(metadata.length),
    bytes: metadata,
    chunkBytes: decodeMetadata(metadata).chunkBytes,
  });
}
