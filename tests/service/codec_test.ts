import assert from "node:assert/strict";
import { createZstdCompress, zstdCompressSync } from "node:zlib";

import { SeededPrng } from "../../lib/base/mod.ts";
import { decodeFill } from "../../lib/wire/mod.ts";
import {
  CodecError,
  type CodecErrorReason,
  decodeDenseView,
  decodeDenseViewAsync,
  encodedBytesMax,
  encodeDenseView,
  encodeDenseViewAsync,
  isCodecSupported,
} from "../../lib/service/codec.ts";
import { splitZstdFrames, zstdFramesMax } from "../../lib/service/zstd_frame.ts";
import golden from "../data/wire/codecs.json" with { type: "json" };
import wire from "../data/wire/wire.json" with { type: "json" };

type Decode = (
  codec: string | null,
  bytes: Uint8Array,
  expectedBytes: number,
) => Uint8Array | Promise<Uint8Array>;

const decoders: readonly [string, Decode][] = [
  ["decodeDenseView", decodeDenseView],
  ["decodeDenseViewAsync", decodeDenseViewAsync],
];

/** Checks the reason and, if there is one, the sentence. */
async function rejects(run: () => unknown, reason: CodecErrorReason, message?: string) {
  await assert.rejects(async () => await run(), (error: unknown) => {
    assert.ok(error instanceof CodecError, String(error));
    assert.equal(error.reason, reason, error.message);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });
}

function random(byteLength: number, seed: number): Uint8Array {
  const prng = new SeededPrng(seed);
  return Uint8Array.from({ length: byteLength }, () => prng.int(0, 256));
}

