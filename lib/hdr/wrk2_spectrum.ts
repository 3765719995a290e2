/**
 * The "Detailed Percentile spectrum" that wrk2 prints. It looks like `.hgrm`, but ranks are rounded half up, numbers are
 * C's, and the maximum is the lowest value of its bucket.
 *
 * @module
 */

import { formatFixedC } from "./fixed_text.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";
import { rankOf } from "./percentile_rule.ts";

/** How a spectrum is made. */
export interface Wrk2SpectrumOptions {
  /** Steps in each halving of the distance to 100 %, an integer >= 1; 5 by default, as wrk2. */
  readonly ticks?: number;
  /** Values are divided by this; 1000 by default, as wrk2: µs to ms. */
  readonly unit?: number;
}

/** One row of a spectrum. */
export interface Wrk2Row {
  /** In the unit asked for; the highest value of its bucket. */
  readonly value: number;
  /** In [0, 1]. */
  readonly fraction: number;
  /** Values counted up to this one. */
  readonly count: bigint;
}

/**
 * The rows of a spectrum; none if nothing is recorded.
 *
 * @throws {RangeError} if `ticks` is not an integer >= 1.
 */
export function* wrk2Spectrum(
  histogram: HdrHistogram,
  options: Wrk2SpectrumOptions = {},
): Generator<Wrk2Row, void, undefined> {
  const { ticks = 5, unit = 1000 } = options;
  if (!Number.isInteger(ticks) || ticks < 1) {
    throw new RangeError(`Cannot make a spectrum: ${ticks} ticks, need an integer >= 1`);
  }
  const total = histogram.totalCount;
  let level = 0;
  let value = 0;
  for (const step of histogram.recorded()) {
    value = step.valueTo / unit;
    const count = step.countToValue;
    while (rankOf(level, { total, rule: "half_up" }) <= count) {
      yield { value, fraction: level / 100, count };
      level = nextLevel(level, ticks);
      // Once all values are counted, only the row at 100 % follows.
      if (count === total) break;
    }
  }
  if (total > 0n) yield { value, fraction: 1, count: total };
}

/** The spectrum as wrk2 prints it, from the names of the columns to the number of buckets. */
export function formatWrk2Spectrum(
  histogram: HdrHistogram,
  options: Wrk2SpectrumOptions = {},
): string {
  const { layout, digits } = histogram;
  const unit = options.unit ?? 1000;
  const wide = (value: number): string => formatFixedC(value, digits).padStart(12);
  const whole = (value: number | bigint): string => String(value).padStart(12);
  const lines = ["       Value   Percentile   TotalCount 1/(1-Percentile)", ""];
  for (const { value, fraction, count } of wrk2Spectrum(histogram, options)) {
    const percentile = formatFixedC(fraction, 6).padStart(12);
    const inverse = formatFixedC(1 / (1 - fraction), 2).padStart(12);
    lines.push(`${wide(value)} ${percentile} ${whole(count)} ${inverse}`);
  }
  const max = histogram.maxIndex < 0 ? 0 : layout.lowestOf(histogram.maxIndex);
  const [mean, stdDev] = [wide(histogram.mean / unit), wide(histogram.stdDev / unit)];
  lines.push(
    `#[Mean    = ${mean}, StdDeviation   = ${stdDev}]`,
    `#[Max     = ${wide(max / unit)}, Total count    = ${whole(histogram.totalCount)}]`,
    `#[Buckets = ${whole(layout.octaves)}, SubBuckets     = ${
      whole(2 ** (layout.halfMagnitude + 1))
    }]`,
    "",
  );
  return lines.join("\n");
}

/** Levels get closer by half in each halving of the distance to 100 %. */
function nextLevel(level: number, ticks: number): number {
  const halvings = Math.trunc(Math.log2(100 / (100 - level))) + 1;
  return level + 100 / (ticks * 2 ** halvings);
}
