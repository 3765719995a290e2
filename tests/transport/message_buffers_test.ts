import assert from "node:assert/strict";
import { MessageBuffers, nextCapacityBytes } from "../../lib/transport/message_buffers.ts";

Deno.test("MessageBuffers: refuses beyond its budget and gives again what came back", () => {
  const buffers = new MessageBuffers(10_000);
  const first = buffers.acquire(5_000)!;
  assert.equal(first.length, 8_192); // the next power of two
  assert.equal(buffers.acquire(1), null);
  assert.ok(buffers.reserve(1_808));
  assert.ok(!buffers.reserve(1));
  buffers.unreserve(1_808);
  buffers.release(first);
  assert.equal(buffers.usedBytes, 0);
  assert.equal(buffers.acquire(8_192), first);
});

Deno.test("MessageBuffers: a buffer above 4 MiB has the exact size and is not kept", () => {
  const buffers = new MessageBuffers(1 << 30);
  const large = buffers.acquire(5_000_000)!;
  assert.equal(large.length, 5_000_000);
  buffers.release(large);
  assert.notEqual(buffers.acquire(5_000_000), large);
});

Deno.test("nextCapacityBytes: the announced length alone gives 4 KiB", () => {
  assert.equal(nextCapacityBytes(2 ** 32 - 1, 0), 4_096);
  assert.equal(nextCapacityBytes(2 ** 32 - 1, 64), 4_096);
  assert.equal(nextCapacityBytes(100, 64), 100);
});

Deno.test("nextCapacityBytes: up to 1 MiB at most 8 times what arrived, then twice", () => {
  assert.equal(nextCapacityBytes(1_000_000, 16_384), 131_072);
  assert.equal(nextCapacityBytes(1_000_000, 131_072), 1_000_000);
  assert.equal(nextCapacityBytes(500_000_000, 131_072), 1_048_576);
  assert.equal(nextCapacityBytes(500_000_000, 1_048_577), 2_097_154);
  for (let arrived = 1; arrived < 500_000_000; arrived = arrived * 3 + 1) {
    assert.ok(nextCapacityBytes(500_000_000, arrived) >= arrived);
  }
});
