/**
 * HPACK (RFC 7541) as far as the test client needs it: requests with the dynamic table, answers without.
 *
 * The client announces a header table of size 0, so a server's block holds no dynamic entries. It is written
 * apart from lib/http2, so that the two check each other. Huffman strings are left to lib/http2.
 *
 * @module
 */

/** Names are lower case. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

const text = new TextEncoder();
const staticTable =
  (":authority |:method GET|:method POST|:path /|:path /index.html|:scheme http|" +
    ":scheme https|:status 200|:status 204|:status 206|:status 304|:status 400|:status 404|" +
    ":status 500|accept-charset |accept-encoding gzip, deflate|accept-language |accept-ranges |" +
    "accept |access-control-allow-origin |age |allow |authorization |cache-control |" +
    "content-disposition |content-encoding |content-language |content-length |content-location |" +
    "content-range |content-type |cookie |date |etag |expect |expires |from |host |if-match |" +
    "if-modified-since |if-none-match |if-range |if-unmodified-since |last-modified |link |" +
    "location |max-forwards |proxy-authenticate |proxy-authorization |range |referer |refresh |" +
    "retry-after |server |set-cookie |strict-transport-security |transfer-encoding |user-agent |" +
    "vary |via |www-authenticate").split("|").map((entry) => entry.split(/ (.*)/s).slice(0, 2));
const staticIndex = new Map(staticTable.map(([name, value], k) => [`${name} ${value}`, k + 1]));

/** Encodes request headers; repeated ones cost one byte each, as with every real client. */
export class RequestEncoder {
  readonly #tableBytesMax: number;
  #tableBytes = 0;
  /** Position of each entry in the order of insertion. */
  readonly #inserted = new Map<string, number>();

  /** `tableBytesMax`: the server's SETTINGS_HEADER_TABLE_SIZE. */
  constructor(tableBytesMax: number) {
    this.#tableBytesMax = tableBytesMax;
  }

  /** Grows with each new entry: while it stays, a block can be sent again as it is. */
  get insertCount(): number {
    return this.#inserted.size;
  }

  encode(headers: HeaderList): Uint8Array {
    const bytes: number[] = [];
    for (const [name, value] of headers) {
      const key = `${name} ${value}`;
      const position = this.#inserted.get(key);
      const index = position === undefined
        ? staticIndex.get(key)
        : staticTable.length + this.#inserted.size - position;
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

/**
 * Decodes a block of static entries and literals.
 *
 * @throws {RangeError} for dynamic entries and Huffman strings.
 */
export function decodeHeaders(block: Uint8Array): HeaderList {
  const headers: (readonly [string, string])[] = [];
  let at = 0;
  const integer = (prefixBits: number): number => {
    const limit = (1 << prefixBits) - 1;
    let value = block[at++]! & limit;
    if (value < limit) return value;
    for (let shift = 0;; shift += 7) {
      const byte = block[at++]!;
      value += (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
  };
  const string = (): string => {
    if ((block[at]! & 0x80) !== 0) throw new RangeError("Cannot decode header: Huffman string");
    const length = integer(7);
    at += length;
    return String.fromCharCode(...block.subarray(at - length, at));
  };
  const entry = (index: number): readonly string[] => {
    const found = staticTable[index - 1];
    if (found === undefined) throw new RangeError(`Cannot decode header: entry ${index}`);
    return found;
  };
  while (at < block.length) {
    const first = block[at]!;
    if ((first & 0x80) !== 0) {
      const [name, value] = entry(integer(7));
      headers.push([name!, value!]);
    } else if ((first & 0xe0) === 0x20) {
      integer(5); // a table size update
    } else {
      const index = integer((first & 0x40) !== 0 ? 6 : 4);
      headers.push([index === 0 ? string() : entry(index)[0]!, string()]);
    }
  }
  return headers;
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
