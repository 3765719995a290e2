import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  decodeAnyHdr,
  decodeBase64,
  decodeDoubleHdr,
  DoubleHistogram,
  encodeBase64,
  encodeDoubleHdr,
  HdrDecodeError,
  HdrRangeError,
} from "../../lib/hdr/mod.ts";
import { goldenSet } from "./golden_sets.ts";

interface Vector {
  id: string;
  digits: number;
  dataset: string;
  unit: number;
  totalCount: string;
  min: number;
  max: number;
  mean: number;
  stdDev: number;
  ratio: number;
  percentiles: [number, number][];
  dv2?: string;
  dv2_sha256: string;
  dv2c?: string;
}

const vectors: Vector[] = Deno.readTextFileSync("tests/data/hdr/java-2.2.2.double.jsonl")
  .trim().split("\n").map((line) => JSON.parse(line));

for (const vector of vectors) {
  Deno.test(`DoubleHistogram: ${vector.id} answers and encodes as Java (HdrHistogram 2.2.2)`, () => {
    const histogram = new DoubleHistogram({ digits: vector.digits });
    for (const [value, count] of goldenSet(vector.dataset, 3_600_000_000n)) {
      histogram.recordWithCount(Number(value) * vector.unit, count);
    }
    assert.equal(histogram.totalCount, BigInt(vector.totalCount));
    assert.equal(histogram.ratio, vector.ratio, "ratio");
    assert.equal(histogram.min, vector.min, "min");
    assert.equal(histogram.max, vector.max, "max");
    assert.equal(histogram.mean, vector.mean, "mean");
    assert.equal(histogram.stdDev, vector.stdDev, "stdDev");
    for (const [percentile, value] of vector.percentiles) {
      assert.equal(histogram.valueAtPercentile(percentile), value, `p${percentile}`);
    }
    const bytes = encodeDoubleHdr(histogram, { compressed: false });
    if (vector.dv2 !== undefined) assert.equal(encodeBase64(bytes), vector.dv2);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), vector.dv2_sha256);
    for (const text of [vector.dv2, vector.dv2c]) {
      if (text === undefined) continue;
      const decoded = decodeAnyHdr(decodeBase64(text));
      assert.ok(decoded instanceof DoubleHistogram);
      assert.ok(decoded.equals(histogram));
      assert.deepEqual(encodeDoubleHdr(decoded, { compressed: false }), bytes);
    }
  });
}

Deno.test("DoubleHistogram: refuses negative, NaN and infinite values, and keeps its counts", () => {
  const histogram = new DoubleHistogram({ digits: 2 });
  histogram.record(0);
  histogram.record(1.5);
  for (const value of [-1, NaN, Infinity, Number.MAX_VALUE, -0.001]) {
    assert.throws(() => histogram.record(value), HdrRangeError, String(value));
  }
  assert.equal(histogram.totalCount, 2n);
});

Deno.test("DoubleHistogram: with a ratio the range moves but does not widen (HdrHistogram 2.2.2)", () => {
  const histogram = new DoubleHistogram({ digits: 2, highestToLowest: 1000n });
  histogram.record(1e-3);
  histogram.record(0.9);
  assert.throws(() => histogram.record(1e6), HdrRangeError);
  assert.throws(() => histogram.record(1e-12), HdrRangeError);
  assert.equal(histogram.totalCount, 2n);
});

Deno.test("DoubleHistogram: adds another unit without dropping a count", () => {
  const [fast, slow] = [new DoubleHistogram({ digits: 3 }), new DoubleHistogram({ digits: 3 })];
  for (let n = 1; n <= 100; n++) {
    fast.record(n * 1e-6);
    slow.record(n * 10);
  }
  fast.add(slow);
  assert.equal(fast.totalCount, 200n);
  assert.ok(Math.abs(fast.max - 1000) <= 1);
  assert.ok(Math.abs(fast.min - 1e-6) <= 1e-9);
});

Deno.test("decodeDoubleHdr: refuses a ratio that is no number, and digits that disagree", () => {
  const histogram = new DoubleHistogram({ digits: 2 });
  histogram.record(3);
  for (const [offset, value] of [[16 + 32, NaN], [16 + 32, -1], [16 + 32, 0]] as const) {
    const bytes = encodeDoubleHdr(histogram, { compressed: false });
    new DataView(bytes.buffer).setFloat64(offset, value);
    assert.throws(() => decodeDoubleHdr(bytes), HdrDecodeError);
  }
  const bytes = encodeDoubleHdr(histogram);
  new DataView(bytes.buffer).setInt32(4, 3);
  assert.throws(() => decodeDoubleHdr(bytes), HdrDecodeError);
  new DataView(bytes.buffer).setBigInt64(8, -4n);
  assert.throws(() => decodeDoubleHdr(bytes), HdrDecodeError);
});
