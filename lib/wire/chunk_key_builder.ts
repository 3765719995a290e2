/**
 * Turns ChunkScalar messages into the canonical bytes of a chunk key, without objects in between.
 *
 * @module
 */

import { componentKind, intComponentBytes, stringHeadBytes } from "./chunk_key.ts";
import type { WireReader } from "./wire_reader.ts";

/** ChunkScalar.string_value = 1, length-delimited. */
const stringValueTag = 1 << 3 | 2;
/** ChunkScalar.int_value = 2, varint. */
const intValueTag = 2 << 3 | 0;

const scratchBytesMin = 256;
/** A larger scratch is given back: a hostile key must not stay in memory. */
const scratchBytesKept = 64 * 1024;

const emptyKey = new Uint8Array(0);

/** Collects the components of one key after the other. Reused, so that a message costs one small allocation a key. */
export class ChunkKeyBuilder {
  #scratch: Uint8Array<ArrayBuffer> = new Uint8Array(scratchBytesMin);
  #byteLength = 0;
  #count = 0;

  /** Components since the last {@linkcode take}. */
  get count(): number {
    return this.#count;
  }

  /** Forgets what was collected, as after a message that failed halfway. */
  clear(): void {
    this.#byteLength = 0;
    this.#count = 0;
    if (this.#scratch.length > scratchBytesKept) this.#scratch = new Uint8Array(scratchBytesMin);
  }

  /** Gives the key and starts the next one. */
  take(): Uint8Array {
    const key = this.#byteLength === 0 ? emptyKey : this.#scratch.slice(0, this.#byteLength);
    this.clear();
    return key;
  }

  /** Reads one length-delimited ChunkScalar and appends it. The last value in it wins. */
  append(reader: WireReader): void {
    const outerEnd = reader.end;
    reader.end = reader.valueEnd();
    const start = this.#byteLength;
    this.#reserve(1);
    this.#scratch[start] = componentKind.unset;
    this.#byteLength = start + 1;
    while (reader.offset < reader.end) {
      const tag = reader.tag();
      if (tag === stringValueTag) this.#setString(reader, start);
      else if (tag === intValueTag) this.#setInt(reader, start);
      else reader.skip(tag);
    }
    reader.end = outerEnd;
    this.#count++;
  }

  #setString(reader: WireReader, start: number): void {
    const end = reader.valueEnd();
    const textBytes = end - reader.offset;
    reader.checkUtf8(reader.offset, end);
    this.#byteLength = start;
    this.#reserve(stringHeadBytes + textBytes);
    const scratch = this.#scratch;
    scratch[start] = componentKind.string;
    writeUint32(scratch, { offset: start + 1, value: textBytes });
    if (textBytes > 32) {
      scratch.set(reader.bytes.subarray(reader.offset, end), start + stringHeadBytes);
    } else {
      for (let i = 0; i < textBytes; i++) {
        scratch[start + stringHeadBytes + i] = reader.bytes[reader.offset + i]!;
      }
    }
    reader.offset = end;
    this.#byteLength = start + stringHeadBytes + textBytes;
  }

  #setInt(reader: WireReader, start: number): void {
    reader.varint64();
    this.#byteLength = start;
    this.#reserve(intComponentBytes);
    this.#scratch[start] = componentKind.int;
    writeUint32(this.#scratch, { offset: start + 1, value: reader.low });
    writeUint32(this.#scratch, { offset: start + 5, value: reader.high });
    this.#byteLength = start + intComponentBytes;
  }

  /** Stays within a small multiple of the message: the most is 9 bytes for an integer of 4 on the wire. */
  #reserve(byteCount: number): void {
    const needed = this.#byteLength + byteCount;
    if (needed <= this.#scratch.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#scratch.length));
    grown.set(this.#scratch);
    this.#scratch = grown;
  }
}

function writeUint32(target: Uint8Array, options: { offset: number; value: number }): void {
  const { offset, value } = options;
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}
