/** The cache of header blocks. */
import assert from "node:assert/strict";
import { HpackEncoder } from "../../lib/http2/mod.ts";
import { RequestDecoder } from "../../lib/http2/request_decoder.ts";
import { getRequest, postRequest } from "./support/client.ts";

Deno.test("RequestDecoder: equal blocks share one list while the table stands still", () => {
  const encoder = new HpackEncoder();
  const decoder = new RequestDecoder({ listBytesMax: 16_384 });
  const read = (block: Uint8Array) => decoder.request(block, 0, block.length);
  read(encoder.encode(getRequest)); // Enters :authority into the table, so it is not kept.
  const again = encoder.encode(getRequest);
  assert.equal(read(again), read(again.slice()));
  assert.deepEqual(read(again).headers, getRequest);
});

Deno.test("RequestDecoder: equal bytes mean another list after the table changed (RFC 7541 §2.3.3)", () => {
  const encoder = new HpackEncoder();
  const decoder = new RequestDecoder({ listBytesMax: 16_384 });
  const read = (block: Uint8Array) => decoder.request(block, 0, block.length).headers;
  read(encoder.encode([...getRequest, ["x", "1"]]));
  const block = encoder.encode([...getRequest, ["x", "1"]]);
  assert.deepEqual(read(block), [...getRequest, ["x", "1"]]);
  // Two more entries: index 62 and 63, which meant x and :authority, now mean these.
  read(encoder.encode([...getRequest, ["y", "2"], ["z", "3"]]));
  const last = read(block);
  assert.deepEqual(last.slice(3), [["y", "2"], ["z", "3"]]);
});

Deno.test("RequestDecoder: keeps several blocks at once", () => {
  const encoder = new HpackEncoder();
  const decoder = new RequestDecoder({ listBytesMax: 16_384 });
  const read = (block: Uint8Array) => decoder.request(block, 0, block.length);
  for (const list of [getRequest, postRequest]) read(encoder.encode(list));
  const blocks = [getRequest, postRequest].map((list) => encoder.encode(list));
  const first = blocks.map(read);
  assert.deepEqual(blocks.map(read).map((head, i) => head === first[i]), [true, true]);
});
