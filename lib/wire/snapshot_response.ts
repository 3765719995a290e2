/**
 * Writes SnapshotResponse, which may be hundreds of megabytes: every cell is copied at most once.
 *
 *     piece 0      tag and length of the payload, hist_json
 *     pieces       chunk heads and views: small ones share a slab, a large one stands alone
 *     last piece   dense_view_codec, if there is one
 *
 * @module
 */

import { componentKind, intComponentBytes, stringHeadBytes } from "./chunk_key.ts";
import {
  readUint32,
  varint64Bytes,
  varintBytes,
  writeVarint,
  writeVarint64,
} from "./wire_writer.ts";

/** Protobuf's limit for one message. */
export const messageBytesMax = 0x7fff_ffff;
/** A view of at least so many bytes is passed on, not copied. */
const viewBytesShared = 16 * 1024;
const slabBytesMin = 4 * 1024;
const slabBytesMax = 256 * 1024;

const lengthDelimited = 2;
const payloadTag = 1 << 3 | lengthDelimited;
const histJsonTag = 1 << 3 | lengthDelimited;
const chunksTag = 2 << 3 | lengthDelimited;
const codecTag = 3 << 3 | lengthDelimited;
const chunkKeyTag = 1 << 3 | lengthDelimited;
const denseViewTag = 2 << 3 | lengthDelimited;
const stringValueTag = 1 << 3 | lengthDelimited;
const intValueTag = 2 << 3 | 0;

/**
 * Collects the chunks of a snapshot and gives the pieces of one SnapshotResponse.
 *
 * ```ts
 * import { encodeChunkKey, SnapshotResponseWriter } from "@histserv/wire";
 *
 * const writer = new SnapshotResponseWriter("{}", null);
 * const cells = writer.reserve(encodeChunkKey(["muon"]), 16);
 * new DataView(cells.buffer, cells.byteOffset).setFloat64(0, 1.5, true);
 * const pieces = writer.finish(); // bytes of the message, in order
 * ```
 */
export class SnapshotResponseWriter {
  readonly #histJson: Uint8Array;
  readonly #codec: Uint8Array | null;
  readonly #pieces: Uint8Array<ArrayBufferLike>[] = [];
  #slab: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Start of what is not yet in `#pieces`, in [0, #slabEnd]. */
  #slabStart = 0;
  #slabEnd = 0;
  #payloadBytes = 0;

