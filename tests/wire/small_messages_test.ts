import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";

import {
  DescribeRequestSchema,
  ExistsResponseSchema,
  FlushRequestSchema,
  InitResponseSchema,
  WasFilledWithUniqueIdRequestSchema,
} from "../../lib/wire/gen.ts";
import {
  decodeFlush,
  decodeHistId,
  decodeWasFilled,
  encodeBoolResponse,
  encodeTextResponse,
  WireError,
} from "../../lib/wire/mod.ts";

Deno.test("decodeHistId: the last hist_id wins, other fields are skipped (proto3)", () => {
  const first = toBinary(DescribeRequestSchema, create(DescribeRequestSchema, { histId: "a" }));
  const second = toBinary(DescribeRequestSchema, create(DescribeRequestSchema, { histId: "é" }));
  assert.equal(decodeHistId(Uint8Array.of(...first, 0x78, 1, ...second)), "é");
  assert.equal(decodeHistId(new Uint8Array(0)), "");
  assert.throws(() => decodeHistId(Uint8Array.of(0x0a, 1)), WireError);
});

Deno.test("decodeWasFilled: gives id and unique id, empty if absent", () => {
  const schema = WasFilledWithUniqueIdRequestSchema;
  const view = { histId: "a", uniqueId: Uint8Array.of(1, 2) };
  assert.deepEqual(decodeWasFilled(toBinary(schema, create(schema, view))), view);
  assert.deepEqual(decodeWasFilled(new Uint8Array(0)), {
    histId: "",
    uniqueId: new Uint8Array(0),
  });
});

Deno.test("decodeFlush: gives id and destination", () => {
  const view = { histId: "a", destination: "../x.h5" };
  const message = toBinary(FlushRequestSchema, create(FlushRequestSchema, view));
  assert.deepEqual(decodeFlush(message), view);
});

Deno.test("encodeTextResponse: writes the bytes of the protobuf runtime", () => {
  for (const histId of ["", "a", "é".repeat(100), "x".repeat(20_000)]) {
    const expected = toBinary(InitResponseSchema, create(InitResponseSchema, { histId }));
    assert.deepEqual(encodeTextResponse(histId), expected);
  }
});

Deno.test("encodeBoolResponse: writes the bytes of the protobuf runtime", () => {
  for (const exists of [true, false]) {
    const expected = toBinary(ExistsResponseSchema, create(ExistsResponseSchema, { exists }));
    assert.deepEqual(encodeBoolResponse(exists), expected);
  }
});
