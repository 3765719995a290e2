/**
 * The dynamic table of HPACK (RFC 7541 §2.3.2, §4), for either direction.
 *
 * @module
 */

import { staticTable } from "./hpack_static_table.ts";

/** One header field: name and value, one character a byte. */
export type HeaderField = readonly [name: string, value: string];

/** What a field counts beside its name and value (RFC 7541 §4.1). */
export const fieldOverheadBytes = 32;

/** SETTINGS_HEADER_TABLE_SIZE before any SETTINGS frame (RFC 9113 §6.5.2). */
export const defaultTableBytes = 4096;

/** The first index of the dynamic table. */
export const dynamicIndexMin = staticTable.length + 1;

/** Size of a field as a table and a header list count it (RFC 7541 §4.1). */
export function fieldBytes(field: HeaderField): number {
  return field[0].length + field[1].length + fieldOverheadBytes;
}

/** First in, first out, bounded by size. */
export class HpackTable {
  /** Ring; its length is a power of two. The newest entry is at `#newest`, older ones before it. */
  #fields: (HeaderField | undefined)[] = new Array(16).fill(undefined);
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #bytesMax: number;
  #generation = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Sum of the entries' sizes, ≤ `bytesMax`. */
  get bytes(): number {
    return this.#bytes;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** Changes whenever the meaning of an index may have changed. */
  get generation(): number {
    return this.#generation;
  }

  /** The field at `index` of the address space of both tables, 1 the first; undefined beyond the last. */
  at(index: number): HeaderField | undefined {
    if (index < dynamicIndexMin) return staticTable[index - 1];
    const age = index - dynamicIndexMin;
    if (age >= this.#count) return undefined;
    return this.#fields[(this.#newest - age) & (this.#fields.length - 1)];
  }

  /** Adds a field as the newest; drops the oldest as needed, all if it alone is too large (RFC 7541 §4.4). */
  insert(field: HeaderField): void {
    this.#generation++;
    const bytes = fieldBytes(field);
    this.#evict(this.#bytesMax - bytes);
    if (bytes > this.#bytesMax) return;
    if (this.#count === this.#fields.length) this.#grow();
    this.#newest = (this.#newest + 1) & (this.#fields.length - 1);
    this.#fields[this.#newest] = field;
    this.#count++;
    this.#bytes += bytes;
  }

  /** Sets the limit, dropping the oldest as needed (RFC 7541 §4.3). */
  resize(bytesMax: number): void {
    this.#generation++;
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  #evict(bytesMax: number): void {
    while (this.#count > 0 && this.#bytes > bytesMax) {
      const oldest = (this.#newest - this.#count + 1) & (this.#fields.length - 1);
      this.#bytes -= fieldBytes(this.#fields[oldest]!);
      this.#fields[oldest] = undefined;
      this.#count--;
    }
  }

  #grow(): void {
    const capacity = this.#fields.length;
    const fields: (HeaderField | undefined)[] = new Array(capacity * 2).fill(undefined);
    for (let age = 0; age < this.#count; age++) {
      fields[this.#count - 1 - age] = this.#fields[(this.#newest - age) & (capacity - 1)];
    }
    this.#fields = fields;
    this.#newest = this.#count - 1;
  }
}
