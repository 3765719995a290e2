/**
 * Mean and standard deviation as Java 2.2.2 rounds them: each bucket stands for its middle, summed in doubles
 * from the lowest bucket.
 *
 * @module
 */

import type { HdrCounts } from "./hdr_counts.ts";
import type { HdrLayout } from "./hdr_layout.ts";

/** The mean; 0 of nothing. */
export function meanOf(layout: HdrLayout, counts: HdrCounts): number {
  const total = Number(counts.exactTotal);
  if (total === 0) return 0;
  let sum = 0;
  for (let index = counts.nextUsed(0); index >= 0; index = counts.nextUsed(index + 1)) {
    sum += layout.medianOf(index) * counts.at(index);
  }
  return sum / total;
}

/** The standard deviation of the population; 0 of nothing. */
export function stdDevOf(layout: HdrLayout, counts: HdrCounts): number {
  const total = Number(counts.exactTotal);
  if (total === 0) return 0;
  const mean = meanOf(layout, counts);
  let sum = 0;
  for (let index = counts.nextUsed(0); index >= 0; index = counts.nextUsed(index + 1)) {
    const deviation = layout.medianOf(index) - mean;
    sum += deviation * deviation * counts.at(index);
  }
  return Math.sqrt(sum / total);
}
