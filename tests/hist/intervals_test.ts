import assert from "node:assert/strict";
import {
  clopperPearsonInterval,
  type Intervals,
  poissonInterval,
  ratioUncertainty,
} from "../../lib/hist/mod.ts";
import { decodeNumbers, readGolden } from "./golden.ts";

type Pair = [lower: unknown, upper: unknown];

const golden = readGolden<{
  values: number[];
  poisson_1s: Pair;
  poisson_95: Pair;
  poisson_weighted: { values: number[]; variances: number[]; interval: Pair };
  binom: Record<"clopper_pearson_1s" | "poisson" | "poisson-ratio" | "efficiency", Pair> & {
    num: number[];
    den: number[];
  };
}>("intervals.json");

/** scipy's own digits end there: its last ones depend on the version and on libm. */
const tolerance = 1e-12;

function assertNear(actual: Intervals, expected: Pair): void {
  for (const [name, i] of [["lower", 0], ["upper", 1]] as const) {
    const ends = decodeNumbers(expected[i]);
    assert.equal(actual[name].length, ends.length);
    for (const [place, end] of actual[name].entries()) {
      const error = Math.abs(end - ends[place]!);
      const isNear = Object.is(end, ends[place]) || error <= tolerance * Math.abs(ends[place]!);
      assert.ok(isNear, `${name}[${place}]: ${end}, not ${ends[place]}`);
    }
  }
}

Deno.test("poissonInterval: Garwood, one sigma and 95 % (intervals.json)", () => {
  assertNear(poissonInterval(golden.values), golden.poisson_1s);
  assertNear(poissonInterval(golden.values, { coverage: 0.95 }), golden.poisson_95);
});

Deno.test("poissonInterval: of weighted counts; no upper end for 0 (intervals.json)", () => {
  const { values, variances, interval } = golden.poisson_weighted;
  assertNear(poissonInterval(values, { variances }), interval);
});

Deno.test("clopperPearsonInterval: none, some and all passed (intervals.json)", () => {
  const { num, den, clopper_pearson_1s } = golden.binom;
  assertNear(clopperPearsonInterval(num, den), clopper_pearson_1s);
});

for (const type of ["poisson", "poisson-ratio", "efficiency"] as const) {
  Deno.test(`ratioUncertainty: ${type} (intervals.json)`, () => {
    const { num, den } = golden.binom;
    assertNear(ratioUncertainty(num, den, { type }), golden.binom[type]);
  });
}

Deno.test("poissonInterval: ends are where the tails have their area (scipy, decimal arithmetic)", () => {
  const upper = (counts: number) => poissonInterval([counts]).upper[0]!;
  const lower = (counts: number) => poissonInterval([counts]).lower[0]!;
  for (
    const [actual, expected] of [
      [lower(0.01), 6.285197320309346e-81],
      [upper(4), 7.162753172260944],
      [lower(10_000), 9900.001667411743],
      [lower(10_001), 9900.996667453335],
      [upper(1e8 - 1), 100009999.99998334],
    ] as const
  ) {
    assert.ok(Math.abs(actual - expected) <= tolerance * expected, `${actual}, not ${expected}`);
  }
});

Deno.test("clopperPearsonInterval: few of many are a Poisson count (50 digits of decimal arithmetic)", () => {
  // P(k < 5) = 0.15865525393145707 of 10^8 + 4 entries at this efficiency.
  const { upper } = clopperPearsonInterval([4], [100_000_004]);
  assert.ok(Math.abs(upper[0]! - 7.162752772480737e-8) <= tolerance * upper[0]!);
});

Deno.test("clopperPearsonInterval: refuses more passed than there are", () => {
  assert.throws(() => clopperPearsonInterval([3], [2]), RangeError);
  assert.throws(() => clopperPearsonInterval([3], []), RangeError);
});
