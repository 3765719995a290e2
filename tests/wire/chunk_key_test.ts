import assert from "node:assert/strict";

import {
  ChunkKeyError,
  decodeChunkKey,
  encodeChunkKey,
  isChunkKeySet,
  splitChunkKey,
} from "../../lib/wire/mod.ts";

Deno.test("chunk key: is kind, length, and UTF-8 for a string; kind and 8 bytes for an integer", () => {
  assert.deepEqual(
    encodeChunkKey(["é", -2n]),
    Uint8Array.of(1, 2, 0, 0, 0, 0xc3, 0xa9, 2, 0xfe, 255, 255, 255, 255, 255, 255, 255),
  );
});

Deno.test("chunk key: is empty for no category axes", () => {
  assert.equal(encodeChunkKey([]).length, 0);
  assert.deepEqual(decodeChunkKey(new Uint8Array(0)), []);
});

Deno.test("chunk key: decodes to what was encoded, the limits of int64 included", () => {
  const scalars = ["", "muon", "\ufeffbyte order mark", "😀", 0n, 2n ** 63n - 1n, -(2n ** 63n)];
  assert.deepEqual(decodeChunkKey(encodeChunkKey(scalars)), scalars);
});

Deno.test("chunk key: the text 1 and the integer 1 are different keys", () => {
  assert.notDeepEqual(encodeChunkKey(["1"]), encodeChunkKey([1n]));
});

Deno.test("chunk key: refuses an integer of 65 bits and a lone surrogate", () => {
  assert.throws(() => encodeChunkKey([2n ** 63n]), RangeError);
  assert.throws(() => encodeChunkKey(["\ud800"]), RangeError);
});

Deno.test("chunk key: decoding refuses cut, unknown, unset, and not UTF-8", () => {
  const whole = encodeChunkKey(["ab", 7n]);
  for (let length = 0; length <= whole.length; length++) {
    if (length === 0 || length === 7 || length === whole.length) continue; // ends of components
    assert.throws(() => decodeChunkKey(whole.subarray(0, length)), ChunkKeyError, `${length}`);
  }
  assert.throws(() => decodeChunkKey(Uint8Array.of(3)), ChunkKeyError);
  assert.throws(() => decodeChunkKey(Uint8Array.of(0)), /component 0 is unset/);
  assert.throws(() => decodeChunkKey(Uint8Array.of(1, 1, 0, 0, 0, 0xff)), /not UTF-8/);
  assert.throws(() => decodeChunkKey(Uint8Array.of(1, 255, 255, 255, 255)), ChunkKeyError);
});

Deno.test("splitChunkKey: gives views of one component each", () => {
  const key = encodeChunkKey(["ab", 7n]);
  const components = splitChunkKey(key);
  assert.deepEqual(components, [encodeChunkKey(["ab"]), encodeChunkKey([7n])]);
  assert.equal(components[1]!.buffer, key.buffer);
});

Deno.test("isChunkKeySet: is false if any component is unset", () => {
  assert.equal(isChunkKeySet(encodeChunkKey(["ab", 7n])), true);
  assert.equal(isChunkKeySet(new Uint8Array(0)), true);
  assert.equal(isChunkKeySet(Uint8Array.of(...encodeChunkKey(["ab"]), 0)), false);
});
