import assert from "node:assert/strict";
import {
  HdrConfigError,
  HdrHistogram,
  HdrLayout,
  HdrRangeError,
  mergeHdr,
  Recorder,
} from "../../lib/hdr/mod.ts";

const hour = { highest: 3_600_000_000, digits: 3 };

Deno.test("HdrHistogram: refuses what is not an integer in its range, and counts nothing", () => {
  const histogram = new HdrHistogram({ highest: 1000 });
  for (const value of [-1, 1.7, NaN, Infinity, -Infinity, 2 ** 63, -1n, 2n ** 63n, 1e6]) {
    assert.throws(() => histogram.record(value), HdrRangeError, String(value));
  }
  for (const count of [-1, 0.5, NaN, 2 ** 53, -1n]) {
    assert.throws(() => histogram.recordWithCount(1, count), HdrRangeError, String(count));
  }
  assert.equal(histogram.totalCount, 0n);
});

Deno.test("HdrHistogram: refuses impossible configurations", () => {
  for (
    const config of [
      { digits: 6 },
      { digits: -1 },
      { digits: 2.5 },
      { lowest: 0 },
      { lowest: 10, highest: 19 },
      { lowest: 1.5 },
      { highest: 2n ** 63n },
      { lowest: 2n ** 60n, highest: 2n ** 62n, digits: 3 },
    ]
  ) {
    assert.throws(() => new HdrHistogram(config), HdrConfigError, String(Object.entries(config)));
  }
});

Deno.test("HdrHistogram: counts are exact through 2^32, 2^53 and up to 2^63-1", () => {
  const histogram = new HdrHistogram(hour);
  let total = 0n;
  for (const count of [2 ** 32 - 1, 1, 2 ** 53 - 2 ** 32 - 1, 1, 1, 2n ** 62n]) {
    histogram.recordWithCount(1000, count);
    total += BigInt(count);
    assert.equal(histogram.totalCount, total);
    assert.equal(histogram.countBetween(1000, 1000), total);
  }
  histogram.record(7);
  assert.equal(histogram.countBetween(7, 7), 1n);
  const left = 2n ** 63n - 1n - total - 1n;
  histogram.recordWithCount(9, left);
  assert.throws(() => histogram.record(9), HdrRangeError);
  assert.throws(() => histogram.add(histogram.copy()), HdrRangeError);
  assert.equal(histogram.totalCount, 2n ** 63n - 1n);
});

Deno.test("HdrHistogram: values above 2^53 are placed exactly", () => {
  const histogram = new HdrHistogram({ highest: 2n ** 63n - 1n, digits: 3 });
  histogram.record(2n ** 61n - 1n); // as a double it would be 2^61, in the next bucket
  const { layout, maxIndex } = histogram;
  assert.equal(layout.exactHighestOf(maxIndex), 2n ** 61n - 1n);
  histogram.record(2n ** 63n - 1n);
  assert.equal(layout.exactHighestOf(histogram.maxIndex), 2n ** 63n - 1n);
});

Deno.test("HdrHistogram: both rank rules, of 6 values (Java ceil; C, Go and Python half up)", () => {
  const histogram = new HdrHistogram({ highest: 3_600_000_000, digits: 1 });
  histogram.recordWithCount(1, 3);
  histogram.recordWithCount(1_000_000, 2);
  histogram.record(3_600_000_000);
  assert.equal(histogram.valueAtPercentile(90), 3_623_878_655); // rank 6
  assert.equal(histogram.valueAtPercentile(90, "half_up"), 1_015_807); // rank 5.9 = 5
  assert.equal(histogram.valueAtPercentile(0), 1);
  assert.equal(histogram.valueAtPercentile(100, "half_up"), 3_623_878_655);
  for (const rule of ["ceil", "half_up"] as const) {
    assert.equal(histogram.valueAtPercentile(-5, rule), 1);
    assert.equal(histogram.valueAtPercentile(1000, rule), 3_623_878_655);
    assert.throws(() => histogram.valueAtPercentile(NaN, rule), RangeError);
  }
});

Deno.test("HdrHistogram: auto-resize covers the power of two of the value (HdrHistogram 2.2.2)", () => {
  const histogram = new HdrHistogram({ digits: 3 });
  histogram.record(5_000_000);
  assert.equal(histogram.highest, 2n ** 23n - 1n);
  assert.equal(histogram.totalCount, 1n);
});

Deno.test("HdrHistogram: correction costs time by buckets, whatever the interval", () => {
  const histogram = new HdrHistogram({ highest: 2n ** 63n - 1n, digits: 3 });
  histogram.recordWithExpectedInterval(3_600_000_000, { expectedInterval: 1 });
  assert.equal(histogram.totalCount, 3_600_000_000n);
  histogram.reset();
  histogram.recordWithExpectedInterval(2n ** 62n, { expectedInterval: 1 });
  assert.equal(histogram.totalCount, 2n ** 62n);
  for (const expectedInterval of [-1, 0.5, NaN]) {
    assert.throws(
      () => histogram.recordWithExpectedInterval(10, { expectedInterval }),
      HdrRangeError,
    );
  }
});

