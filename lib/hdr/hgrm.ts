/**
 * The percentile distribution as text (`.hgrm`), byte for byte as Java 2.2.2's `outputPercentileDistribution` writes it.
 *
 * @module
 */

import { DoubleHistogram } from "./double_histogram.ts";
import { formatFixedJava } from "./fixed_text.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";

/** How a percentile distribution is written. */
export interface PercentileTextOptions {
  /** Steps in each halving of the distance to 100 %, an integer >= 1; 5 by default. */
  readonly ticks?: number;
  /** Values are divided by this: 1000 writes µs as ms. 1 by default. */
  readonly unit?: number;
}

/** One line of a percentile distribution. */
export interface PercentileRow {
  /** In the unit asked for. */
  readonly value: number;
  /** In [0, 1]. */
  readonly fraction: number;
  /** Values counted up to this one. */
  readonly count: bigint;
  /** Whether this is the last row, at 100 %. */
  readonly isLast: boolean;
}

/**
 * The rows of a percentile distribution; none if nothing is recorded.
 *
 * @throws {RangeError} if `ticks` is not an integer >= 1.
 */
export function* percentileRows(
  histogram: HdrHistogram | DoubleHistogram,
  options: PercentileTextOptions = {},
): Generator<PercentileRow, void, undefined> {
  const { ticks, unit, integers } = scaled(histogram, options);
  for (const step of integers.percentiles(ticks)) {
    yield {
      value: step.valueTo / unit,
      fraction: step.percentileLevel / 100,
      count: step.countToValue,
      isLast: step.percentileLevel === 100,
    };
  }
}

/**
 * The percentile distribution of `histogram`, with as many decimals as it has digits, and mean, standard deviation,
 * maximum, count and buckets below.
 */
export function formatHgrm(
  histogram: HdrHistogram | DoubleHistogram,
  options: PercentileTextOptions = {},
): string {
  const { unit, integers } = scaled(histogram, options);
  const { digits, layout } = integers;
  const wide = (value: number): string => formatFixedJava(value, digits).padStart(12);
  const lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""];
  for (const { value, fraction, count, isLast } of percentileRows(histogram, options)) {
    const start = `${wide(value)} ${formatFixedJava(fraction, 12)} ${String(count).padStart(10)}`;
    const inverse = isLast ? "" : ` ${formatFixedJava(1 / (1 - fraction), 2).padStart(14)}`;
    lines.push(start + inverse);
  }
  const subBuckets = 2 ** (layout.halfMagnitude + 1);
  lines.push(
    `#[Mean    = ${wide(integers.mean / unit)}, StdDeviation   = ${wide(integers.stdDev / unit)}]`,
    `#[Max     = ${wide(integers.max / unit)}, Total count    = ${
      String(integers.totalCount).padStart(12)
    }]`,
    `#[Buckets = ${String(layout.octaves).padStart(12)}, SubBuckets     = ${
      String(subBuckets).padStart(12)
    }]`,
    "",
  );
  return lines.join("\n");
}

/** Java scales the integers of doubles by `unit / ratio`, which rounds otherwise than the doubles would. */
function scaled(
  histogram: HdrHistogram | DoubleHistogram,
  options: PercentileTextOptions,
): { integers: HdrHistogram; unit: number; ticks: number } {
  const { ticks = 5, unit = 1 } = options;
  if (!Number.isInteger(ticks) || ticks < 1) {
    throw new RangeError(`Cannot write percentiles: ${ticks} ticks, need an integer >= 1`);
  }
  if (histogram instanceof DoubleHistogram) {
    return { integers: histogram.integers, unit: unit / histogram.ratio, ticks };
  }
  return { integers: histogram, unit, ticks };
}
