/**
 * Decodes FillRequest and FillManyRequest, the hot path: views of the message, no copy of cells.
 *
 * Follows proto3: the last value of a singular field wins, an unknown field or a known one of another
 * wire type is skipped. What comes out is well-formed, not checked against any histogram.
 *
 * @module
 */

import { ChunkKeyBuilder } from "./chunk_key_builder.ts";
import { WireReader } from "./wire_reader.ts";

/** What a FillRequest says. Views are of the message: valid as long as its bytes. */
export interface FillView {
  /** Empty if absent; any text. */
  histId: string;
  /** Null if absent; empty is present. */
  uniqueId: Uint8Array | null;
  /** Canonical bytes, see {@linkcode encodeChunkKey}; not of the message. Components may be unset. */
  chunkKey: Uint8Array;
  /** Components of `chunkKey`. */
  chunkKeyCount: number;
  /** As `codec` encodes it. */
  denseView: Uint8Array;
  /** Null if absent; any text. */
  codec: string | null;
}

/** What one ChunkPayload says. */
export interface ChunkView {
  /** As in {@linkcode FillView}. */
  chunkKey: Uint8Array;
  /** Components of `chunkKey`. */
  chunkKeyCount: number;
  /** As the surrounding codec encodes it. */
  denseView: Uint8Array;
}

/** What a FillManyRequest says. Views are of the message: valid as long as its bytes. */
export interface FillManyView {
  /** Empty if absent; any text. */
  histId: string;
  /** Null if absent; empty is present. */
  uniqueId: Uint8Array | null;
  /** In the order of the message; a key may occur more than once. */
  chunks: ChunkView[];
  /** Null if absent; any text. */
  codec: string | null;
}

const lengthDelimited = 2;
const histIdTag = 1 << 3 | lengthDelimited;
const uniqueIdTag = 2 << 3 | lengthDelimited;
const fillChunkKeyTag = 3 << 3 | lengthDelimited;
const fillDenseViewTag = 4 << 3 | lengthDelimited;
const fillCodecTag = 5 << 3 | lengthDelimited;
const fillManyChunksTag = 3 << 3 | lengthDelimited;
const fillManyCodecTag = 4 << 3 | lengthDelimited;
const payloadChunkKeyTag = 1 << 3 | lengthDelimited;
const payloadDenseViewTag = 2 << 3 | lengthDelimited;

const empty = new Uint8Array(0);
/** Reused: decoding never yields. */
const keyBuilder = new ChunkKeyBuilder();

/**
 * Decodes a FillRequest.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeFill(message: Uint8Array): FillView {
  const reader = new WireReader(message);
  keyBuilder.clear();
  let histId = "";
  let uniqueId: Uint8Array | null = null;
  let denseView: Uint8Array = empty;
  let codec: string | null = null;
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case histIdTag:
        histId = reader.text();
        break;
      case uniqueIdTag:
        uniqueId = reader.value();
        break;
      case fillChunkKeyTag:
        keyBuilder.append(reader);
        break;
      case fillDenseViewTag:
        denseView = reader.value();
        break;
      case fillCodecTag:
        codec = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  const chunkKeyCount = keyBuilder.count;
  return { histId, uniqueId, chunkKey: keyBuilder.take(), chunkKeyCount, denseView, codec };
}

/**
 * Decodes a FillManyRequest.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeFillMany(message: Uint8Array): FillManyView {
  const reader = new WireReader(message);
  let histId = "";
  let uniqueId: Uint8Array | null = null;
  const chunks: ChunkView[] = [];
  let codec: string | null = null;
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case histIdTag:
        histId = reader.text();
        break;
      case uniqueIdTag:
        uniqueId = reader.value();
        break;
      case fillManyChunksTag:
        chunks.push(readChunk(reader));
        break;
      case fillManyCodecTag:
        codec = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  return { histId, uniqueId, chunks, codec };
}

/** Reads one length-delimited ChunkPayload. */
export function readChunk(reader: WireReader): ChunkView {
  const outerEnd = reader.end;
  reader.end = reader.valueEnd();
  keyBuilder.clear();
  let denseView: Uint8Array = empty;
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === payloadChunkKeyTag) keyBuilder.append(reader);
    else if (tag === payloadDenseViewTag) denseView = reader.value();
    else reader.skip(tag);
  }
  reader.end = outerEnd;
  const chunkKeyCount = keyBuilder.count;
  return { chunkKey: keyBuilder.take(), chunkKeyCount, denseView };
}

/**
 * Gives the hist_id of any request, if field 1 stands at the start of `head` and is complete in it;
 * else null. Lets a server refuse by length before it buffers. A hint: decoding may find another
 * hist_id later in the message, which wins.
 */
export function peekHistId(head: Uint8Array): string | null {
  if (head.length === 0 || head[0] !== histIdTag) return null;
  const reader = new WireReader(head);
  try {
    reader.tag();
    return reader.text();
  } catch {
    return null;
  }
}
