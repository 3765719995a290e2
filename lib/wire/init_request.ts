/**
 * Decodes InitRequest without copying cells.
 *
 * @module
 */

import { type ChunkView, readChunk } from "./fill_request.ts";
import { WireReader } from "./wire_reader.ts";

/** What the payload of an InitRequest says. Views are of the message: valid as long as its bytes. */
export interface InitView {
  /** UHI JSON; empty if absent. */
  histJson: string;
  /** In the order of the message; a key may occur more than once. */
  chunks: ChunkView[];
  /** Null if absent; any text. */
  codec: string | null;
}

const lengthDelimited = 2;
const payloadTag = 1 << 3 | lengthDelimited;
const histJsonTag = 1 << 3 | lengthDelimited;
const chunksTag = 2 << 3 | lengthDelimited;
const codecTag = 3 << 3 | lengthDelimited;

/**
 * Decodes an InitRequest. Several payloads merge into one, as proto3 asks.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeInit(message: Uint8Array): InitView {
  const reader = new WireReader(message);
  const view: InitView = { histJson: "", chunks: [], codec: null };
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === payloadTag) mergePayload(reader, view);
    else reader.skip(tag);
  }
  return view;
}

/** Reads one length-delimited ChunkedHistPayload into `view`. */
function mergePayload(reader: WireReader, view: InitView): void {
  const outerEnd = reader.end;
  reader.end = reader.valueEnd();
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case histJsonTag:
        view.histJson = reader.text();
        break;
      case chunksTag:
        view.chunks.push(readChunk(reader));
        break;
      case codecTag:
        view.codec = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.end = outerEnd;
}
