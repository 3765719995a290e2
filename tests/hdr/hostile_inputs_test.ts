import assert from "node:assert/strict";
import { deflateSync, inflateSync } from "node:zlib";
import {
  decodeBase64,
  decodeHdr,
  encodeHdr,
  HdrDecodeError,
  HdrHistogram,
} from "../../lib/hdr/mod.ts";

const inputs: Record<string, string> = JSON.parse(
  Deno.readTextFileSync("tests/data/hdr/hostile-inputs.json"),
);
const verdicts = new Map(
  Deno.readTextFileSync("tests/data/hdr/hostile-inputs.java.tsv").trim().split("\n").map((line) => {
    const [name, verdict] = line.split("\t");
    return [name!, verdict!];
  }),
);
/** Bytes that one input may cost. */
const bytesMax = 2 ** 20;

for (const [name, text] of Object.entries(inputs)) {
  const verdict = verdicts.get(name)!;
  const total = /^OK total=(\d+)/.exec(verdict)?.[1];
  if (total === undefined) {
    Deno.test(`decodeHdr: refuses ${name} (hostile inputs, as HdrHistogram 2.2.2)`, () => {
      assert.throws(() => decodeHdr(decodeBase64(text)), (error) => {
        assert.ok(error instanceof HdrDecodeError, String(error));
        assert.ok(Number.isInteger(error.offset) && error.offset >= 0);
        return true;
      });
    });
  } else {
    Deno.test(`decodeHdr: reads ${name} in less than 1 MB (hostile inputs, as HdrHistogram 2.2.2)`, () => {
      const histogram = decodeHdr(decodeBase64(text));
      assert.equal(histogram.totalCount, BigInt(total));
      assert.ok(histogram.byteLength < bytesMax, String(histogram.byteLength));
    });
  }
}

function thrownBy(run: () => unknown): HdrDecodeError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof HdrDecodeError, String(error));
    return error;
  }
  assert.fail("nothing was thrown");
}

function compressed(plain: Uint8Array): Uint8Array {
  const stream = deflateSync(plain);
  const bytes = new Uint8Array(8 + stream.length);
  new DataView(bytes.buffer).setUint32(0, 0x1c849314);
  new DataView(bytes.buffer).setInt32(4, stream.length);
  bytes.set(stream, 8);
  return bytes;
}

function plainSample(): Uint8Array<ArrayBuffer> {
  const histogram = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
  for (const value of [0, 1, 12345, 1_000_000]) histogram.record(value);
  return encodeHdr(histogram, { compressed: false });
}

Deno.test("decodeHdr: names reason and offset of a bad configuration", () => {
  const bytes = plainSample();
  new DataView(bytes.buffer).setInt32(12, 9);
  const error = thrownBy(() => decodeHdr(bytes));
  assert.deepEqual([error.reason, error.offset], ["config", 12]);
});

Deno.test("decodeHdr: does not inflate a bomb beyond its payload", () => {
  const bomb = new Uint8Array(50_000_000);
  bomb.set(plainSample());
  const histogram = decodeHdr(compressed(bomb));
  assert.equal(histogram.totalCount, 4n);
});

Deno.test("decodeHdr: refuses a payload above its limit before it is inflated", () => {
  const plain = new Uint8Array(40);
  const view = new DataView(plain.buffer);
  view.setUint32(0, 0x1c849313);
  view.setInt32(4, 30_000_000);
  view.setInt32(12, 5);
  view.setBigInt64(16, 1n);
  view.setBigInt64(24, 2n ** 63n - 1n);
  view.setFloat64(32, 1);
  assert.equal(thrownBy(() => decodeHdr(compressed(plain))).reason, "too_large");
  view.setInt32(4, 10_000_000);
  assert.equal(thrownBy(() => decodeHdr(compressed(plain))).reason, "truncated");
});

Deno.test("decodeHdr: two far buckets do not cost the range between them", () => {
  const histogram = new HdrHistogram({ highest: 2n ** 63n - 1n, digits: 5 });
  histogram.record(1);
  histogram.record(2n ** 62n);
  const decoded = decodeHdr(encodeHdr(histogram));
  assert.ok(decoded.byteLength < bytesMax, String(decoded.byteLength));
  assert.ok(decoded.equals(histogram));
});

Deno.test("decodeHdr: every prefix of an encoding is refused, and every flipped bit read or refused", () => {
  for (const bytes of [plainSample(), encodeHdr(decodeHdr(plainSample()))]) {
    for (let length = 0; length < bytes.length; length++) {
      thrownBy(() => decodeHdr(bytes.subarray(0, length)));
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      try {
        assert.ok(decodeHdr(flipped).byteLength < bytesMax);
      } catch (error) {
        assert.ok(error instanceof HdrDecodeError, `bit ${bit}: ${error}`);
      }
    }
  }
});

Deno.test("decodeHdr: refuses a total above 2^63-1 (Java's wraps)", () => {
  const histogram = new HdrHistogram({ highest: 1000, digits: 1 });
  histogram.recordWithCount(1, 2n ** 63n - 1n);
  const bytes = encodeHdr(histogram, { compressed: false });
  const twice = new Uint8Array(bytes.length + 9);
  twice.set(bytes);
  twice.set(bytes.subarray(-9), bytes.length);
  new DataView(twice.buffer).setInt32(4, twice.length - 40);
  assert.equal(thrownBy(() => decodeHdr(twice)).reason, "count");
});

Deno.test("decodeHdr: a native inflate changes neither contents nor verdicts", () => {
  const options = {
    inflate: (stream: Uint8Array, maxOutputLength: number) =>
      inflateSync(stream, { maxOutputLength }),
  };
  for (const [name, text] of Object.entries(inputs)) {
    const judge = (given?: typeof options) => {
      try {
        return decodeHdr(decodeBase64(text), given).totalCount;
      } catch (error) {
        assert.ok(error instanceof HdrDecodeError, name);
        return error.reason;
      }
    };
    assert.equal(judge(options), judge(), name);
  }
});
