/**
 * A set of byte strings in shared memory that numbers its members in the order of their insertion.
 *
 * Unique ids and chunk keys are such sets. The members lie one after the other in one block, the
 * *log*, each as `u16 length, bytes`: this is also the form in which they are written to disk, so that the part of
 * the log that is not on disk yet is one slice. An open-addressing table maps a seeded hash to the place in the log.
 *
 *     header, SET_WORDS words inside a larger record:
 *       0 table pointer   1 table slots (a power of two)   2 members   3 log pointer   4 log capacity   5 log bytes
 *     table slot, 3 words: hash, log offset + 1 (0 = empty), ordinal
 *
 * The caller holds the lock that guards the set. Capacity for an insertion is reserved beforehand, so that the
 * insertion itself cannot fail half way.
 *
 * @module
 */

import { type Arena, ArenaFullError, UNIT_BYTES, UNIT_WORDS, WORD_HASH_SEED } from "./arena.ts";

/** Words of a set's header. */
export const SET_WORDS = 8;
/** A member has at most this many bytes. */
export const MEMBER_BYTES_MAX = 65_535;

const TABLE = 0;
const SLOTS = 1;
const MEMBERS = 2;
const LOG = 3;
const LOG_CAPACITY = 4;
const LOG_BYTES = 5;

const SLOT_WORDS = 3;
const SLOTS_MIN = 16;
const LOG_BYTES_MIN = 64;
/** The log's capacity is a 31-bit number of bytes. */
const LOG_BYTES_MAX = 2 ** 31 - 1;
/** The number of slots is a 31-bit number. */
const SLOTS_MAX = 2 ** 30;

/** Members of the set whose header starts at word `set`. */
export function setSize(arena: Arena, set: number): number {
  return arena.words[set + MEMBERS]!;
}

/** Bytes of the set's log. */
export function setLogBytes(arena: Arena, set: number): number {
  return arena.words[set + LOG_BYTES]!;
}

/** A view of the log's bytes in [from, to); valid until the set grows. */
export function setLog(
  arena: Arena,
  set: number,
  range: { from: number; to: number },
): Uint8Array<SharedArrayBuffer> {
  const base = arena.words[set + LOG]! * UNIT_BYTES;
  return arena.bytes.subarray(base + range.from, base + range.to);
}

/** The ordinal of `member`, or -1. */
export function setFind(arena: Arena, set: number, member: Uint8Array): number {
  const slots = arena.words[set + SLOTS]!;
  if (slots === 0) return -1;
  const slot = findSlot(arena, set, { member, hash: hashBytes(arena, member) });
  return slot < 0 ? -1 : arena.words[slot + 2]!;
}

/**
 * Makes room for `members` more members of `bytes` bytes in all.
 *
 * @throws {ArenaFullError} and leaves the set as it was.
 */
export function setReserve(
  arena: Arena,
  set: number,
  need: { members: number; bytes: number },
): void {
  const capacity = logCapacity(arena, set, need);
  const slots = tableSlots(arena, set, need.members);
  const log = capacity === 0 ? 0 : arena.allocate(capacity);
  let table = 0;
  try {
    if (slots !== 0) table = arena.allocate(slots * SLOT_WORDS * 4);
  } catch (error) {
    if (log !== 0) arena.free(log, capacity);
    throw error;
  }
  if (log !== 0) moveLog(arena, set, { log, capacity });
  if (table !== 0) moveTable(arena, set, { table, slots });
}

/** Adds `member`, which is not in the set and for which {@linkcode setReserve} made room. Returns its ordinal. */
export function setInsert(arena: Arena, set: number, member: Uint8Array): number {
  const { words, bytes } = arena;
  const offset = words[set + LOG_BYTES]!;
  const at = words[set + LOG]! * UNIT_BYTES + offset;
  bytes[at] = member.length & 0xff;
  bytes[at + 1] = member.length >>> 8;
  for (let i = 0; i < member.length; i++) bytes[at + 2 + i] = member[i]!;
  words[set + LOG_BYTES] = offset + 2 + member.length;
  const ordinal = words[set + MEMBERS]!;
  words[set + MEMBERS] = ordinal + 1;
  place(words, set, { hash: hashBytes(arena, member), offset, ordinal });
  return ordinal;
}

/** The member with its length at `offset` of the log; `next` is the offset of the one after it. */
export function setMemberAt(
  arena: Arena,
  set: number,
  offset: number,
): { member: Uint8Array; next: number } {
  const at = arena.words[set + LOG]! * UNIT_BYTES + offset;
  const length = arena.bytes[at]! | (arena.bytes[at + 1]! << 8);
  return { member: arena.bytes.slice(at + 2, at + 2 + length), next: offset + 2 + length };
}

/** Copies of all members in the order of their insertion. */
export function setMembers(arena: Arena, set: number): Uint8Array[] {
  const members: Uint8Array[] = [];
  for (let offset = 0; offset < setLogBytes(arena, set);) {
    const { member, next } = setMemberAt(arena, set, offset);
    members.push(member);
    offset = next;
  }
  return members;
}

