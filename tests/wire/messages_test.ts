import assert from "node:assert/strict";

import {
  type ChunkView,
  decodeFill,
  decodeFillMany,
  decodeInit,
  decodeSnapshotRequest,
  WireError,
} from "../../lib/wire/mod.ts";
import golden from "../data/wire/messages.json" with { type: "json" };

const chunkRow = (chunk: ChunkView) => [
  chunk.chunkKey.toBase64(),
  chunk.chunkKeyCount,
  chunk.denseView.toBase64(),
];

/** Each decoder, and its view in the form of the golden file. */
const decoders: Record<string, (message: Uint8Array) => unknown> = {
  Init(message) {
    const view = decodeInit(message);
    return { ...view, chunks: view.chunks.map(chunkRow) };
  },
  Fill(message) {
    const view = decodeFill(message);
    const uniqueId = view.uniqueId?.toBase64() ?? null;
    return { histId: view.histId, uniqueId, chunk: chunkRow(view), codec: view.codec };
  },
  FillMany(message) {
    const view = decodeFillMany(message);
    const uniqueId = view.uniqueId?.toBase64() ?? null;
    return { ...view, uniqueId, chunks: view.chunks.map(chunkRow) };
  },
  Snapshot(message) {
    const view = decodeSnapshotRequest(message);
    const selectors = view.selectors.map((selector) => [
      selector.axis,
      selector.values.toBase64(),
      selector.valueCount,
    ]);
    return { ...view, selectors };
  },
};

for (const [rpc, decode] of Object.entries(decoders)) {
  Deno.test(`decode ${rpc}: accepts and refuses what protobuf's own parser does (upb)`, () => {
    const rows = golden.rows.filter((row) => row[0] === rpc);
    assert.ok(rows.length > 250);
    for (const [, base64, expected] of rows as [string, string, unknown][]) {
      const message = Uint8Array.fromBase64(base64);
      if (expected === null) {
        assert.throws(() => decode(message), WireError, base64);
      } else {
        assert.deepEqual(decode(message), expected, base64);
      }
    }
  });
}
