/** HPACK encoding, by the RFC's examples and through our own decoder. */
import assert from "node:assert/strict";
import {
  encodeHeaderBlock,
  type HeaderList,
  HpackDecoder,
  HpackEncoder,
} from "../../lib/http2/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

const get: HeaderList = [[":method", "GET"], [":scheme", "http"], [":path", "/"]];

Deno.test("HpackEncoder: writes the requests of RFC 7541 C.4", () => {
  const encoder = new HpackEncoder();
  const host = [":authority", "www.example.com"] as const;
  const first = [...get, host];
  assert.equal(encoder.encode(first).toHex(), "828684418cf1e3c2e5f23a6ba0ab90f4ff");
  const second = [...first, ["cache-control", "no-cache"] as const];
  assert.equal(encoder.encode(second).toHex(), "828684be5886a8eb10649cbf");
});

Deno.test("HpackEncoder: a list that was sent before is all indices", () => {
  const encoder = new HpackEncoder();
  const list: HeaderList = [...get, ["user-agent", "x"], ["x-a", "y"]];
  encoder.encode(list);
  assert.equal(encoder.encode(list).length, list.length);
});

Deno.test("HpackEncoder: announces the smallest and the last table size (RFC 7541 §4.2)", () => {
  const encoder = new HpackEncoder();
  encoder.resize(100);
  encoder.resize(0);
  encoder.resize(256);
  assert.equal(encoder.encode(get).toHex(), "20" + "3fe101" + "828684");
  assert.equal(encoder.encode(get).toHex(), "828684");
});

Deno.test("HpackEncoder: random lists and table sizes survive a round trip (RFC 7541 §4)", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new SeededPrng(seed);
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder({ listBytesMax: 1 << 20 });
    const text = (low: number, high: number): string =>
      String.fromCharCode(...Array.from({ length: prng.int(0, 60) }, () => prng.int(low, high)));
    for (let block = 0; block < 30; block++) {
      if (prng.int(0, 4) === 0) encoder.resize(prng.int(0, 4097));
      const list: HeaderList = Array.from(
        { length: prng.int(0, 9) },
        () => [text(97, 101).slice(0, 2), text(0, 256)] as const,
      );
      assert.deepEqual(decoder.decode(encoder.encode(list)).headers, list, `seed ${seed}`);
    }
  }
});

Deno.test("encodeHeaderBlock: any decoder reads it, in any state (RFC 7541 §6.2.2)", () => {
  const decoder = new HpackDecoder({ listBytesMax: 1 << 20 });
  decoder.decode(new HpackEncoder().encode([["x-a", "1"]]));
  const list: HeaderList = [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-message", "é".repeat(200)],
    ["x-empty", ""],
  ];
  const generation = decoder.generation;
  assert.deepEqual(decoder.decode(encodeHeaderBlock(list)).headers, list);
  assert.equal(decoder.generation, generation);
});

Deno.test("encodeHeaderBlock: refuses a character above U+00FF", () => {
  assert.throws(() => encodeHeaderBlock([["a", "€"]]), TypeError);
  assert.throws(() => encodeHeaderBlock([["a", "long enough for Huffman Ā"]]), TypeError);
});