  /** `histJson` is the UHI JSON of Init; `codec` says how the views are encoded, null: they are not. */
  constructor(histJson: string, codec: string | null) {
    const encoder = new TextEncoder();
    this.#histJson = encoder.encode(histJson);
    this.#codec = codec === null ? null : encoder.encode(codec);
    if (this.#histJson.length > 0) this.#payloadBytes += fieldBytes(this.#histJson.length);
    if (this.#codec !== null) this.#payloadBytes += fieldBytes(this.#codec.length);
  }

  /** Bytes of the message with the chunks so far. */
  get byteLength(): number {
    return fieldBytes(this.#payloadBytes);
  }

  /**
   * Adds a chunk and gives the place of its view, zero so far, to be filled before the pieces are sent.
   *
   * @throws {RangeError} if the message would exceed 2^31 - 1 bytes; the writer is unchanged then.
   */
  reserve(chunkKey: Uint8Array, viewBytes: number): Uint8Array<ArrayBuffer> {
    const chunkBytes = this.#count(chunkKey, viewBytes);
    const headBytes = fieldBytes(chunkBytes) - viewBytes;
    const place = this.#allocate(headBytes + viewBytes);
    writeChunkHead(place, { chunkKey, chunkBytes, viewBytes });
    return place.subarray(headBytes);
  }

  /**
   * Adds a chunk. A large `denseView` is not copied: it must not change before the pieces are sent.
   *
   * @throws {RangeError} if the message would exceed 2^31 - 1 bytes; the writer is unchanged then.
   */
  add(chunkKey: Uint8Array, denseView: Uint8Array): void {
    if (denseView.length < viewBytesShared) {
      this.reserve(chunkKey, denseView.length).set(denseView);
      return;
    }
    const viewBytes = denseView.length;
    const chunkBytes = this.#count(chunkKey, viewBytes);
    const head = this.#allocate(fieldBytes(chunkBytes) - viewBytes);
    writeChunkHead(head, { chunkKey, chunkBytes, viewBytes });
    this.#closeSlab();
    this.#pieces.push(denseView);
  }

  /** Gives the message, in pieces. The writer is used up. */
  finish(): Uint8Array[] {
    this.#closeSlab();
    const headBytes = 1 + varintBytes(this.#payloadBytes);
    const histJsonBytes = this.#histJson.length === 0 ? 0 : fieldBytes(this.#histJson.length);
    const first = new Uint8Array(headBytes + histJsonBytes);
    first[0] = payloadTag;
    writeVarint(first, { offset: 1, value: this.#payloadBytes });
    if (histJsonBytes > 0) {
      writeField(first, { offset: headBytes, tag: histJsonTag, value: this.#histJson });
    }
    if (this.#codec === null) return [first, ...this.#pieces];
    const last = new Uint8Array(fieldBytes(this.#codec.length));
    writeField(last, { offset: 0, tag: codecTag, value: this.#codec });
    return [first, ...this.#pieces, last];
  }

  /** Counts a chunk and gives the bytes of its message. */
  #count(chunkKey: Uint8Array, viewBytes: number): number {
    const chunkBytes = keyWireBytes(chunkKey) + (viewBytes === 0 ? 0 : fieldBytes(viewBytes));
    const payloadBytes = this.#payloadBytes + fieldBytes(chunkBytes);
    if (fieldBytes(payloadBytes) > messageBytesMax) {
      throw new RangeError(
        `Cannot encode snapshot: ${fieldBytes(payloadBytes)} bytes, limit ${messageBytesMax}`,
      );
    }
    this.#payloadBytes = payloadBytes;
    return chunkBytes;
  }

  #allocate(byteLength: number): Uint8Array<ArrayBuffer> {
    if (byteLength > slabBytesMax / 4) {
      this.#closeSlab();
      const own = new Uint8Array(byteLength);
      this.#pieces.push(own);
      return own;
    }
    if (this.#slabEnd + byteLength > this.#slab.length) {
      this.#closeSlab();
      const grown = Math.min(Math.max(2 * this.#slab.length, slabBytesMin), slabBytesMax);
      this.#slab = new Uint8Array(Math.max(grown, byteLength));
      this.#slabStart = this.#slabEnd = 0;
    }
    const start = this.#slabEnd;
    this.#slabEnd += byteLength;
    return this.#slab.subarray(start, this.#slabEnd);
  }

  #closeSlab(): void {
    if (this.#slabEnd === this.#slabStart) return;
    this.#pieces.push(this.#slab.subarray(this.#slabStart, this.#slabEnd));
    this.#slabStart = this.#slabEnd;
  }
}

/** Writes all of a chunk but its view. */
function writeChunkHead(
  target: Uint8Array,
  options: { chunkKey: Uint8Array; chunkBytes: number; viewBytes: number },
): void {
  target[0] = chunksTag;
  let offset = writeVarint(target, { offset: 1, value: options.chunkBytes });
  offset = writeKey(target, { offset, chunkKey: options.chunkKey });
  if (options.viewBytes === 0) return;
  target[offset] = denseViewTag;
  writeVarint(target, { offset: offset + 1, value: options.viewBytes });
}

/** Bytes of a length-delimited field with a tag of one byte. */
function fieldBytes(valueBytes: number): number {
  return 1 + varintBytes(valueBytes) + valueBytes;
}

function writeField(
  target: Uint8Array,
  options: { offset: number; tag: number; value: Uint8Array },
): void {
  target[options.offset] = options.tag;
  const offset = writeVarint(target, { offset: options.offset + 1, value: options.value.length });
  target.set(options.value, offset);
}

/** Bytes of the ChunkScalar in a component of a canonical key that starts at `offset`. */
function scalarBytes(key: Uint8Array, offset: number): number {
  switch (key[offset]) {
    case componentKind.string:
      return fieldBytes(readUint32(key, offset + 1));
    case componentKind.int:
      return 1 + varint64Bytes(key, offset + 1);
    default:
      return 0;
  }
}

function nextComponent(key: Uint8Array, offset: number): number {
  switch (key[offset]) {
    case componentKind.string:
      return offset + stringHeadBytes + readUint32(key, offset + 1);
    case componentKind.int:
      return offset + intComponentBytes;
    default:
      return offset + 1;
  }
}

function keyWireBytes(key: Uint8Array): number {
  let byteLength = 0;
  for (let at = 0; at < key.length; at = nextComponent(key, at)) {
    byteLength += fieldBytes(scalarBytes(key, at));
  }
  return byteLength;
}

/** Writes every component as a ChunkScalar and gives the offset after them. */
function writeKey(target: Uint8Array, options: { offset: number; chunkKey: Uint8Array }): number {
  const { chunkKey } = options;
  let { offset } = options;
  for (let at = 0; at < chunkKey.length; at = nextComponent(chunkKey, at)) {
    target[offset] = chunkKeyTag;
    offset = writeVarint(target, { offset: offset + 1, value: scalarBytes(chunkKey, at) });
    if (chunkKey[at] === componentKind.string) {
      const value = chunkKey.subarray(at + stringHeadBytes, nextComponent(chunkKey, at));
      writeField(target, { offset, tag: stringValueTag, value });
      offset += fieldBytes(value.length);
    } else if (chunkKey[at] === componentKind.int) {
      target[offset] = intValueTag;
      offset = writeVarint64(target, {
        offset: offset + 1,
        source: chunkKey,
        sourceOffset: at + 1,
      });
    }
  }
  return offset;
}