/** Counts as a histogram has them: float64, most of them small. */
function counts(cellCount: number, seed: number): Uint8Array {
  const prng = new SeededPrng(seed);
  const cells = Float64Array.from({ length: cellCount }, () => prng.int(0, 40));
  return new Uint8Array(cells.buffer);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

for (const [name, decode] of decoders) {
  Deno.test(`${name}: decodes what numcodecs encodes (numcodecs 0.16.6)`, async () => {
    for (const row of golden.rows) {
      const view = Uint8Array.fromBase64(row.view);
      const { length } = view;
      assert.deepEqual(
        await decode("zstd", Uint8Array.fromBase64(row.zstd), length),
        view,
        row.name,
      );
      if (row.lz4 === undefined) continue;
      assert.deepEqual(await decode("lz4", Uint8Array.fromBase64(row.lz4), length), view, row.name);
    }
  });

  Deno.test(`${name}: decodes the fills of the Python client (histserv 0.2.1)`, async () => {
    let decoded = 0;
    for (const message of wire.chunked.flatMap((row) => row.messages)) {
      if (!("decoded_dense_view" in message)) continue;
      const view = Uint8Array.fromBase64(message.decoded_dense_view!);
      const fill = decodeFill(Uint8Array.fromBase64(message.bytes));
      assert.deepEqual(await decode(fill.codec, fill.denseView, view.length), view);
      decoded++;
    }
    assert.ok(decoded >= 12);
  });

  Deno.test(`${name}: without codec gives the bytes themselves, if the length is right`, async () => {
    const bytes = new Uint8Array(3);
    assert.equal(await decode(null, bytes, 3), bytes);
    const message = "Cannot decode dense view: it has 3 bytes, expected 256";
    await rejects(() => decode(null, bytes, 256), "size", message);
  });

  Deno.test(`${name}: refuses an unknown codec, "" included`, async () => {
    const message = 'Cannot decode dense view: codec "gzip" is not supported';
    await rejects(() => decode("gzip", new Uint8Array(8), 8), "unsupported", message);
    await rejects(() => decode("", new Uint8Array(8), 8), "unsupported");
  });

  Deno.test(`${name}: a byte more or less than expected is refused`, async () => {
    for (const codec of ["zstd", "lz4"]) {
      const bytes = encodeDenseView(codec, counts(32, 1));
      const message = "Cannot decode dense view: it has 256 bytes, expected 255";
      await rejects(() => decode(codec, bytes, 255), "size", message);
      await rejects(() => decode(codec, bytes, 257), "size");
    }
  });

  Deno.test(`${name}: a zstd frame that hides its size stops at the first byte too many`, async () => {
    const bomb = await frameWithoutSize(new Uint8Array(1 << 26));
    assert.ok(bomb.length < 4096);
    const message = "Cannot decode dense view: it has more than the expected 256 bytes";
    await rejects(() => decode("zstd", bomb, 256), "size", message);
  });

  Deno.test(`${name}: a zstd frame without content size decodes`, async () => {
    const view = counts(256, 2);
    assert.deepEqual(await decode("zstd", await frameWithoutSize(view), view.length), view);
  });

  Deno.test(`${name}: zstd frames in a row are one view, skippable ones nothing (RFC 8878 §3.1)`, async () => {
    const skippable = Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);
    const parts = [counts(10, 3), counts(0, 4), counts(20, 5)];
    const frames = parts.map((part) => encodeDenseView("zstd", part));
    const bytes = concat(skippable, frames[0]!, frames[1]!, skippable, frames[2]!, skippable);
    assert.deepEqual(await decode("zstd", bytes, 240), concat(...parts));
    await rejects(() => decode("zstd", bytes, 239), "size");
    await rejects(() => decode("zstd", bytes, 241), "size");
    const hidden = await frameWithoutSize(parts[2]!);
    assert.deepEqual(await decode("zstd", concat(frames[0]!, hidden), 240), concat(...parts));
    await rejects(() => decode("zstd", concat(frames[0]!, hidden), 80), "size");
  });

  Deno.test(`${name}: damaged zstd data is refused, every cut and what is left over too`, async () => {
    const bytes = encodeDenseView("zstd", counts(32, 6));
    const message = "Cannot decode dense view: zstd data is damaged";
    for (let length = 0; length < bytes.length; length++) {
      await rejects(() => decode("zstd", bytes.subarray(0, length), 256), "damaged", message);
    }
    await rejects(() => decode("zstd", concat(bytes, Uint8Array.of(0)), 256), "damaged");
    await rejects(() => decode("zstd", concat(bytes, new Uint8Array(16)), 256), "damaged");
    await rejects(() => decode("zstd", random(100, 7), 256), "damaged");
  });

  Deno.test(`${name}: a zstd window above 8 MiB is refused for a small view`, async () => {
    const view = counts(32, 6);
    const bytes = encodeDenseView("zstd", view);
    // Descriptor 0x60, size in two bytes, becomes 0: no size; a window of 2^10 times 2^(upper 5 bits).
    assert.equal(bytes[4], 0x60);
    const windowed = (descriptor: number) =>
      concat(bytes.subarray(0, 4), Uint8Array.of(0, descriptor), bytes.subarray(7));
    assert.deepEqual(await decode("zstd", windowed(13 << 3), 256), view); // 2^23
    await rejects(() => decode("zstd", windowed(14 << 3), 256), "damaged");
  });

  Deno.test(`${name}: the lz4 length is compared before anything is made`, async () => {
    const bytes = concat(Uint8Array.of(255, 255, 255, 255), new Uint8Array(64));
    const message = "Cannot decode dense view: it has 4294967295 bytes, expected 256";
    await rejects(() => decode("lz4", bytes, 256), "size", message);
  });

  Deno.test(`${name}: damaged lz4 data is refused, every cut too`, async () => {
    const bytes = encodeDenseView("lz4", counts(32, 8));
    const message = "Cannot decode dense view: lz4 data is damaged";
    for (let length = 0; length < bytes.length; length++) {
      await rejects(() => decode("lz4", bytes.subarray(0, length), 256), "damaged", message);
    }
    await rejects(() => decode("lz4", concat(bytes, Uint8Array.of(0)), 256), "damaged");
  });

  Deno.test(`${name}: 4,000 damaged inputs give 256 bytes or a CodecError`, async () => {
    const prng = new SeededPrng(9);
    for (let round = 0; round < 4000; round++) {
      const codec = round % 2 === 0 ? "lz4" : "zstd";
      const bytes = encodeDenseView(codec, counts(32, round)).slice();
      for (let hits = prng.int(1, 4); hits > 0; hits--) {
        bytes[prng.int(0, bytes.length)] = prng.int(0, 256);
      }
      try {
        assert.equal((await decode(codec, bytes, 256)).length, 256);
      } catch (error) {
        assert.ok(error instanceof CodecError, `round ${round}: ${error}`);
      }
    }
  });
}

