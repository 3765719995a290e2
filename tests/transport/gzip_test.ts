import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  createGzipCompression,
  decompressGzip,
  decompressGzipHead,
  GzipError,
} from "../../lib/transport/gzip.ts";
import { pattern } from "./fake_stream.ts";

Deno.test("decompressGzip: the limit itself is allowed, a byte more is not", () => {
  const compressed = gzipSync(pattern(1_000));
  assert.deepEqual(decompressGzip(compressed, 1_000), pattern(1_000));
  assert.throws(() => decompressGzip(compressed, 999), { name: "GzipError", reason: "too_large" });
  assert.throws(() => decompressGzip(gzipSync(pattern(1)), 0), { reason: "too_large" });
  assert.equal(decompressGzip(gzipSync(new Uint8Array()), 0).length, 0);
  assert.equal(decompressGzip(new Uint8Array(), 0).length, 0);
});

Deno.test("decompressGzip: garbage and a cut file are malformed", () => {
  const cut = gzipSync(pattern(1_000)).subarray(0, 100);
  for (const input of [new TextEncoder().encode("notgzip!!"), cut]) {
    assert.throws(() => decompressGzip(input, 10_000), { reason: "malformed" });
  }
});

Deno.test("decompressGzip: a bomb stops at the limit, memory bounded", () => {
  const bomb = gzipSync(new Uint8Array(200 << 20)); // 200 MiB of zeros in 204 kB
  assert.ok(bomb.length < 1 << 20);
  const before = Deno.memoryUsage().rss;
  assert.throws(() => decompressGzip(bomb, 1 << 20), { reason: "too_large" });
  assert.ok(Deno.memoryUsage().rss - before < 32 << 20);
});

Deno.test("decompressGzipHead: gives the beginning of a file of which only the beginning is here", () => {
  const compressed = gzipSync(pattern(100_000));
  const head = decompressGzipHead(compressed.subarray(0, 200));
  assert.ok(head.length >= 64);
  assert.deepEqual(head, pattern(head.length));
  assert.throws(() => decompressGzipHead(pattern(100)), { reason: "malformed" });
});

Deno.test("decompressGzipHead: at most 1,032 times 1 KiB come out of a bomb", () => {
  const head = decompressGzipHead(gzipSync(new Uint8Array(50 << 20)));
  assert.ok(head.length <= 1_032 * 1_024);
});

Deno.test("createGzipCompression: round trip, limit, and the translated error", async () => {
  const compression = createGzipCompression((error) => new RangeError(error.reason));
  const compressed = await compression.compress(pattern(5_000));
  assert.deepEqual(await compression.decompress(compressed, 5_000), pattern(5_000));
  assert.equal((await compression.decompress(new Uint8Array(), 1)).length, 0);
  await assert.rejects(compression.decompress(compressed, 4_999), { message: "too_large" });
  await assert.rejects(compression.decompress(pattern(50), 4_999), { message: "malformed" });
  assert.ok(new GzipError("", { reason: "malformed" }) instanceof RangeError);
});
