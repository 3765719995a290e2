/**
 * Decodes SnapshotRequest.
 *
 * @module
 */

import { ChunkKeyBuilder } from "./chunk_key_builder.ts";
import { WireReader } from "./wire_reader.ts";

/** What one ChunkSelector says. */
export interface SelectorView {
  /** Name of the axis; empty if absent. */
  axis: string;
  /** The categories as a chunk key, one component each: {@linkcode splitChunkKey}. May be unset. */
  values: Uint8Array;
  /** Components of `values`. */
  valueCount: number;
}

/** What a SnapshotRequest says. */
export interface SnapshotRequestView {
  /** Empty if absent; any text. */
  histId: string;
  /** False if absent. */
  deleteFromServer: boolean;
  /** In the order of the message; if several name one axis, the last counts. */
  selectors: SelectorView[];
  /** Null if absent; any text. */
  codec: string | null;
}

const varint = 0;
const lengthDelimited = 2;
const histIdTag = 1 << 3 | lengthDelimited;
const deleteFromServerTag = 2 << 3 | varint;
const chunkSelectorsTag = 3 << 3 | lengthDelimited;
const codecTag = 4 << 3 | lengthDelimited;
const selectorAxisTag = 1 << 3 | lengthDelimited;
const selectorValuesTag = 2 << 3 | lengthDelimited;

/** Reused: decoding never yields. */
const valuesBuilder = new ChunkKeyBuilder();

/**
 * Decodes a SnapshotRequest.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeSnapshotRequest(message: Uint8Array): SnapshotRequestView {
  const reader = new WireReader(message);
  const view: SnapshotRequestView = {
    histId: "",
    deleteFromServer: false,
    selectors: [],
    codec: null,
  };
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case histIdTag:
        view.histId = reader.text();
        break;
      case deleteFromServerTag:
        reader.varint64();
        view.deleteFromServer = (reader.low | reader.high) !== 0;
        break;
      case chunkSelectorsTag:
        view.selectors.push(readSelector(reader));
        break;
      case codecTag:
        view.codec = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  return view;
}

function readSelector(reader: WireReader): SelectorView {
  const outerEnd = reader.end;
  reader.end = reader.valueEnd();
  valuesBuilder.clear();
  let axis = "";
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === selectorAxisTag) axis = reader.text();
    else if (tag === selectorValuesTag) valuesBuilder.append(reader);
    else reader.skip(tag);
  }
  reader.end = outerEnd;
  const valueCount = valuesBuilder.count;
  return { axis, values: valuesBuilder.take(), valueCount };
}