const encoders = [
  ["encodeDenseView", encodeDenseView],
  ["encodeDenseViewAsync", encodeDenseViewAsync],
] as const;

for (const [name, encode] of encoders) {
  Deno.test(`${name}: what it encodes, both decoders decode`, async () => {
    const views = [
      ...golden.rows.map((row) => Uint8Array.fromBase64(row.view)),
      ...Array.from({ length: 30 }, (_, length) => random(length, length)),
      new Uint8Array(70_000),
      concat(random(70_000, 1), random(70_000, 1)),
      counts(200_000, 2), // 1.6 MB: more than one step
    ];
    for (const view of views) {
      for (const codec of [null, "zstd", "lz4"]) {
        const bytes = await encode(codec, view);
        assert.deepEqual(decodeDenseView(codec, bytes, view.length), view);
        assert.deepEqual(await decodeDenseViewAsync(codec, bytes, view.length), view);
      }
    }
  });

  Deno.test(`${name}: refuses an unknown codec`, async () => {
    const message = 'Cannot encode dense view: codec "" is not supported';
    await rejects(() => encode("", new Uint8Array(8)), "unsupported", message);
  });

  Deno.test(`${name}: zstd frames carry their content size (numcodecs)`, async () => {
    for (const view of [new Uint8Array(0), counts(32, 1), counts(200_000, 1)]) {
      const frames = splitZstdFrames(await encode("zstd", view));
      assert.deepEqual(frames?.map((frame) => frame.contentBytes), [view.length]);
    }
  });

  Deno.test(`${name}: counts and zeros become smaller, noise hardly larger`, async () => {
    for (const codec of ["zstd", "lz4"]) {
      assert.ok((await encode(codec, counts(4096, 1))).length < 4096 * 8 / 2, codec);
      assert.ok((await encode(codec, new Uint8Array(4096))).length < 64, codec);
      assert.ok((await encode(codec, random(4096, 1))).length < 4096 + 40, codec);
    }
  });
}

Deno.test("isCodecSupported: none, zstd, and lz4", () => {
  assert.deepEqual([null, "zstd", "lz4", "", "gzip"].map(isCodecSupported), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("splitZstdFrames: takes so many frames and no more", () => {
  const empty = Uint8Array.from(zstdCompressSync(new Uint8Array(0)));
  const row = new Uint8Array(empty.length * (zstdFramesMax + 1));
  for (let index = 0; index <= zstdFramesMax; index++) row.set(empty, index * empty.length);
  assert.equal(splitZstdFrames(row), null);
  assert.equal(splitZstdFrames(row.subarray(empty.length))?.length, zstdFramesMax);
});

/** A stream does not know the size in advance: the frame does not carry it. */
async function frameWithoutSize(view: Uint8Array): Promise<Uint8Array> {
  const stream = createZstdCompress();
  stream.end(view);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = concat(...chunks);
  assert.deepEqual(splitZstdFrames(bytes)?.map((frame) => frame.contentBytes), [null]);
  return bytes;
}

for (const codec of ["zstd", "lz4"]) {
  Deno.test(`encodeDenseView ${codec}: what does not compress stays below encodedBytesMax`, async () => {
    for (const bytes of [0, 1, 15, 16, 255, 4096, 131_073, 3_000_001]) {
      const view = random(bytes, bytes + 1);
      assert.ok(encodeDenseView(codec, view).length <= encodedBytesMax(bytes), `${bytes}`);
      assert.ok((await encodeDenseViewAsync(codec, view)).length <= encodedBytesMax(bytes));
    }
  });
}
