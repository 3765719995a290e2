import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  decodeBase64,
  decodeHdr,
  encodeBase64,
  encodeHdr,
  HdrHistogram,
  type HdrStep,
} from "../../lib/hdr/mod.ts";
import { goldenSet } from "./golden_sets.ts";

interface Vector {
  id: string;
  config: { lowest: string; highest: string; digits: number; autoResize: boolean };
  dataset: string;
  totalCount: string;
  min: string;
  minNonZero: string;
  max: string;
  mean: number | string;
  stdDev: number | string;
  highestTrackable: string;
  percentiles: [number, string][];
  percentileAtOrBelow: [number, number][];
  recorded_sha256: string;
  linear_step?: string;
  linear_text?: string;
  log_text?: string;
  pct_text?: string;
  v2?: string;
  v2_sha256: string;
  v2c?: string;
}

const vectors: Vector[] = Deno.readTextFileSync("tests/data/hdr/java-2.2.2.vectors.jsonl")
  .trim().split("\n").map((line) => JSON.parse(line));

function make({ config }: Vector): HdrHistogram {
  const { lowest, highest, digits, autoResize } = config;
  return new HdrHistogram({
    lowest: BigInt(lowest),
    ...(autoResize ? {} : { highest: BigInt(highest) }),
    digits,
  });
}

function record(histogram: HdrHistogram, vector: Vector, name: string): HdrHistogram {
  const cap = vector.config.autoResize ? 2n ** 50n : BigInt(vector.config.highest);
  for (const [value, count] of goldenSet(name, cap)) histogram.recordWithCount(value, count);
  return histogram;
}

function recordCorrected(vector: Vector): HdrHistogram {
  const histogram = make(vector);
  const cap = vector.config.autoResize ? 2n ** 50n : BigInt(vector.config.highest);
  for (const [value, count] of goldenSet("co", cap)) {
    histogram.recordWithExpectedInterval(value, { expectedInterval: 10_000, count });
  }
  return histogram;
}

/** Merges across configurations, by id: what is added, in this order. */
const crossMerges: Record<string, HdrHistogram[]> = {
  "xmerge/h3<-h2/small": [new HdrHistogram({ highest: 3_600_000_000, digits: 2 })],
  "xmerge/h2<-h3/small": [new HdrHistogram({ highest: 3_600_000_000, digits: 3 })],
  "xmerge/wrk2<-h3+wrk2+low1000/small": [
    new HdrHistogram({ highest: 3_600_000_000, digits: 3 }),
    new HdrHistogram({ highest: 86_400_000_000, digits: 3 }),
    new HdrHistogram({ lowest: 1000, highest: 3_600_000_000_000, digits: 3 }),
  ],
};

