/**
 * A hash table in shared memory from a random fixed-length key to the record that contains it.
 *
 * A slot is one word, the pointer of a record (0 empty, -1 removed). The key stands in the record itself, at word
 * `keyAt`, `keyWords` long, and is random (a UUID, a digest), so that its first word is the hash.
 * The caller holds the lock that guards the table.
 *
 *     header, TABLE_WORDS words: 0 table pointer   1 slots (a power of two)   2 records   3 removed
 *
 * @module
 */

import { type Arena, UNIT_WORDS } from "./arena.ts";

/** Words of a table's header. */
export const TABLE_WORDS = 4;

const TABLE = 0;
const SLOTS = 1;
const RECORDS = 2;
const REMOVED = 3;
const SLOTS_MIN = 64;

/** Where a table is and where its records keep their keys. */
export interface RecordTable {
  /** Word index of the header. */
  readonly at: number;
  /** Word of the key within a record. */
  readonly keyAt: number;
  /** Length of the key in words. */
  readonly keyWords: number;
}

/** Records in the table. */
export function tableSize(arena: Arena, table: RecordTable): number {
  return arena.words[table.at + RECORDS]!;
}

/** Pointer of the record with this key, or 0. */
export function tableFind(arena: Arena, table: RecordTable, key: Int32Array): number {
  const slot = findSlot(arena, table, key);
  return slot < 0 ? 0 : arena.words[slot]!;
}

/**
 * Adds a record whose key is in place and not yet in the table.
 *
 * @throws {ArenaFullError} and leaves the table as it was.
 */
export function tableInsert(arena: Arena, table: RecordTable, record: number): void {
  const filled = arena.words[table.at + RECORDS]! + arena.words[table.at + REMOVED]! + 1;
  if (filled * 2 > arena.words[table.at + SLOTS]!) rehash(arena, table);
  place(arena.words, table, record);
  arena.words[table.at + RECORDS]! += 1;
}

/** Takes the record with this key out of the table, if it is in. */
export function tableRemove(arena: Arena, table: RecordTable, key: Int32Array): void {
  const slot = findSlot(arena, table, key);
  if (slot < 0) return;
  arena.words[slot] = -1;
  arena.words[table.at + RECORDS]! -= 1;
  arena.words[table.at + REMOVED]! += 1;
}

/** Pointers of all records, in no particular order. */
export function tableRecords(arena: Arena, table: RecordTable): number[] {
  const { words } = arena;
  const base = words[table.at + TABLE]! * UNIT_WORDS;
  const slots = words[table.at + SLOTS]!;
  const records: number[] = [];
  for (let i = 0; i < slots; i++) if (words[base + i]! > 0) records.push(words[base + i]!);
  return records;
}

function findSlot(arena: Arena, table: RecordTable, key: Int32Array): number {
  const { words } = arena;
  const slots = words[table.at + SLOTS]!;
  if (slots === 0) return -1;
  const base = words[table.at + TABLE]! * UNIT_WORDS;
  for (let probe = key[0]! & (slots - 1);; probe = (probe + 1) & (slots - 1)) {
    const record = words[base + probe]!;
    if (record === 0) return -1;
    if (record > 0 && equalAt(words, record * UNIT_WORDS + table.keyAt, key)) return base + probe;
  }
}

function equalAt(words: Int32Array, at: number, key: Int32Array): boolean {
  for (let i = 0; i < key.length; i++) if (words[at + i] !== key[i]) return false;
  return true;
}

function place(words: Int32Array, table: RecordTable, record: number): void {
  const mask = words[table.at + SLOTS]! - 1;
  const base = words[table.at + TABLE]! * UNIT_WORDS;
  let probe = words[record * UNIT_WORDS + table.keyAt]! & mask;
  while (words[base + probe]! !== 0) probe = (probe + 1) & mask;
  words[base + probe] = record;
}

function rehash(arena: Arena, table: RecordTable): void {
  const records = tableRecords(arena, table);
  const oldTable = arena.words[table.at + TABLE]!;
  const oldSlots = arena.words[table.at + SLOTS]!;
  let slots = SLOTS_MIN;
  while (slots < (records.length + 1) * 4) slots *= 2;
  const fresh = arena.allocate(slots * 4);
  arena.words[table.at + TABLE] = fresh;
  arena.words[table.at + SLOTS] = slots;
  arena.words[table.at + REMOVED] = 0;
  for (const record of records) place(arena.words, table, record);
  if (oldTable !== 0) arena.free(oldTable, oldSlots * 4);
}
