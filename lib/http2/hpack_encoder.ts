/**
 * HPACK encoding (RFC 7541 §5, §6): without a table for responses, and with one for what repeats.
 *
 * @module
 */

import type { HeaderList } from "./events.ts";
import { staticTable } from "./hpack_static_table.ts";
import { defaultTableBytes, dynamicIndexMin, HpackTable } from "./hpack_table.ts";
import { encodeHuffman, huffmanEncodedBytes } from "./huffman.ts";
import { writeLatin1 } from "./latin1.ts";

/** Prefixes of the representations (RFC 7541 §6). */
const indexedBit = 0x80;
const withIndexingBit = 0x40;
const sizeUpdateBit = 0x20;
/** An integer below 2^32 after its first byte. */
const integerBytesMax = 6;

/** Index of the first static entry of each name, and of each `name\0value`. */
const staticNames = new Map<string, number>();
const staticFields = new Map<string, number>();
for (const [i, [name, value]] of staticTable.entries()) {
  if (!staticNames.has(name)) staticNames.set(name, i + 1);
  staticFields.set(`${name}\0${value}`, i + 1);
}

/**
 * Encodes a list so that any decoder in any state understands it: static indices and literals without indexing only.
 *
 * @throws {TypeError} if a character is above U+00FF.
 */
export function encodeHeaderBlock(headers: HeaderList): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(encodedBytesMax(headers));
  let at = 0;
  for (const [name, value] of headers) {
    const index = staticFields.get(`${name}\0${value}`);
    if (index !== undefined) {
      at = writeInteger(target, at, { bits: indexedBit, mask: 0x7f, value: index });
    } else {at = writeLiteral(target, at, {
        bits: 0,
        mask: 0x0f,
        nameIndex: staticNames.get(name) ?? 0,
        name,
        value,
      });}
  }
  return target.slice(0, at);
}

/** Encodes the blocks of one connection in their order; every field goes into the table. */
export class HpackEncoder {
  readonly #table = new HpackTable(defaultTableBytes);
  /** The smallest limit since the last block, and the limit now: both are announced (RFC 7541 §4.2). -1 if unchanged. */
  #smallestUpdate = -1;

  /** Sets the size of the table, at most the peer's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytesMax: number): void {
    this.#smallestUpdate = this.#smallestUpdate < 0
      ? bytesMax
      : Math.min(this.#smallestUpdate, bytesMax);
    this.#table.resize(bytesMax);
  }

  /** @throws {TypeError} if a character is above U+00FF; the encoder is of no use after that. */
  encode(headers: HeaderList): Uint8Array<ArrayBuffer> {
    const target = new Uint8Array(encodedBytesMax(headers) + 2 * integerBytesMax);
    let at = this.#writeSizeUpdates(target);
    for (const field of headers) {
      const [name, value] = field;
      const index = staticFields.get(`${name}\0${value}`) ?? this.#dynamicIndex(name, value);
      if (index > 0) at = writeInteger(target, at, { bits: indexedBit, mask: 0x7f, value: index });
      else {
        const nameIndex = staticNames.get(name) ?? this.#dynamicIndex(name);
        at = writeLiteral(target, at, {
          bits: withIndexingBit,
          mask: 0x3f,
          nameIndex,
          name,
          value,
        });
        this.#table.insert(field);
      }
    }
    return target.slice(0, at);
  }

  #writeSizeUpdates(target: Uint8Array): number {
    if (this.#smallestUpdate < 0) return 0;
    let at = 0;
    for (const value of new Set([this.#smallestUpdate, this.#table.bytesMax])) {
      at = writeInteger(target, at, { bits: sizeUpdateBit, mask: 0x1f, value });
    }
    this.#smallestUpdate = -1;
    return at;
  }

  /** Index of an entry with this name (and value), 0 if there is none. */
  #dynamicIndex(name: string, value?: string): number {
    for (let i = 0; i < this.#table.count; i++) {
      const field = this.#table.at(dynamicIndexMin + i)!;
      if (field[0] === name && (value === undefined || field[1] === value)) {
        return dynamicIndexMin + i;
      }
    }
    return 0;
  }
}

function encodedBytesMax(headers: HeaderList): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length + 3 * integerBytesMax;
  return bytes;
}

/** RFC 7541 §6.2: a name by index, or by itself where `nameIndex` is 0. */
function writeLiteral(
  target: Uint8Array,
  at: number,
  field: { bits: number; mask: number; nameIndex: number; name: string; value: string },
): number {
  at = writeInteger(target, at, { bits: field.bits, mask: field.mask, value: field.nameIndex });
  if (field.nameIndex === 0) at = writeString(target, at, field.name);
  return writeString(target, at, field.value);
}

/** RFC 7541 §5.2: in Huffman code where that is shorter. */
function writeString(target: Uint8Array, at: number, text: string): number {
  const huffmanBytes = huffmanEncodedBytes(text);
  if (huffmanBytes < text.length) {
    at = writeInteger(target, at, { bits: 0x80, mask: 0x7f, value: huffmanBytes });
    return encodeHuffman(text, target, at);
  }
  at = writeInteger(target, at, { bits: 0, mask: 0x7f, value: text.length });
  return writeLatin1(text, target, at);
}

/** RFC 7541 §5.1. */
function writeInteger(
  target: Uint8Array,
  at: number,
  options: { bits: number; mask: number; value: number },
): number {
  let { value } = options;
  if (value < options.mask) {
    target[at++] = options.bits | value;
    return at;
  }
  target[at++] = options.bits | options.mask;
  for (value -= options.mask; value >= 0x80; value = Math.floor(value / 0x80)) {
    target[at++] = (value & 0x7f) | 0x80;
  }
  target[at++] = value;
  return at;
}
