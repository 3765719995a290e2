/** HPACK decoding against the RFC's examples, another implementation's blocks, and malformed blocks. */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../lib/http2/mod.ts";
import stories from "../data/http2/hpack_stories.json" with { type: "json" };

function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replaceAll(" ", ""));
}

function decoder(listBytesMax = 1 << 20): HpackDecoder {
  return new HpackDecoder({ listBytesMax });
}

function assertMalformed(block: string, message: RegExp): void {
  assert.throws(() => decoder().decode(hex(block)), { code: 9, message });
}

const get = [[":method", "GET"], [":scheme", "http"], [":path", "/"]];
const host = [":authority", "www.example.com"];
const secondGet = [...get, host, ["cache-control", "no-cache"]];
const thirdGet = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  host,
  ["custom-key", "custom-value"],
];

Deno.test("HpackDecoder: reads requests without Huffman code (RFC 7541 C.3)", () => {
  const hpack = decoder();
  assert.deepEqual(
    hpack.decode(hex("828684410f7777772e6578616d706c652e636f6d")).headers,
    [...get, host],
  );
  assert.equal(hpack.tableBytes, 57);
  assert.deepEqual(hpack.decode(hex("828684be58086e6f2d6361636865")).headers, secondGet);
  assert.equal(hpack.tableBytes, 110);
  const third = "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565";
  assert.deepEqual(hpack.decode(hex(third)).headers, thirdGet);
  assert.equal(hpack.tableBytes, 164);
});

Deno.test("HpackDecoder: reads requests with Huffman code (RFC 7541 C.4)", () => {
  const hpack = decoder();
  assert.deepEqual(hpack.decode(hex("828684418cf1e3c2e5f23a6ba0ab90f4ff")).headers, [...get, host]);
  assert.deepEqual(hpack.decode(hex("828684be5886a8eb10649cbf")).headers, secondGet);
  const third = "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf";
  assert.deepEqual(hpack.decode(hex(third)).headers, thirdGet);
  assert.equal(hpack.tableBytes, 164);
});

Deno.test("HpackDecoder: evicts from a table of 256 bytes (RFC 7541 C.6)", () => {
  const hpack = new HpackDecoder({ listBytesMax: 1 << 20, tableBytesMax: 256 });
  const date = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
  const first = [[":status", "302"], ["cache-control", "private"], date, [
    "location",
    "https://www.example.com",
  ]];
  const block =
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
  assert.deepEqual(hpack.decode(hex(block)).headers, first);
  assert.equal(hpack.tableBytes, 222);
  assert.deepEqual(hpack.decode(hex("4883640effc1c0bf")).headers, [
    [":status", "307"],
    ...first.slice(1),
  ]);
  assert.equal(hpack.tableBytes, 222);
});

Deno.test("HpackDecoder: reads literals of every kind (RFC 7541 C.2)", () => {
  const hpack = decoder();
  const custom = "400a637573746f6d2d6b65790d637573746f6d2d686561646572";
  assert.deepEqual(hpack.decode(hex(custom)).headers, [["custom-key", "custom-header"]]);
  assert.equal(hpack.tableBytes, 55);
  assert.deepEqual(hpack.decode(hex("040c2f73616d706c652f70617468")).headers, [[
    ":path",
    "/sample/path",
  ]]);
  assert.deepEqual(hpack.decode(hex("100870617373776f726406736563726574")).headers, [[
    "password",
    "secret",
  ]]);
  assert.equal(hpack.tableBytes, 55); // Neither of the last two is indexed.
});

for (const story of stories) {
  Deno.test(`HpackDecoder: reads what another encoder wrote: ${story.name} (tests/data/http2)`, () => {
    const hpack = decoder();
    for (const { wire, headers } of story.cases) {
      assert.deepEqual(hpack.decode(hex(wire)).headers, headers);
    }
  });
}

Deno.test("HpackDecoder: refuses index 0 (RFC 7541 §6.1)", () => {
  assertMalformed("80", /index 0/);
});

Deno.test("HpackDecoder: refuses an index beyond the table (RFC 7541 §2.3.3)", () => {
  assertMalformed("be", /beyond the table/); // 62, the table being empty.
  assertMalformed("ffff7f", /beyond the table/);
  assertMalformed("7f8001 00", /beyond the table/); // As a name, too.
});

