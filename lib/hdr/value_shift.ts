/**
 * All values of a histogram times a power of two, by moving counters.
 *
 * @module
 */

import { HdrCounts } from "./hdr_counts.ts";
import { HdrRangeError } from "./hdr_errors.ts";
import type { HdrLayout } from "./hdr_layout.ts";

/**
 * The counters of the values of `counts` times `2^magnitude`; bucket 0 stays.
 *
 * @throws {HdrRangeError} if a value would leave the range, or lose digits in the lowest buckets.
 */
export function shiftedCounts(
  counts: HdrCounts,
  options: { layout: HdrLayout; magnitude: number },
): HdrCounts {
  const { layout, magnitude } = options;
  const half = 2 ** layout.halfMagnitude;
  const amount = magnitude * half;
  if (amount > 0 && counts.maxIndex >= layout.length - amount) {
    throw new HdrRangeError(`Cannot multiply by 2^${magnitude}: values would exceed the range`);
  }
  if (amount < 0 && counts.minIndex < half - amount) {
    throw new HdrRangeError(`Cannot divide by 2^${-magnitude}: low values would lose digits`);
  }
  const shifted = new HdrCounts();
  for (let index = counts.nextUsed(0); index >= 0; index = counts.nextUsed(index + 1)) {
    const target = index === 0
      ? 0
      : index >= half
      ? index + amount
      : layout.indexOf(layout.lowestOf(index) * 2 ** magnitude);
    shifted.add(target, counts.exactAt(index));
  }
  return shifted;
}
