import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";

import { type ChunkPayload, SnapshotResponseSchema } from "../../lib/wire/gen.ts";
import { encodeChunkKey, SnapshotResponseWriter } from "../../lib/wire/mod.ts";
import golden from "../data/wire/wire.json" with { type: "json" };

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

/** Categories are strings or whole numbers in the golden file. */
function keyOf(scalars: readonly (string | number)[]): Uint8Array {
  return encodeChunkKey(
    scalars.map((scalar) => typeof scalar === "number" ? BigInt(scalar) : scalar),
  );
}

function scalarsOf(chunk: ChunkPayload): unknown[] {
  return chunk.chunkKey.map((scalar) => scalar.value.value);
}

for (const row of golden.chunked) {
  Deno.test(`SnapshotResponseWriter: writes the bytes of the Python server, ${row.desc} (0.2.1)`, () => {
    const payload = Uint8Array.fromBase64(row.snapshot_payload);
    const writer = new SnapshotResponseWriter(row.metadata_json, null);
    for (const chunk of row.final_chunks) {
      writer.add(keyOf(chunk.key), Uint8Array.fromBase64(chunk.b64));
    }
    const message = join(writer.finish());
    assert.equal(message.length, writer.byteLength);
    assert.deepEqual(message.subarray(message.length - payload.length), payload);
    assert.equal(fromBinary(SnapshotResponseSchema, message).payload?.histJson, row.metadata_json);
  });
}

Deno.test("SnapshotResponseWriter: a response without chunks, JSON, and codec is an empty payload", () => {
  assert.deepEqual(join(new SnapshotResponseWriter("", null).finish()), Uint8Array.of(0x0a, 0));
});

Deno.test("SnapshotResponseWriter: keeps the order of chunks of all sizes, and the codec", () => {
  const writer = new SnapshotResponseWriter("{}", "zstd");
  const sizes = [0, 1, 127, 128, 16_383, 16_384, 70_000, 3, 200_000, 0, 16_384, 65_000, 65_000];
  sizes.forEach((size, index) => {
    const key = encodeChunkKey([BigInt(index), `c${index}`, -BigInt(index)]);
    if (index % 2 === 0) writer.reserve(key, size).fill(index);
    else writer.add(key, new Uint8Array(size).fill(index));
  });
  const message = join(writer.finish());
  assert.equal(message.length, writer.byteLength);
  const { payload } = fromBinary(SnapshotResponseSchema, message);
  assert.equal(payload?.denseViewCodec, "zstd");
  assert.deepEqual(payload.chunks.map((chunk) => chunk.denseView.length), sizes);
  payload.chunks.forEach((chunk, index) => {
    assert.deepEqual(scalarsOf(chunk), [BigInt(index), `c${index}`, -BigInt(index)]);
    assert.ok(chunk.denseView.every((byte) => byte === index));
  });
});

Deno.test("SnapshotResponseWriter: integers take their full range as varints", () => {
  const scalars = [0n, 1n, -1n, 127n, 128n, 2n ** 28n, 2n ** 35n, 2n ** 63n - 1n, -(2n ** 63n)];
  const writer = new SnapshotResponseWriter("", null);
  writer.add(encodeChunkKey(scalars), Uint8Array.of(1));
  const { payload } = fromBinary(SnapshotResponseSchema, join(writer.finish()));
  assert.deepEqual(scalarsOf(payload!.chunks[0]!), scalars);
});

Deno.test("SnapshotResponseWriter: does not copy a large view", () => {
  const view = new Uint8Array(1 << 20);
  const writer = new SnapshotResponseWriter("{}", null);
  writer.add(new Uint8Array(0), view);
  assert.ok(writer.finish().includes(view));
});

Deno.test("SnapshotResponseWriter: many small chunks make few pieces", () => {
  const writer = new SnapshotResponseWriter("{}", null);
  for (let index = 0; index < 10_000; index++) {
    writer.add(encodeChunkKey([BigInt(index)]), new Uint8Array(80));
  }
  assert.ok(writer.finish().length < 20);
});

Deno.test("SnapshotResponseWriter: refuses a message of 2^31 bytes and stays as it was (protobuf)", () => {
  const view = new Uint8Array(1 << 30);
  const writer = new SnapshotResponseWriter("{}", null);
  writer.add(encodeChunkKey([1n]), view);
  const byteLength = writer.byteLength;
  assert.throws(() => writer.add(encodeChunkKey([2n]), view), RangeError);
  assert.throws(() => writer.reserve(encodeChunkKey([2n]), 1 << 30), RangeError);
  assert.equal(writer.byteLength, byteLength);
});