/** Frees the set's blocks and empties it. */
export function setClear(arena: Arena, set: number): void {
  const { words } = arena;
  if (words[set + TABLE]! !== 0) {
    arena.free(words[set + TABLE]!, words[set + SLOTS]! * SLOT_WORDS * 4);
  }
  if (words[set + LOG]! !== 0) arena.free(words[set + LOG]!, words[set + LOG_CAPACITY]!);
  arena.words.fill(0, set, set + SET_WORDS);
}

/** First word of the member's slot, or -1. */
function findSlot(arena: Arena, set: number, key: { member: Uint8Array; hash: number }): number {
  const { words, bytes } = arena;
  const { member, hash } = key;
  const mask = words[set + SLOTS]! - 1;
  const table = words[set + TABLE]! * UNIT_WORDS;
  const log = words[set + LOG]! * UNIT_BYTES;
  for (let probe = hash & mask;; probe = (probe + 1) & mask) {
    const slot = table + probe * SLOT_WORDS;
    const place = words[slot + 1]!;
    if (place === 0) return -1;
    if (words[slot] !== hash) continue;
    const at = log + place - 1;
    if ((bytes[at]! | (bytes[at + 1]! << 8)) === member.length && equalAt(bytes, at + 2, member)) {
      return slot;
    }
  }
}

function equalAt(bytes: Uint8Array, at: number, member: Uint8Array): boolean {
  for (let i = 0; i < member.length; i++) if (bytes[at + i] !== member[i]) return false;
  return true;
}

function place(
  words: Int32Array,
  set: number,
  entry: { hash: number; offset: number; ordinal: number },
): void {
  const mask = words[set + SLOTS]! - 1;
  const table = words[set + TABLE]! * UNIT_WORDS;
  let probe = entry.hash & mask;
  while (words[table + probe * SLOT_WORDS + 1]! !== 0) probe = (probe + 1) & mask;
  const slot = table + probe * SLOT_WORDS;
  words[slot] = entry.hash;
  words[slot + 1] = entry.offset + 1;
  words[slot + 2] = entry.ordinal;
}

/** The capacity that the log must grow to, 0 if it is large enough. */
function logCapacity(arena: Arena, set: number, need: { members: number; bytes: number }): number {
  const needBytes = arena.words[set + LOG_BYTES]! + need.bytes + 2 * need.members;
  const capacity = arena.words[set + LOG_CAPACITY]!;
  if (needBytes <= capacity) return 0;
  if (needBytes > LOG_BYTES_MAX) throw setFull("its members would exceed 2 GiB", needBytes);
  return Math.min(LOG_BYTES_MAX, Math.max(LOG_BYTES_MIN, needBytes, capacity * 2));
}

/** The slots that the table must grow to, 0 if there are enough; at most half of them are ever taken. */
function tableSlots(arena: Arena, set: number, more: number): number {
  const members = arena.words[set + MEMBERS]! + more;
  if (members * 2 <= arena.words[set + SLOTS]!) return 0;
  let slots = SLOTS_MIN;
  while (slots < members * 4 && slots < SLOTS_MAX) slots *= 2;
  if (members * 2 > slots) throw setFull(`it would have ${members} members`, members);
  return slots;
}

function moveLog(arena: Arena, set: number, fresh: { log: number; capacity: number }): void {
  const old = arena.words[set + LOG]!;
  if (old !== 0) {
    const from = old * UNIT_BYTES;
    const used = arena.words[set + LOG_BYTES]!;
    arena.bytes.copyWithin(fresh.log * UNIT_BYTES, from, from + used);
    arena.free(old, arena.words[set + LOG_CAPACITY]!);
  }
  arena.words[set + LOG] = fresh.log;
  arena.words[set + LOG_CAPACITY] = fresh.capacity;
}

function moveTable(arena: Arena, set: number, fresh: { table: number; slots: number }): void {
  const { words } = arena;
  const oldTable = words[set + TABLE]!;
  const oldSlots = words[set + SLOTS]!;
  words[set + TABLE] = fresh.table;
  words[set + SLOTS] = fresh.slots;
  for (let i = 0; i < oldSlots; i++) {
    const slot = oldTable * UNIT_WORDS + i * SLOT_WORDS;
    if (words[slot + 1]! === 0) continue;
    place(words, set, {
      hash: words[slot]!,
      offset: words[slot + 1]! - 1,
      ordinal: words[slot + 2]!,
    });
  }
  if (oldTable !== 0) arena.free(oldTable, oldSlots * SLOT_WORDS * 4);
}

function setFull(state: string, neededBytes: number): ArenaFullError {
  return new ArenaFullError(`Cannot add to a set: ${state}`, { neededBytes });
}

/** 32-bit hash of `bytes` (FNV-1a steps, MurmurHash3's finalizer) from the arena's seed, as a signed word. */
function hashBytes(arena: Arena, bytes: Uint8Array): number {
  let hash = arena.words[WORD_HASH_SEED]! ^ bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
