/**
 * The categories seen on each category axis, in the order of their first fill: one byte set an axis, derived from the
 * chunk keys, so that a query over an axis need not look at all keys.
 *
 * A key is a row of components, one for each axis (the canonical bytes of lib/wire):
 *
 *     component   0 unset | 1 string, u32 length, UTF-8 | 2 integer, i64
 *
 * The caller holds the histogram's lock, or nobody else knows the histogram yet.
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";
import {
  SET_WORDS,
  setClear,
  setFind,
  setInsert,
  setMembers,
  setReserve,
  setSize,
} from "./byte_set.ts";
import { H_CATEGORIES, H_CATEGORY_AXES } from "./layout.ts";

/**
 * Makes room for what `keys` may add.
 *
 * @throws {ArenaFullError} and leaves the sets as they were.
 */
export function reserveCategories(arena: Arena, at: number, keys: readonly Uint8Array[]): void {
  const axes = arena.words[at + H_CATEGORY_AXES]!;
  if (axes === 0) return;
  if (arena.words[at + H_CATEGORIES] === 0) {
    arena.words[at + H_CATEGORIES] = arena.allocate(axes * SET_WORDS * 4);
  }
  const fresh = Array.from({ length: axes }, () => ({ members: 0, bytes: 0 }));
  for (const key of keys) {
    let axis = 0;
    for (const component of components(key)) {
      if (setFind(arena, setOf(arena, at, axis), component) < 0) {
        fresh[axis]!.members++;
        fresh[axis]!.bytes += component.length;
      }
      axis++;
    }
  }
  for (const [axis, need] of fresh.entries()) {
    if (need.members > 0) setReserve(arena, setOf(arena, at, axis), need);
  }
}

/** Notes the components of a new key. Cannot fail after {@linkcode reserveCategories}. */
export function addCategories(arena: Arena, at: number, key: Uint8Array): void {
  if (arena.words[at + H_CATEGORY_AXES] === 0) return;
  let axis = 0;
  for (const component of components(key)) {
    const set = setOf(arena, at, axis++);
    if (setFind(arena, set, component) < 0) setInsert(arena, set, component);
  }
}

/** The components seen on an axis, in the order of their first fill. */
export function categoriesOf(arena: Arena, at: number, axis: number): Uint8Array[] {
  if (arena.words[at + H_CATEGORIES] === 0) return [];
  return setMembers(arena, setOf(arena, at, axis));
}

/** How many components were seen on an axis. */
export function categoryCount(arena: Arena, at: number, axis: number): number {
  return arena.words[at + H_CATEGORIES] === 0 ? 0 : setSize(arena, setOf(arena, at, axis));
}

/** Frees the sets. */
export function clearCategories(arena: Arena, at: number): void {
  const block = arena.words[at + H_CATEGORIES]!;
  if (block === 0) return;
  const axes = arena.words[at + H_CATEGORY_AXES]!;
  for (let axis = 0; axis < axes; axis++) setClear(arena, setOf(arena, at, axis));
  arena.free(block, axes * SET_WORDS * 4);
  arena.words[at + H_CATEGORIES] = 0;
}

function setOf(arena: Arena, at: number, axis: number): number {
  return arena.words[at + H_CATEGORIES]! * UNIT_WORDS + axis * SET_WORDS;
}

function* components(key: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < key.length;) {
    const kind = key[at]!;
    const length = kind === 1
      ? 5 + key[at + 1]! + key[at + 2]! * 0x100 + key[at + 3]! * 0x1_0000 +
        key[at + 4]! * 0x100_0000
      : kind === 2
      ? 9
      : 1;
    yield key.subarray(at, at + length);
    at += length;
  }
}
