import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";

import { FillRequestSchema } from "../../lib/wire/gen.ts";
import {
  decodeChunkKey,
  decodeFill,
  decodeFillMany,
  decodeInit,
  encodeChunkKey,
  peekHistId,
  WireError,
} from "../../lib/wire/mod.ts";
import golden from "../data/wire/wire.json" with { type: "json" };

const histId = "0123456789abcdef0123456789abcdef";

Deno.test("decodeFill: every field, as views of the message", () => {
  const message = toBinary(
    FillRequestSchema,
    create(FillRequestSchema, {
      histId,
      uniqueId: Uint8Array.of(7, 8),
      chunkKey: [{ value: { case: "stringValue", value: "é" } }, {
        value: { case: "intValue", value: -2n },
      }],
      denseView: Uint8Array.of(1, 2, 3),
      denseViewCodec: "zstd",
    }),
  );
  const view = decodeFill(message);
  assert.deepEqual(view, {
    histId,
    uniqueId: Uint8Array.of(7, 8),
    chunkKey: encodeChunkKey(["é", -2n]),
    chunkKeyCount: 2,
    denseView: Uint8Array.of(1, 2, 3),
    codec: "zstd",
  });
  assert.equal(view.denseView.buffer, message.buffer);
  assert.equal(view.uniqueId!.buffer, message.buffer);
});

Deno.test("decodeFill: an empty message has no id, key, cells, or codec", () => {
  assert.deepEqual(decodeFill(new Uint8Array(0)), {
    histId: "",
    uniqueId: null,
    chunkKey: new Uint8Array(0),
    chunkKeyCount: 0,
    denseView: new Uint8Array(0),
    codec: null,
  });
});

Deno.test("decodeFill: an empty unique_id and codec are present (proto3 optional)", () => {
  const view = decodeFill(Uint8Array.of(0x12, 0, 0x2a, 0));
  assert.deepEqual([view.uniqueId, view.codec], [new Uint8Array(0), ""]);
});

Deno.test("decodeFill: a ChunkScalar without value is an unset component", () => {
  const view = decodeFill(Uint8Array.of(0x1a, 0));
  assert.deepEqual([view.chunkKey, view.chunkKeyCount], [Uint8Array.of(0), 1]);
});

Deno.test("decodeFill: a refused message leaves nothing behind for the next one", () => {
  assert.throws(() => decodeFill(Uint8Array.of(0x1a, 3, 0x0a, 1, 0x61, 0x22, 9)), WireError);
  assert.equal(decodeFill(new Uint8Array(0)).chunkKeyCount, 0);
});

Deno.test("decodeFill: errors tell the reason and the offset", () => {
  const failure = (reason: string, offset: number) => (error: WireError) =>
    error.reason === reason && error.offset === offset;
  assert.throws(() => decodeFill(Uint8Array.of(0x22, 5, 1)), failure("truncated", 1));
  assert.throws(() => decodeFill(Uint8Array.of(0x00)), failure("tag", 0));
  assert.throws(() => decodeFill(Uint8Array.of(0x0a, 1, 0xff)), failure("utf8", 2));
  assert.throws(() => decodeFill(Uint8Array.of(0x0a, 0x80)), failure("truncated", 1));
  assert.throws(
    () => decodeFill(Uint8Array.of(0x22, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    failure("varint", 1),
  );
  assert.throws(() => decodeFill(Uint8Array.of(0x0b, 0x14)), failure("group", 2));
});

Deno.test("decodeFill: every prefix of a message is refused or ends between two fields", () => {
  const message = Uint8Array.fromBase64(golden.chunked[1]!.messages[1]!.bytes);
  let accepted = 0;
  for (let length = 0; length < message.length; length++) {
    try {
      decodeFill(message.subarray(0, length));
      accepted++;
    } catch (error) {
      assert.ok(error instanceof WireError);
    }
  }
  assert.ok(accepted <= 5, `${accepted}`); // nothing, or up to four whole fields
});

Deno.test("decode: the messages of the Python client have an id and whole chunks (0.2.1)", () => {
  for (const row of golden.chunked) {
    const cellBytes = row.dense_dtype.includes("value") ? 16 : 8;
    const viewBytes = row.dense_shape.reduce((product, extent) => product * extent, cellBytes);
    for (const recorded of row.messages) {
      const message = Uint8Array.fromBase64(recorded.bytes);
      const codec = "codec" in recorded ? recorded.codec : null;
      if (recorded.rpc === "Init") {
        const view = decodeInit(message);
        assert.equal(view.histJson, row.metadata_json);
        for (const chunk of view.chunks) assert.equal(chunk.denseView.length, viewBytes);
        continue;
      }
      assert.equal(peekHistId(message.subarray(0, 64))?.length, 32);
      if (recorded.rpc === "FillMany") {
        for (const chunk of decodeFillMany(message).chunks) {
          assert.equal(chunk.denseView.length, viewBytes);
          assert.equal(chunk.chunkKeyCount, row.chunk_axes.length);
        }
        continue;
      }
      const view = decodeFill(message);
      assert.equal(view.codec, codec);
      assert.equal(view.chunkKeyCount, row.chunk_axes.length);
      if (codec === null) assert.equal(view.denseView.length, viewBytes);
    }
  }
});

Deno.test("peekHistId: gives the id that stands first and whole, else null", () => {
  const head = Uint8Array.of(0x0a, 2, 0x61, 0x62, 0x22);
  assert.equal(peekHistId(head), "ab");
  assert.equal(peekHistId(head.subarray(0, 4)), "ab");
  assert.equal(peekHistId(head.subarray(0, 3)), null);
  assert.equal(peekHistId(head.subarray(0, 1)), null);
  assert.equal(peekHistId(new Uint8Array(0)), null);
  assert.equal(peekHistId(Uint8Array.of(0x22, 0, 0x0a, 1, 0x61)), null);
  assert.equal(peekHistId(Uint8Array.of(0x0a, 1, 0xff)), null);
  assert.equal(peekHistId(Uint8Array.of(0x0a, 0)), "");
});

Deno.test("decodeFill: keys stay as they were while many more are decoded, long ones between", () => {
  const text = (index: number) => `${index}`.repeat(index % 50 === 0 ? 9000 : 7);
  const keys = Array.from({ length: 1000 }, (_, index) => {
    const chunkKey = [{ value: { case: "stringValue" as const, value: text(index) } }, {
      value: { case: "intValue" as const, value: BigInt(index) },
    }];
    const request = create(FillRequestSchema, { chunkKey });
    return decodeFill(toBinary(FillRequestSchema, request)).chunkKey;
  });
  keys.forEach((key, index) => {
    assert.deepEqual(decodeChunkKey(key), [text(index), BigInt(index)]);
  });
});