/** The histogram that `vector` tells of, made as Java made it. */
function rebuild(vector: Vector): HdrHistogram {
  const [, what] = /\/(.*)$/.exec(vector.id)!;
  if (vector.id in crossMerges) {
    const target = make(vector);
    for (const source of crossMerges[vector.id]!) {
      for (const [value, count] of goldenSet("small", 3_600_000_000n)) {
        source.recordWithCount(value, count);
      }
      target.add(source, { coarser: "lowest" });
      source.reset();
    }
    return target;
  }
  switch (what) {
    case "co@record10000":
      return recordCorrected(vector);
    case "co@copyCorrected10000":
      return record(make(vector), vector, "co").copyCorrected(10_000);
    case "small+sparse":
    case "(small+sparse)-sparse": {
      const sum = record(make(vector), vector, "small");
      const sparse = record(make(vector), vector, "sparse");
      sum.add(sparse);
      if (what !== "small+sparse") sum.subtract(sparse);
      return sum;
    }
    case "small<<4": {
      const shifted = record(make(vector), vector, "small");
      shifted.shiftValues(4);
      return shifted;
    }
    default:
      return record(make(vector), vector, vector.dataset);
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function lines(steps: Iterable<HdrStep>, line: (step: HdrStep) => string): string {
  return [...steps].map((step) => `${line(step)}\n`).join("");
}

function assertAnswers(histogram: HdrHistogram, vector: Vector): void {
  const { layout, maxIndex, minNonZeroIndex } = histogram;
  assert.equal(histogram.totalCount, BigInt(vector.totalCount), "total");
  assert.equal(maxIndex < 0 ? 0n : layout.exactHighestOf(maxIndex), BigInt(vector.max), "max");
  assert.equal(histogram.max, Number(vector.max), "max as a number");
  assert.equal(histogram.min, Number(vector.min), "min");
  assert.equal(histogram.minNonZero, Number(vector.minNonZero), "minNonZero");
  assert.equal(
    minNonZeroIndex === Infinity ? 2n ** 63n - 1n : BigInt(layout.lowestOf(minNonZeroIndex)),
    BigInt(vector.minNonZero),
  );
  assert.equal(histogram.mean, Number(vector.mean), "mean");
  assert.equal(histogram.stdDev, Number(vector.stdDev), "stdDev");
  assert.equal(histogram.highest, BigInt(vector.highestTrackable), "highest");
  for (const [percentile, value] of vector.percentiles) {
    const index = histogram.indexAtPercentile(percentile);
    const exact = index < 0
      ? 0n
      : percentile === 0
      ? BigInt(layout.lowestOf(index))
      : layout.exactHighestOf(index);
    assert.equal(exact, BigInt(value), `p${percentile}`);
    assert.equal(histogram.valueAtPercentile(percentile), Number(value), `p${percentile}`);
  }
  for (const [value, percentile] of vector.percentileAtOrBelow) {
    assert.equal(histogram.percentileAtOrBelow(value), percentile, `at or below ${value}`);
  }
}

function assertWalks(histogram: HdrHistogram, vector: Vector): void {
  const { layout } = histogram;
  const recorded = lines(
    histogram.recorded(),
    (step) => `${layout.exactHighestOf(step.index)}:${step.countInStep}`,
  );
  assert.equal(sha256(recorded), vector.recorded_sha256, "recorded");
  if (vector.linear_step !== undefined) {
    const linear = lines(
      histogram.linear(Number(vector.linear_step)),
      (step) => `${step.valueTo}:${step.countInStep}`,
    );
    if (Number(vector.max) <= Number.MAX_SAFE_INTEGER) {
      assert.equal(linear, vector.linear_text, "linear");
    }
    const logarithmic = lines(
      histogram.logarithmic(1000, 2),
      (step) => `${step.valueTo}:${step.countInStep}`,
    );
    if (Number(vector.max) <= Number.MAX_SAFE_INTEGER) {
      assert.equal(logarithmic, vector.log_text, "logarithmic");
    }
  }
  if (vector.pct_text !== undefined) {
    const percentiles = lines(
      histogram.percentiles(5),
      (step) =>
        `${layout.exactHighestOf(step.index)}:${step.countInStep}:${
          javaDouble(step.percentileLevel)
        }`,
    );
    assert.equal(percentiles, vector.pct_text, "percentiles");
  }
}

/** As Java 17 prints it: it writes a few doubles with more digits than needed, so both are parsed alike. */
function javaDouble(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

for (const vector of vectors) {
  Deno.test(`HdrHistogram: ${vector.id} answers as Java (HdrHistogram 2.2.2)`, () => {
    const histogram = rebuild(vector);
    assertAnswers(histogram, vector);
    assertWalks(histogram, vector);
  });

  Deno.test(`Encoding: ${vector.id} in V2 is byte-equal to Java's (HdrHistogram 2.2.2)`, () => {
    const histogram = rebuild(vector);
    const bytes = encodeHdr(histogram, { compressed: false });
    assert.equal(sha256(bytes), vector.v2_sha256);
    if (vector.v2 !== undefined) assert.equal(encodeBase64(bytes), vector.v2);
    for (const text of [vector.v2, vector.v2c]) {
      if (text === undefined) continue;
      const decoded = decodeHdr(decodeBase64(text));
      assert.deepEqual(encodeHdr(decoded, { compressed: false }), bytes);
      assert.ok(decoded.equals(histogram));
      assert.deepEqual(
        encodeHdr(decodeHdr(encodeHdr(decoded)), { compressed: false }),
        bytes,
        "through our own compression",
      );
    }
  });
}