Deno.test("HpackDecoder: takes an index up to the oldest entry, and no further (RFC 7541 §2.3.3)", () => {
  const hpack = decoder();
  hpack.decode(hex("40 0161 0131 40 0162 0132"));
  assert.deepEqual(hpack.decode(hex("be bf")).headers, [["b", "2"], ["a", "1"]]);
  assert.throws(() => hpack.decode(hex("c0")), { code: 9 });
});

Deno.test("HpackDecoder: caps integers at four bytes after the prefix (RFC 7541 §5.1)", () => {
  assertMalformed("ff" + "ff".repeat(200) + "7f", /integer too long/);
  assertMalformed("ff8080808000", /integer too long/);
  assertMalformed("00 7f 8080808000", /integer too long/);
  // 127 + 0 in four bytes: needlessly long, but legal.
  assert.equal(decoder().decode(hex("00 7f 80808000" + "61".repeat(127) + "00")).listBytes, 159);
});

Deno.test("HpackDecoder: refuses a cut integer, string, or field (RFC 7541 §5)", () => {
  for (
    const block of ["ff", "ff80", "40", "4001", "400161", "40016101", "007fffff0761", "41", "0085"]
  ) {
    assertMalformed(block, /cut|beyond the block/);
  }
});

Deno.test("HpackDecoder: refuses EOS within a string (RFC 7541 §5.2)", () => {
  assertMalformed("00 84 ffffffff 0161", /Huffman/);
  assertMalformed("00 85 ffffffffff 0161", /Huffman/);
});

Deno.test("HpackDecoder: refuses padding of 8 bits, or not of ones (RFC 7541 §5.2)", () => {
  assertMalformed("00 82 1fff 0161", /Huffman/); // "a" is 00011; 3 + 8 ones follow.
  assertMalformed("00 81 18 0161", /Huffman/); // "a", then zeros.
  assert.deepEqual(decoder().decode(hex("00 81 1f 0162")).headers, [["a", "b"]]);
});

Deno.test("HpackDecoder: takes size updates only before the first field (RFC 7541 §4.2)", () => {
  assert.deepEqual(decoder().decode(hex("20 3fe11f 82")).headers, [[":method", "GET"]]);
  assertMalformed("82 20", /size update/);
});

Deno.test("HpackDecoder: takes a table size up to the limit, and not a byte more (RFC 7541 §6.3)", () => {
  decoder().decode(hex("3fe11f")); // 31 + 97 + 31 × 128 = 4096.
  assertMalformed("3fe21f", /above its limit/);
});

Deno.test("HpackDecoder: an entry larger than the table empties it (RFC 7541 §4.4)", () => {
  const hpack = decoder();
  hpack.decode(hex("3f05 40 0161 0131")); // 36 bytes: room for one entry of 34.
  assert.equal(hpack.tableBytes, 34);
  hpack.decode(hex("40 0162 0430303030")); // 37 bytes.
  assert.equal(hpack.tableBytes, 0);
});

Deno.test("HpackDecoder: counts a list beyond the limit, drops it, and keeps the table in step (RFC 9113 §10.5.1)", () => {
  const hpack = decoder(100);
  // a: 34, b: 34; 68 fit, the third makes 102.
  const { headers, listBytes } = hpack.decode(hex("40 0161 0131 40 0162 0132 40 0163 0133"));
  assert.deepEqual(headers, [["a", "1"], ["b", "2"]]);
  assert.equal(listBytes, 102);
  assert.deepEqual(hpack.decode(hex("be")).headers, [["c", "3"]]);
});

Deno.test("HpackDecoder: 16,000 references to 4,000 bytes cost no memory (CVE-2016-6581)", () => {
  const hpack = decoder(16 << 10);
  const value = "61".repeat(4000);
  const block = hex("40 03782d62 7fa11e" + value + "be".repeat(16_000));
  const { headers, listBytes } = hpack.decode(block);
  assert.equal(headers.length, 4); // 4 × 4,035 ≤ 16,384.
  assert.equal(listBytes, 16_001 * 4035);
});

Deno.test("HpackDecoder: names bytes above 0x7f as latin-1 (RFC 9110 §5.5)", () => {
  assert.deepEqual(decoder().decode(hex("00 0161 02 80ff")).headers, [["a", "\u0080\u00ff"]]);
});
