/**
 * Rebuilds the table of histograms from what the journal replays, before any other thread attaches.
 *
 * The journal writes each group's members in ascending order and then the redo records in order, so metadata comes
 * before keys and keys before cells; logs may grow later.
 *
 * @module
 */

import { MEMBER } from "./drain.ts";
import { GroupContents, RestoreError } from "./group_contents.ts";
import { WORD_NEXT_SERIAL } from "./layout.ts";
import { decodeMetadata } from "./metadata.ts";
import type { Registry } from "./registry.ts";

/** What was restored. */
export interface RestoreReport {
  readonly histograms: number;
  readonly chunks: number;
  readonly uniqueIds: number;
}

/** Takes the journal's writes, by group. */
export class GroupCollector {
  readonly #registry: Registry;
  readonly #isWanted: (group: number) => boolean;
  readonly groups = new Map<number, GroupContents>();

  /** Collects the groups that `isWanted` names; all by default. */
  constructor(registry: Registry, isWanted: (group: number) => boolean = () => true) {
    this.#registry = registry;
    this.#isWanted = isWanted;
  }

  /** @throws {RestoreError} if the write does not belong to a histogram. @throws {ArenaFullError} */
  write(write: { group: number; member: number; offset: number }, bytes: Uint8Array): void {
    if (!this.#isWanted(write.group)) return;
    let group = this.groups.get(write.group);
    if (!group) {
      if (write.member !== MEMBER.metadata) {
        throw new RestoreError(`Cannot restore group ${write.group}: it has no metadata`);
      }
      group = new GroupContents(this.#registry.arena, write.group);
      this.groups.set(write.group, group);
    }
    group.write(write.member, write.offset, bytes);
  }

  /** Forgets everything, to begin anew. */
  clear(): void {
    for (const group of [...this.groups.keys()]) this.remove(group);
  }

  /** The group is no more. */
  remove(number: number): void {
    this.groups.get(number)?.discard();
    this.groups.delete(number);
  }
}

/**
 * Builds the table of all that was collected. Serials go on from `serialFloor`, which is above every one ever used.
 *
 * @throws {RestoreError} if a histogram is not whole. @throws {ArenaFullError}
 */
export function restoreHistograms(
  registry: Registry,
  collector: GroupCollector,
  options: { serialFloor: number },
): RestoreReport {
  let chunks = 0;
  let uniqueIds = 0;
  let serial = options.serialFloor;
  const found = [...collector.groups].map(([number, group]) => ({
    number,
    group,
    metadata: decodeMetadata(group.metadata),
  }));
  // The list by age is made by publishing in order.
  found.sort((a, b) => a.metadata.createdWallMs - b.metadata.createdWallMs || a.number - b.number);
  for (const { number, group, metadata } of found) {
    serial = Math.max(serial, number);
    const handle = registry.prepare(metadata);
    const moved = group.moveTo(handle);
    registry.publish(handle);
    chunks += moved.chunks;
    uniqueIds += moved.uniqueIds;
  }
  registry.arena.f64[WORD_NEXT_SERIAL / 2] = serial;
  const histograms = collector.groups.size;
  collector.groups.clear();
  return { histograms, chunks, uniqueIds };
}
