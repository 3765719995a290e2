/**
 * Accumulators for tests: an arena, a registry, and histograms in it.
 *
 * @module
 */

import {
  addInitialChunks,
  Arena,
  type ChunkAddition,
  drainHistogram,
  type Durability,
  GroupCollector,
  type HistogramHandle,
  noteDurable,
  publish,
  publishHistogram,
  readHistogram,
  Registry,
  reinstateHistograms,
  restoreHistograms,
  setDurability,
  takeDirty,
  withdrawChanges,
} from "../../lib/accum/mod.ts";
import { uuid4Hex } from "../../lib/base/mod.ts";

/** A registry over a new arena. */
export function makeRegistry(
  options: { budgetBytes?: number; durability?: Durability } = {},
): Registry {
  const arena = Arena.create(options.budgetBytes ?? 64 * 2 ** 20, { hashSeed: 7 });
  setDurability(arena, options.durability ?? "commit");
  return new Registry(arena, { threadIndex: 0 });
}

/** A published histogram of `cells` f64 or i64 cells a chunk. */
export function makeHistogram(
  registry: Registry,
  options: {
    cells: number;
    arithmetic?: "f64" | "i64";
    tokenDigest?: Uint8Array;
    additions?: readonly ChunkAddition[];
  },
): HistogramHandle {
  const handle = registry.prepare({
    id: uuid4Hex(),
    tokenDigest: options.tokenDigest ?? null,
    arithmetic: options.arithmetic ?? "f64",
    chunkBytes: options.cells * 8,
    createdWallMs: 1,
    name: "",
    label: "",
    categoryAxes: 0,
    json: "{}",
  });
  addInitialChunks(registry, handle, options.additions ?? []);
  publishHistogram(registry, handle);
  return handle;
}

/** The bytes of f64 cells, at an odd offset as in a message. */
export function f64Bytes(cells: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(cells.length * 8 + 1), 1);
  const view = new DataView(bytes.buffer, 1);
  cells.forEach((cell, i) => view.setFloat64(i * 8, cell, true));
  return bytes;
}

/** UTF-8 bytes, as a chunk key or a unique id. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All chunks of a histogram by key, or null if it is gone. */
export function contentsOf(
  registry: Registry,
  handle: HistogramHandle,
): Record<string, number[]> | null {
  const outcome = readHistogram(registry, handle, {
    read: (view) => {
      const contents: Record<string, number[]> = {};
      for (const [ordinal, key] of view.keys().entries()) {
        const target = new Uint8Array(handle.metadata.chunkBytes);
        view.copyChunk(ordinal, { target, at: 0 });
        contents[new TextDecoder().decode(key)] = [...new Float64Array(target.buffer)];
      }
      return contents;
    },
  });
  return outcome.value ?? null;
}

/** One thing that the committer writes. */
export type DiskWrite =
  | { kind: "write"; group: number; member: number; offset: number; bytes: Uint8Array }
  | { kind: "remove"; group: number };

/** What the committer took and has not told of yet. */
export interface PendingEpoch {
  readonly epoch: number;
  readonly histograms: readonly number[];
  readonly deleted: readonly number[];
}

/** A disk: what the committer writes, applied in order. */
export class FakeDisk {
  /** What each epoch wrote. */
  readonly epochs: { readonly epoch: number; readonly writes: DiskWrite[] }[] = [];
  groupMax = 0;

  /** One epoch: take, drain, publish, reclaim. */
  commit(registry: Registry): void {
    this.publish(registry, this.write(registry));
  }

  /** The first half: the open epoch is taken and on disk, but nobody knows. */
  write(registry: Registry): PendingEpoch {
    const { epoch, histograms } = takeDirty(registry.arena);
    const writes: DiskWrite[] = [];
    const deleted = histograms.filter((histogram) =>
      drainHistogram(registry.arena, histogram, {
        write: ({ group, member, offset }, bytes) => {
          this.groupMax = Math.max(this.groupMax, group);
          writes.push({ kind: "write", group, member, offset, bytes: bytes.slice() });
        },
        remove: (group) => writes.push({ kind: "remove", group }),
      })
    );
    this.epochs.push({ epoch, writes });
    return { epoch, histograms, deleted };
  }

  /** The second half: all threads are told, and what was deleted is freed. */
  publish(registry: Registry, pending: PendingEpoch): void {
    for (const histogram of pending.histograms) noteDurable(registry.arena, histogram);
    publish(registry.arena, pending.epoch);
    for (const histogram of pending.deleted) registry.reclaim(histogram);
  }

  /** A new process that starts from this disk, or from what its first `epochCount` epochs wrote. */
  restore(
    options: { epochCount?: number; budgetBytes?: number; durability?: Durability } = {},
  ): Registry {
    const registry = makeRegistry(options);
    const collector = new GroupCollector(registry);
    this.#replay(collector, options.epochCount);
    restoreHistograms(registry, collector, { serialFloor: this.groupMax });
    return registry;
  }

  /** The open epoch is taken and refused, and its changes are taken back; `between` runs in the middle of it. */
  refuse(registry: Registry, between: () => void = () => {}): void {
    const { epoch, histograms } = takeDirty(registry.arena);
    const ignore = { write: () => {}, remove: () => {} };
    for (const histogram of histograms) drainHistogram(registry.arena, histogram, ignore);
    const withdrawn = withdrawChanges(registry, { firstEpoch: epoch, histograms });
    between();
    const groups = new Set(withdrawn.values());
    const collector = new GroupCollector(registry, (group) => groups.has(group));
    this.#replay(collector);
    reinstateHistograms(registry, withdrawn, collector.groups);
  }

  #replay(collector: GroupCollector, epochCount?: number): void {
    for (const { writes } of this.epochs.slice(0, epochCount)) {
      for (const write of writes) {
        if (write.kind === "remove") collector.remove(write.group);
        else collector.write(write, write.bytes);
      }
    }
  }
}