Deno.test("HdrHistogram: add refuses wider buckets, and values above its range, whole", () => {
  const fine = new HdrHistogram(hour);
  const coarse = new HdrHistogram({ ...hour, digits: 2 });
  coarse.record(1_800_000_000);
  assert.throws(() => fine.add(coarse), HdrConfigError);
  const small = new HdrHistogram({ highest: 1000, digits: 3 });
  const two = new HdrHistogram(hour);
  two.record(1);
  two.record(1_000_000);
  assert.throws(() => small.add(two), HdrRangeError);
  assert.equal(fine.totalCount + small.totalCount, 0n);
  fine.add(coarse, { coarser: "lowest" });
  assert.equal(fine.max, 1_796_210_687); // as Java: below the 1.8e9 that was recorded
});

Deno.test("mergeHdr: keeps counts of other configurations within the bounds of their buckets", () => {
  const fine = new HdrHistogram(hour);
  const coarse = new HdrHistogram({ ...hour, digits: 2 });
  coarse.record(1_800_000_000);
  fine.record(1_800_000_000);
  const merged = mergeHdr([fine, coarse]);
  assert.equal(merged.totalCount, 2n);
  assert.equal(merged.digits, 2);
  assert.equal(merged.max, coarse.max);
  assert.throws(() => mergeHdr([]), HdrConfigError);
});

Deno.test("HdrHistogram: subtract takes all or nothing", () => {
  const sum = new HdrHistogram(hour);
  const part = new HdrHistogram(hour);
  for (const value of [0, 5, 100_000]) sum.record(value);
  part.record(100_000);
  sum.subtract(part);
  assert.deepEqual([sum.totalCount, sum.max, sum.minNonZero], [2n, 5, 5]);
  assert.throws(() => sum.subtract(part), HdrRangeError);
  assert.equal(sum.totalCount, 2n);
});

Deno.test("HdrHistogram: memory follows the buckets in use", () => {
  const histogram = new HdrHistogram({ highest: 2n ** 63n - 1n, digits: 5 });
  assert.equal(histogram.byteLength, 0);
  histogram.record(12345);
  assert.ok(histogram.byteLength < 2048, String(histogram.byteLength));
});

Deno.test("HdrHistogram: walks over all buckets and over equal steps end as Java's do", () => {
  const histogram = new HdrHistogram({ highest: 100, digits: 1 });
  histogram.record(0);
  histogram.record(10);
  assert.equal([...histogram.all()].length, histogram.layout.length);
  assert.deepEqual(
    [...histogram.linear(4)].map((step) => [step.valueTo, step.countInStep]),
    [[3, 1n], [7, 0n], [11, 1n]],
  );
  assert.deepEqual([...histogram.recorded()].map((step) => step.valueTo), [0, 10]);
  assert.throws(() => histogram.linear(0), RangeError);
  assert.throws(() => histogram.logarithmic(1, 1), RangeError);
  assert.throws(() => histogram.percentiles(0), RangeError);
});

Deno.test("HdrLayout: each bucket's bounds lie in it, and the next begins after it", () => {
  for (
    const config of [{ lowest: 1n, digits: 0 }, { lowest: 1000n, digits: 2 }, {
      lowest: 2n ** 40n,
      digits: 3,
    }]
  ) {
    const layout = new HdrLayout({ ...config, highest: 2n ** 63n - 1n });
    for (let index = 0; index < layout.length; index++) {
      assert.equal(layout.indexOf(BigInt(layout.lowestOf(index))), index);
      assert.equal(layout.indexOf(layout.exactHighestOf(index)), index);
      if (index + 1 < layout.length) {
        assert.equal(BigInt(layout.lowestOf(index + 1)), layout.exactHighestOf(index) + 1n);
      }
    }
  }
});

Deno.test("Recorder: each value is in exactly one interval, and memory is used again", () => {
  const recorder = new Recorder({ ...hour, nowMs: 1000 });
  recorder.record(5);
  const first = recorder.takeInterval(2000);
  recorder.record(6);
  recorder.recordWithExpectedInterval(30, { expectedInterval: 10 });
  const second = recorder.takeInterval(3000, first);
  assert.deepEqual([second.totalCount, second.startMs, second.endMs], [4n, 2000, 3000]);
  const third = recorder.takeInterval(4000);
  assert.equal(third, first);
  assert.deepEqual([third.totalCount, third.startMs, third.endMs], [0n, 3000, 4000]);
  assert.throws(() => recorder.takeInterval(5000, new HdrHistogram(hour)), HdrConfigError);
});
