import assert from "node:assert/strict";

import { SeededPrng } from "../../lib/base/mod.ts";
import { Lz4BlockDecoder, Lz4BlockEncoder, Lz4Error } from "../../lib/wire/mod.ts";

function decode(block: Uint8Array, contentBytes: number, stepBytes = Infinity): Uint8Array {
  const target = new Uint8Array(contentBytes);
  const decoder = new Lz4BlockDecoder(block, target);
  while (!decoder.run(stepBytes));
  return target;
}

function encode(contents: Uint8Array, stepBytes = Infinity): Uint8Array {
  const encoder = new Lz4BlockEncoder(contents);
  while (!encoder.run(stepBytes));
  return encoder.take();
}

const ascii = (text: string) => new TextEncoder().encode(text);

Deno.test("Lz4BlockDecoder: copies literals, then a match (LZ4 Block Format, Compressed block format)", () => {
  // 3 literals, match of 4 + 2 bytes at 3 back, 1 literal: abc abcabc d
  const block = Uint8Array.of(0x32, 0x61, 0x62, 0x63, 3, 0, 0x10, 0x64);
  assert.deepEqual(decode(block, 10), ascii("abcabcabcd"));
});

Deno.test("Lz4BlockDecoder: lengths of 15 and more go on in further bytes", () => {
  // 1 literal, match of 4 + 15 + 255 + 1 bytes at 1 back, 1 literal: 277 bytes
  const block = Uint8Array.of(0x1f, 0x61, 1, 0, 255, 1, 0x10, 0x62);
  assert.deepEqual(decode(block, 277), ascii("a".repeat(276) + "b"));
});

Deno.test("Lz4BlockDecoder: refuses a match at 0 back, or before the contents", () => {
  assert.throws(() => decode(Uint8Array.of(0x10, 0x61, 0, 0, 0x10, 0x62), 6), Lz4Error);
  assert.throws(() => decode(Uint8Array.of(0x10, 0x61, 2, 0, 0x10, 0x62), 6), Lz4Error);
});

Deno.test("Lz4BlockDecoder: refuses contents a byte shorter or longer than the target", () => {
  const block = encode(ascii("abcabcabcabcabcabcabcabcabc"));
  assert.throws(() => decode(block, 26), /contents are too long/);
  assert.throws(() => decode(block, 28), /contents are too short/);
});

Deno.test("Lz4BlockDecoder: refuses an endless length before it writes", () => {
  const block = new Uint8Array(100_000).fill(255);
  assert.throws(() => decode(block, 1000), Lz4Error);
});

Deno.test("Lz4BlockDecoder: writes nothing beyond its target, whatever the block", () => {
  const prng = new SeededPrng(1);
  for (let round = 0; round < 5000; round++) {
    const block = Uint8Array.from({ length: prng.int(0, 40) }, () => prng.int(0, 256));
    const memory = new Uint8Array(96).fill(7);
    try {
      const decoder = new Lz4BlockDecoder(block, memory.subarray(16, 80));
      while (!decoder.run(prng.int(1, 64)));
    } catch (error) {
      assert.ok(error instanceof Lz4Error, `round ${round}: ${error}`);
    }
    assert.ok([...memory.subarray(0, 16), ...memory.subarray(80)].every((byte) => byte === 7));
  }
});

Deno.test("Lz4Block: steps of any size give the same as one", () => {
  const prng = new SeededPrng(2);
  for (let round = 0; round < 300; round++) {
    const symbols = prng.int(1, 6);
    const contents = Uint8Array.from({ length: prng.int(0, 700) }, () => prng.int(0, symbols));
    const block = encode(contents);
    assert.deepEqual(decode(block, contents.length), contents, `round ${round}`);
    assert.deepEqual(decode(block, contents.length, prng.int(1, 40)), contents, `round ${round}`);
    const stepped = encode(contents, prng.int(1, 40));
    assert.deepEqual(decode(stepped, contents.length), contents, `round ${round}`);
  }
});

Deno.test("Lz4BlockEncoder: ends with 5 literals, less than 14 bytes are all literals (LZ4 Block Format, End of block conditions)", () => {
  for (let length = 0; length < 60; length++) {
    const block = encode(new Uint8Array(length));
    if (length < 14) assert.deepEqual(block, Uint8Array.of(length << 4, ...new Uint8Array(length)));
    else assert.equal(block.at(-6), 5 << 4, `length ${length}`);
  }
});

Deno.test("Lz4BlockEncoder: a match longer than 1 MiB is several", () => {
  const contents = new Uint8Array(3 << 20);
  const block = encode(contents);
  assert.ok(block.length < 13_000);
  assert.deepEqual(decode(block, contents.length, 1 << 20), contents);
});
