/**
 * Which pages of a group exist: the journal's word against which missing and surplus pages are seen.
 *
 * A directory covers one *block*, {@linkcode pagesPerBlock} page numbers of all members of a group. It
 * changes in the same atomic commit as the pages that it names.
 *
 *     little-endian:  u16 members, then for each, ascending:
 *       u16 member   u16 bitmap bytes   u32 end low, u32 end high   bitmap (bit i of byte i/8: page i)
 *
 * `end` is the highest byte ever written in the block, counted from the block's begin.
 *
 * @module
 */

import { assert } from "../base/mod.ts";
import { JournalError } from "./journal_error.ts";
import { membersMax } from "./redo.ts";
import { getU53, openRecord, recordHeadBytes, sealRecord, setU53 } from "./record.ts";
import type { StoreKey } from "./store.ts";

/** A power of two; a member's bitmap is at most an eighth of it in bytes, so 32 fit one value. */
export const pagesPerBlock = 8_192;
const memberHeadBytes = 12;

interface MemberPages {
  bitmap: Uint8Array;
  endBytes: number;
}

/** The pages of one block of one group. Page numbers here count from the block's begin. */
export class PageDirectory {
  readonly #members = new Map<number, MemberPages>();

  clone(): PageDirectory {
    const copy = new PageDirectory();
    for (const [member, { bitmap, endBytes }] of this.#members) {
      copy.#members.set(member, { bitmap: bitmap.slice(), endBytes });
    }
    return copy;
  }

  has(member: number, page: number): boolean {
    const bitmap = this.#members.get(member)?.bitmap;
    return bitmap !== undefined && ((bitmap[page >> 3] ?? 0) & 1 << (page & 7)) !== 0;
  }

  /** The highest byte ever written of `member` in the block, or 0. */
  endBytes(member: number): number {
    return this.#members.get(member)?.endBytes ?? 0;
  }

  /** Marks the page as stored, with bytes up to `endBytes` of the block; false if nothing changes. */
  add(member: number, page: number, endBytes: number): boolean {
    assert(page >= 0 && page < pagesPerBlock, "A page of another block");
    if (this.has(member, page) && endBytes <= this.endBytes(member)) return false;
    const pages = this.#members.get(member) ?? { bitmap: new Uint8Array(0), endBytes: 0 };
    if (page >> 3 >= pages.bitmap.length) {
      const grown = new Uint8Array((page >> 3) + 1);
      grown.set(pages.bitmap);
      pages.bitmap = grown;
    }
    pages.bitmap[page >> 3]! |= 1 << (page & 7);
    pages.endBytes = Math.max(pages.endBytes, endBytes);
    this.#members.set(member, pages);
    return true;
  }

  /** Marks the page as gone. */
  delete(member: number, page: number): void {
    const pages = this.#members.get(member);
    assert(pages !== undefined && this.has(member, page), "A page that is not there");
    pages.bitmap[page >> 3]! &= ~(1 << (page & 7));
    let length = pages.bitmap.length;
    while (length > 0 && pages.bitmap[length - 1] === 0) length--;
    pages.bitmap = pages.bitmap.slice(0, length);
    if (length === 0) this.#members.delete(member);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Ascending. */
  members(): number[] {
    return [...this.#members.keys()].sort((a, b) => a - b);
  }

  /** The pages of `member`, ascending. */
  *pages(member: number): Generator<number> {
    const bitmap = this.#members.get(member)?.bitmap ?? new Uint8Array(0);
    for (let page = 0; page < bitmap.length * 8; page++) {
      if (bitmap[page >> 3]! & 1 << (page & 7)) yield page;
    }
  }

  /** Bytes of the stored value. */
  get valueBytes(): number {
    let bytes = recordHeadBytes + 2;
    for (const { bitmap } of this.#members.values()) bytes += memberHeadBytes + bitmap.length;
    return bytes;
  }

  encode(group: number, block: number): Uint8Array<ArrayBuffer> {
    const value = new Uint8Array(this.valueBytes);
    const view = new DataView(value.buffer);
    view.setUint16(recordHeadBytes, this.#members.size, true);
    let position = recordHeadBytes + 2;
    for (const member of this.members()) {
      const { bitmap, endBytes } = this.#members.get(member)!;
      view.setUint16(position, member, true);
      view.setUint16(position + 2, bitmap.length, true);
      setU53(view, position + 4, endBytes);
      value.set(bitmap, position + memberHeadBytes);
      position += memberHeadBytes + bitmap.length;
    }
    sealRecord(value, { kind: "directory", first: group, second: block });
    return value;
  }

  /** @throws {JournalError} "corrupt" or "newer-format", naming `key`, whose last parts are group, block. */
  static decode(value: Uint8Array, key: StoreKey): PageDirectory {
    const [group, block] = key.slice(-2) as [number, number];
    const name = { kind: "directory", first: group, second: block, key } as const;
    const { payload } = openRecord(value, name);
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const directory = new PageDirectory();
    const fail = (): never => {
      throw new JournalError("Cannot read directory: its lengths do not match", {
        reason: "corrupt",
        key,
      });
    };
    if (payload.length < 2) fail();
    let position = 2;
    for (let count = view.getUint16(0, true); count > 0; count--) {
      if (position + memberHeadBytes > payload.length) fail();
      const member = view.getUint16(position, true);
      const bitmapBytes = view.getUint16(position + 2, true);
      const endBytes = getU53(view, position + 4);
      position += memberHeadBytes + bitmapBytes;
      if (
        member >= membersMax || bitmapBytes > pagesPerBlock / 8 || position > payload.length
      ) fail();
      const bitmap = payload.slice(position - bitmapBytes, position);
      directory.#members.set(member, { bitmap, endBytes });
    }
    if (position !== payload.length) fail();
    return directory;
  }
}
