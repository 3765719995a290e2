/**
 * Mean and standard deviation as Java 2.2.2 rounds them: each bucket stands for its middle, summed in doubles
 * from the lowest bucket.
 *
 * @module
 */

import type { HdrLayout } from "./hdr_layout.ts";

/** What the statistics need of a histogram. */
export interface Countable {
  readonly layout: HdrLayout;
  readonly totalCount: bigint;
  nextUsed(index: number): number;
  smallCountAt(index: number): number | bigint;
}

/** The mean; 0 of nothing. */
export function meanOf(histogram: Countable): number {
  const { layout } = histogram;
  const total = Number(histogram.totalCount);
  if (total === 0) return 0;
  let sum = 0;
  for (let index = histogram.nextUsed(0); index >= 0; index = histogram.nextUsed(index + 1)) {
    sum += layout.medianOf(index) * Number(histogram.smallCountAt(index));
  }
  return sum / total;
}

/** The standard deviation of the population; 0 of nothing. */
export function stdDevOf(histogram: Countable): number {
  const { layout } = histogram;
  const total = Number(histogram.totalCount);
  if (total === 0) return 0;
  const mean = meanOf(histogram);
  let sum = 0;
  for (let index = histogram.nextUsed(0); index >= 0; index = histogram.nextUsed(index + 1)) {
    const deviation = layout.medianOf(index) - mean;
    sum += deviation * deviation * Number(histogram.smallCountAt(index));
  }
  return Math.sqrt(sum / total);
}
