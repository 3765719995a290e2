import assert from "node:assert/strict";
import {
  decodeBase64,
  decodeHdr,
  encodeBase64,
  encodeHdr,
  HdrHistogram,
  mergeHdr,
} from "../../lib/hdr/mod.ts";
import { GoldenLcg } from "./golden_sets.ts";

const seeds = Array.from({ length: 60 }, (_, n) => 1000 + n);

/** Runs `check` for each seed, and says which one failed. */
function forSeeds(check: (lcg: GoldenLcg) => void): void {
  for (const seed of seeds) {
    try {
      check(new GoldenLcg(seed));
    } catch (error) {
      throw new assert.AssertionError({ message: `seed ${seed}: ${error}` });
    }
  }
}

function pick(lcg: GoldenLcg, below: number): number {
  return Math.floor(lcg.next() / 2 ** 32 * below);
}

function randomHistogram(lcg: GoldenLcg): HdrHistogram {
  const histogram = new HdrHistogram({
    lowest: 2n ** BigInt(pick(lcg, 12)) + BigInt(pick(lcg, 3)),
    highest: 2n ** BigInt(30 + pick(lcg, 33)),
    digits: pick(lcg, 6),
  });
  const length = pick(lcg, 200);
  for (let n = 0; n < length; n++) {
    const bits = BigInt(pick(lcg, histogram.highest.toString(2).length - 1));
    const value = 2n ** bits + BigInt(lcg.next()) % 2n ** bits;
    const count = pick(lcg, 20) === 0 ? 2n ** BigInt(pick(lcg, 55)) : BigInt(pick(lcg, 9));
    histogram.recordWithCount(value, count);
  }
  return histogram;
}

Deno.test("mergeHdr: is commutative and associative, across configurations (property)", () => {
  forSeeds((lcg) => {
    const [a, b, c] = [randomHistogram(lcg), randomHistogram(lcg), randomHistogram(lcg)];
    const all = mergeHdr([a, b, c]);
    assert.equal(all.totalCount, a.totalCount + b.totalCount + c.totalCount);
    assert.ok(mergeHdr([c, a, b]).equals(all));
    assert.ok(mergeHdr([mergeHdr([a, b]), c]).equals(all));
    assert.ok(mergeHdr([a, mergeHdr([b, c])]).equals(all));
  });
});

Deno.test("Encoding: decode after encode is the same histogram, in every version (property)", () => {
  forSeeds((lcg) => {
    const histogram = randomHistogram(lcg);
    for (const version of [0, 1, 2] as const) {
      // The words of V0 and V1 would be large for 4 and 5 digits.
      if (version < 2 && histogram.digits > 3) continue;
      for (const compressed of [false, true]) {
        const bytes = encodeHdr(histogram, { version, compressed });
        const decoded = decodeHdr(decodeBase64(encodeBase64(bytes)));
        assert.ok(decoded.equals(histogram));
        assert.equal(decoded.highest, histogram.highest);
        assert.deepEqual(encodeHdr(decoded, { version, compressed }), bytes);
      }
    }
  });
});

Deno.test("HdrHistogram: the rank rules differ by one value at most, and grow with the percentile (property)", () => {
  forSeeds((lcg) => {
    const histogram = new HdrHistogram({ highest: 10_000, digits: 3 });
    const length = 1 + pick(lcg, 50);
    for (let n = 0; n < length; n++) histogram.record(n);
    let [lastCeil, lastHalfUp] = [0, 0];
    for (let percentile = 0; percentile <= 100; percentile += 0.5) {
      const ceil = histogram.valueAtPercentile(percentile);
      const halfUp = histogram.valueAtPercentile(percentile, "half_up");
      assert.ok(ceil - halfUp === 0 || ceil - halfUp === 1, `p${percentile}: ${ceil} ${halfUp}`);
      assert.ok(ceil >= lastCeil && halfUp >= lastHalfUp);
      [lastCeil, lastHalfUp] = [ceil, halfUp];
    }
    assert.equal(lastCeil, histogram.max);
    assert.equal(lastHalfUp, histogram.max);
  });
});

Deno.test("HdrHistogram: add then subtract is nothing (property)", () => {
  forSeeds((lcg) => {
    const [a, b] = [randomHistogram(lcg), randomHistogram(lcg)];
    const sum = mergeHdr([a, b]);
    sum.subtract(b);
    assert.ok(sum.equals(mergeHdr([a, new HdrHistogram(sum)])));
  });
});

Deno.test("HdrHistogram: correction by buckets equals correction one by one (property)", () => {
  forSeeds((lcg) => {
    const byBuckets = new HdrHistogram({ highest: 10_000_000, digits: pick(lcg, 4) });
    const oneByOne = byBuckets.copy();
    const interval = 1 + pick(lcg, 1000);
    for (let n = 0; n < 5; n++) {
      const value = pick(lcg, 1_000_000);
      byBuckets.recordWithExpectedInterval(value, { expectedInterval: interval, count: 3 });
      for (let each = value; each === value || each >= interval; each -= interval) {
        oneByOne.recordWithCount(each, 3);
      }
    }
    assert.ok(byBuckets.equals(oneByOne));
  });
});

Deno.test("decodeBase64: is the inverse of encodeBase64, and refuses other text (RFC 4648 §4)", () => {
  forSeeds((lcg) => {
    const bytes = Uint8Array.from({ length: pick(lcg, 50) }, () => lcg.next() >>> 24);
    assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
  });
  assert.equal(encodeBase64(new TextEncoder().encode("foobar")), "Zm9vYmFy");
  for (const text of ["A", "AAA", "A===", "AA=A", "AAA\n", "AA-_", "=AAA", "AAAé"]) {
    assert.throws(() => decodeBase64(text), { name: "HdrDecodeError", reason: "base64" }, text);
  }
});
