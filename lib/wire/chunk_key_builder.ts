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

/** Keys are cut out of slabs: an ArrayBuffer for each would cost 0.3 µs, more than all the rest. */
const slabBytes = 8 * 1024;
/** Up to here a loop is faster than making a view to copy from. */
const loopBytesMax = 32;

const emptyKey = new Uint8Array(0);

/** Collects the components of one key after the other. Reused, so that a key costs one view. */
export class ChunkKeyBuilder {
  #slab: Uint8Array<ArrayBuffer> = new Uint8Array(slabBytes);
  /** Of the key that is built now, in [0, #end]. What is before belongs to keys that were given away. */
  #start = 0;
  /** In [#start, #slab.length]. */
  #end = 0;
  #count = 0;

  /** Components since the last {@linkcode take}. */
  get count(): number {
    return this.#count;
  }

  /** Forgets what was collected, as after a message that failed halfway. */
  clear(): void {
    this.#end = this.#start;
    this.#count = 0;
  }

  /** Gives the key and starts the next one. Its bytes are never written again. */
  take(): Uint8Array {
    this.#count = 0;
    if (this.#end === this.#start) return emptyKey;
    const key = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    // A slab that a long key asked for is not kept.
    if (this.#slab.length > slabBytes) this.#replaceSlab(slabBytes);
    return key;
  }

  /** Reads one length-delimited ChunkScalar and appends it. The last value in it wins. */
  append(reader: WireReader): void {
    const outerEnd = reader.end;
    reader.end = reader.valueEnd();
    this.#reserve(1);
    this.#slab[this.#end++] = componentKind.unset;
    let componentBytes = 1;
    while (reader.offset < reader.end) {
      const tag = reader.tag();
      if (tag === stringValueTag) {
        this.#end -= componentBytes;
        componentBytes = this.#appendString(reader);
      } else if (tag === intValueTag) {
        this.#end -= componentBytes;
        componentBytes = this.#appendInt(reader);
      } else reader.skip(tag);
    }
    reader.end = outerEnd;
    this.#count++;
  }

  /** Gives the bytes that the component has. */
  #appendString(reader: WireReader): number {
    const end = reader.valueEnd();
    const source = reader.offset;
    const textBytes = end - source;
    reader.checkUtf8(source, end);
    this.#reserve(stringHeadBytes + textBytes);
    const slab = this.#slab;
    const target = this.#end + stringHeadBytes;
    slab[this.#end] = componentKind.string;
    writeUint32(slab, { offset: this.#end + 1, value: textBytes });
    if (textBytes > loopBytesMax) slab.set(reader.bytes.subarray(source, end), target);
    else for (let i = 0; i < textBytes; i++) slab[target + i] = reader.bytes[source + i]!;
    reader.offset = end;
    this.#end = target + textBytes;
    return stringHeadBytes + textBytes;
  }

  /** Gives the bytes that the component has. */
  #appendInt(reader: WireReader): number {
    reader.varint64();
    this.#reserve(intComponentBytes);
    this.#slab[this.#end] = componentKind.int;
    writeUint32(this.#slab, { offset: this.#end + 1, value: reader.low });
    writeUint32(this.#slab, { offset: this.#end + 5, value: reader.high });
    this.#end += intComponentBytes;
    return intComponentBytes;
  }

  /** Makes room for `byteCount` more bytes of this key; at most about four times the message in all. */
  #reserve(byteCount: number): void {
    const keyBytes = this.#end - this.#start + byteCount;
    if (this.#start + keyBytes <= this.#slab.length) return;
    this.#replaceSlab(Math.max(slabBytes, keyBytes > slabBytes ? 2 * keyBytes : 0));
  }

  #replaceSlab(byteLength: number): void {
    const slab = new Uint8Array(byteLength);
    if (this.#end > this.#start) slab.set(this.#slab.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#slab = slab;
  }
}

function writeUint32(target: Uint8Array, options: { offset: number; value: number }): void {
  const { offset, value } = options;
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}
