/**
 * The chunks that a plan of a selection needs, added up group by group, straight from shared memory.
 *
 * Their keys are made of the categories and looked up; if there are many more such keys than chunks, all chunks are
 * gone through instead.
 *
 * @module
 */

import type { HistogramView } from "../../accum/mod.ts";
import {
  addCells,
  type CategoryPlan,
  type Cells,
  type CellSource,
  type ChunkKey,
  groupOf,
  newCells,
  type SelectionPlan,
} from "../../hist/mod.ts";
import { decodeChunkKey, encodeChunkKey, splitChunkKey } from "../../wire/mod.ts";

/** A chunk that is gone through costs as much as so many keys that are looked up. */
const LOOKUPS_PER_CHUNK = 4;

const UNSET = Uint8Array.of(0);

/** The chunks of one group, by number; at least one. */
interface ChunkGroup {
  readonly group: number;
  readonly ordinals: readonly number[];
}

/**
 * The sum of each group that has chunks, in ascending order of the groups. The cells are valid until the next one is
 * asked for; those of a group of one chunk are the chunk's.
 *
 * Runs under the histogram's lock. Costs memory for one chunk, and in the worst case a number for each chunk.
 */
export function* sumGroups(
  plan: SelectionPlan,
  view: HistogramView,
): Generator<readonly [group: number, cells: CellSource], void, void> {
  const { cellKind, chunkCells } = plan.spec;
  let sum: Cells | undefined;
  for (const { group, ordinals } of chunkGroups(plan, view)) {
    const first = view.cells(ordinals[0]!);
    if (ordinals.length === 1) {
      yield [group, first];
      continue;
    }
    sum ??= newCells(cellKind, chunkCells);
    if (sum instanceof BigInt64Array) sum.set(first as BigInt64Array);
    else sum.set(first as Float64Array);
    for (let i = 1; i < ordinals.length; i++) addCells(cellKind, sum, view.cells(ordinals[i]!));
    yield [group, sum];
  }
}

function chunkGroups(plan: SelectionPlan, view: HistogramView): Iterable<ChunkGroup> {
  const isCheap = plan.keyCount <= LOOKUPS_PER_CHUNK * view.chunkCount;
  return isCheap ? lookUpGroups(plan, view) : collectGroups(plan, view);
}

/** All chunks by their group, in the order of their first fill. */
function collectGroups(plan: SelectionPlan, view: HistogramView): ChunkGroup[] {
  const groups = new Map<number, number[]>();
  for (const [ordinal, key] of view.keys().entries()) {
    const group = groupOf(plan, readKey(key));
    if (group < 0) continue;
    const ordinals = groups.get(group);
    if (ordinals) ordinals.push(ordinal);
    else groups.set(group, [ordinal]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([group, ordinals]) => ({ group, ordinals }));
}

function readKey(key: Uint8Array): ChunkKey {
  return splitChunkKey(key).map((component) => {
    if (component[0] === 0) return null;
    const [scalar] = decodeChunkKey(component);
    return typeof scalar === "bigint" ? Number(scalar) : scalar!;
  });
}

/** Chunks of all keys that are needed, in the order of the categories. */
function* lookUpGroups(
  plan: SelectionPlan,
  view: HistogramView,
): Generator<ChunkGroup, void, void> {
  const { categories, groupCount } = plan;
  const choices = categories.map(componentsByBin);
  const key = new Uint8Array(choices.reduce((bytes, lists) => bytes + longest(lists), 0));
  const bins = new Int32Array(choices.length);
  for (let group = 0; group < groupCount; group++) {
    const parts = choices.map((lists, axis) => lists[bins[axis]!]!);
    const ordinals = findChunks(view, parts, key);
    if (ordinals.length > 0) yield { group, ordinals };
    for (let axis = bins.length - 1; axis >= 0; axis--) {
      if (++bins[axis]! < choices[axis]!.length) break;
      bins[axis] = 0;
    }
  }
}

/** For each bin that remains of an axis, or the only one if none does, the components of keys that lead there. */
function componentsByBin({ axis, kept, map }: CategoryPlan): Uint8Array[][] {
  const lists: Uint8Array[][] = Array.from({ length: kept?.extent ?? 1 }, () => []);
  const all: readonly (string | number)[] = axis.categories;
  for (const [bin, to] of map.entries()) {
    if (to < 0) continue;
    const component = bin < all.length ? componentOf(all[bin]!) : UNSET;
    if (component) lists[to]!.push(component);
  }
  return lists;
}

/** Null for a text that no message can hold, and so no key. */
function componentOf(category: string | number): Uint8Array | null {
  if (typeof category === "number") return encodeChunkKey([BigInt(category)]);
  return category.isWellFormed() ? encodeChunkKey([category]) : null;
}

function longest(lists: readonly (readonly Uint8Array[])[]): number {
  let bytes = 0;
  for (const list of lists) for (const part of list) bytes = Math.max(bytes, part.length);
  return bytes;
}

/** The chunks of all keys that the parts make up, one of each list; `key` is room for the longest. */
function findChunks(
  view: HistogramView,
  parts: readonly (readonly Uint8Array[])[],
  key: Uint8Array,
): number[] {
  const ordinals: number[] = [];
  if (parts.some((list) => list.length === 0)) return ordinals;
  const positions = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length + 1);
  for (let changed = 0;;) {
    for (let axis = changed; axis < parts.length; axis++) {
      const part = parts[axis]![positions[axis]!]!;
      key.set(part, ends[axis]!);
      ends[axis + 1] = ends[axis]! + part.length;
    }
    const ordinal = view.findChunk(key.subarray(0, ends[parts.length]));
    if (ordinal >= 0) ordinals.push(ordinal);
    changed = parts.length - 1;
    for (; changed >= 0; changed--) {
      if (++positions[changed]! < parts[changed]!.length) break;
      positions[changed] = 0;
    }
    if (changed < 0) return ordinals;
  }
}
