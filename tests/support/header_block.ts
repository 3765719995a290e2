/**
 * Header blocks of the test client (HPACK, RFC 7541): requests with the dynamic table, answers without.
 *
 * The client announces a header table of size 0, so a block of the server means the same wherever it stands.
 *
 * @module
 */

import { type HeaderList, HpackDecoder } from "../../lib/http2/mod.ts";

const text = new TextEncoder();
/** Entries of the static table that requests have whole, RFC 7541 appendix A. */
const staticIndex = new Map([[":method POST", 3], [":scheme http", 6]]);
const staticTableLength = 61;
const listBytesMax = 64 * 1024;
const decoder = new HpackDecoder({ listBytesMax, tableBytesMax: 0 });

/** Encodes request headers; repeated ones cost one byte each, as with every real client. */
export class RequestEncoder {
  readonly #tableBytesMax: number;
  #tableBytes = 0;
  /** Position of each entry in the order of insertion; none is ever evicted. */
  readonly #inserted = new Map<string, number>();

  /** `tableBytesMax`: the server's SETTINGS_HEADER_TABLE_SIZE. */
  constructor(tableBytesMax: number) {
    this.#tableBytesMax = tableBytesMax;
  }

  encode(headers: HeaderList): Uint8Array {
    const bytes: number[] = [];
    for (const [name, value] of headers) {
      const key = `${name} ${value}`;
      const position = this.#inserted.get(key);
      const index = position === undefined
        ? staticIndex.get(key)
        : staticTableLength + this.#inserted.size - position;
      if (index !== undefined) {
        encodeInteger(bytes, index, { prefixBits: 7, pattern: 0x80 });
        continue;
      }
      const entryBytes = name.length + value.length + 32; // RFC 7541 §4.1
      const isIndexed = this.#tableBytes + entryBytes <= this.#tableBytesMax;
      bytes.push(isIndexed ? 0x40 : 0x00);
      encodeString(bytes, name);
      encodeString(bytes, value);
      if (isIndexed) {
        this.#tableBytes += entryBytes;
        this.#inserted.set(key, this.#inserted.size);
      }
    }
    return Uint8Array.from(bytes);
  }
}

/** Decodes a block of the server. */
export function decodeHeaders(block: Uint8Array): HeaderList {
  return decoder.decode(block).headers;
}

function encodeInteger(
  bytes: number[],
  value: number,
  options: { prefixBits: number; pattern: number },
): void {
  const limit = (1 << options.prefixBits) - 1;
  if (value < limit) {
    bytes.push(options.pattern | value);
    return;
  }
  bytes.push(options.pattern | limit);
  let rest = value - limit;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function encodeString(bytes: number[], value: string): void {
  const encoded = text.encode(value);
  encodeInteger(bytes, encoded.length, { prefixBits: 7, pattern: 0 });
  bytes.push(...encoded);
}
