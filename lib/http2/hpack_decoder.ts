/**
 * HPACK decoding (RFC 7541 §3, §5, §6), for blocks that a stranger made.
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import type { HeaderList } from "./events.ts";
import {
  defaultTableBytes,
  dynamicIndexMin,
  fieldBytes,
  type HeaderField,
  HpackTable,
} from "./hpack_table.ts";
import { decodeHuffman, huffmanDecodedBytesMax } from "./huffman.ts";
import { latin1Text } from "./latin1.ts";

/** Bytes of an integer after its prefix: 28 bits, more than any length or index that fits our limits. */
const integerBytesMax = 4;

/** A decoded header block. */
export interface HeaderBlock {
  /** All fields in order; cut off where they exceed the decoder's limit. */
  readonly headers: HeaderList;
  /** Size of the whole list, also of what was cut off: names + values + 32 a field (RFC 9113 §6.5.2). */
  readonly listBytes: number;
}

/** Where a string's Huffman code is decoded to; of use only within one call. */
let scratch = new Uint8Array(4096);

/** Decodes the blocks of one connection in their order. */
export class HpackDecoder {
  readonly #table: HpackTable;
  readonly #tableBytesMax: number;
  readonly #listBytesMax: number;
  #bytes: Uint8Array = scratch;
  #at = 0;
  #end = 0;

  /** `tableBytesMax` is what our SETTINGS_HEADER_TABLE_SIZE allows. */
  constructor(options: { listBytesMax: number; tableBytesMax?: number }) {
    this.#tableBytesMax = options.tableBytesMax ?? defaultTableBytes;
    this.#listBytesMax = options.listBytesMax;
    this.#table = new HpackTable(this.#tableBytesMax);
  }

  /** The same bytes mean the same list while this does not change. */
  get generation(): number {
    return this.#table.generation;
  }

  /** Size of the dynamic table (RFC 7541 §4.1). */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /**
   * Decodes the block `bytes[start, end)`. The table is kept in step even where the list exceeds its limit.
   *
   * @throws {ConnectionError} COMPRESSION_ERROR: the connection cannot go on, as the tables may differ from now on.
   */
  decode(bytes: Uint8Array, start = 0, end = bytes.length): HeaderBlock {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const headers: HeaderField[] = [];
    let listBytes = 0;
    let mayResize = true;
    while (this.#at < end) {
      const first = bytes[this.#at]!;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw malformed("table size update after a field");
        this.#resize();
        continue;
      }
      mayResize = false;
      const field = (first & 0x80) !== 0 ? this.#indexed() : this.#literal(first);
      listBytes += fieldBytes(field);
      if (listBytes <= this.#listBytesMax) headers.push(field);
    }
    this.#bytes = scratch; // Borrowed: let go of the segment.
    return { headers, listBytes };
  }

  /** 1xxxxxxx (RFC 7541 §6.1). */
  #indexed(): HeaderField {
    return this.#field(this.#integer(0x7f));
  }

  /** 01xxxxxx with indexing, 0000xxxx without, 0001xxxx never (RFC 7541 §6.2). */
  #literal(first: number): HeaderField {
    const isIndexed = (first & 0x40) !== 0;
    const index = this.#integer(isIndexed ? 0x3f : 0x0f);
    const name = index === 0 ? this.#string() : this.#field(index)[0];
    const field: HeaderField = [name, this.#string()];
    if (isIndexed) this.#table.insert(field);
    return field;
  }

  /** 001xxxxx (RFC 7541 §6.3). */
  #resize(): void {
    const bytesMax = this.#integer(0x1f);
    if (bytesMax > this.#tableBytesMax) throw malformed("table size above its limit");
    this.#table.resize(bytesMax);
  }

  #field(index: number): HeaderField {
    const field = index === 0 ? undefined : this.#table.at(index);
    if (field === undefined) {
      throw malformed(index < dynamicIndexMin ? "index 0" : "index beyond the table");
    }
    return field;
  }

  /** RFC 7541 §5.1. */
  #integer(prefixMask: number): number {
    let value = this.#bytes[this.#at++]! & prefixMask;
    if (value < prefixMask) return value;
    for (let shift = 0; shift < 7 * integerBytesMax; shift += 7) {
      if (this.#at >= this.#end) throw malformed("cut integer");
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed("integer too long");
  }

  /** RFC 7541 §5.2. */
  #string(): string {
    if (this.#at >= this.#end) throw malformed("cut field");
    const isHuffman = this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    if (length > this.#end - start) throw malformed("string beyond the block");
    this.#at = start + length;
    if (!isHuffman) return latin1Text(this.#bytes, start, start + length);
    const bytesMax = huffmanDecodedBytesMax(length);
    if (scratch.length < bytesMax) scratch = new Uint8Array(bytesMax);
    const range = { start, end: this.#at, target: scratch };
    return latin1Text(scratch, 0, decodeHuffman(this.#bytes, range));
  }
}

function malformed(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, `Malformed header block: ${what}`);
}
