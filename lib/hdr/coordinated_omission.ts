/**
 * Correction for coordinated omission: the values that a blocked client did not get to record, counted per bucket
 * instead of one by one.
 *
 * @module
 */

import { HdrRangeError } from "./hdr_errors.ts";
import type { HdrLayout } from "./hdr_layout.ts";

/** `times` missing values in the bucket `index`. */
export interface CorrectedSpan {
  readonly index: number;
  readonly times: number | bigint;
}

/**
 * The values `value - i`, `value - 2 i`, … that are at least `i = expectedInterval`, by bucket; none if `i` is 0.
 *
 * @throws {HdrRangeError} if `expectedInterval` is not an integer in [0, 2^53-1].
 */
export function correctedSpans(
  layout: HdrLayout,
  options: { value: number | bigint; expectedInterval: number },
): CorrectedSpan[] {
  const { value, expectedInterval } = options;
  if (!Number.isSafeInteger(expectedInterval) || expectedInterval < 0) {
    throw new HdrRangeError(`Cannot correct by ${expectedInterval}: not an integer in [0, 2^53-1]`);
  }
  if (expectedInterval === 0) return [];
  return value <= Number.MAX_SAFE_INTEGER
    ? spansOf(layout, Number(value), expectedInterval)
    : spansOfLarge(layout, BigInt(value), BigInt(expectedInterval));
}

function spansOf(layout: HdrLayout, value: number, interval: number): CorrectedSpan[] {
  const spans: CorrectedSpan[] = [];
  for (let missing = value - interval; missing >= interval;) {
    const index = layout.indexOf(missing);
    const low = Math.max(layout.lowestOf(index), interval);
    const times = Math.floor((missing - low) / interval) + 1;
    spans.push({ index, times });
    missing -= times * interval;
  }
  return spans;
}

function spansOfLarge(layout: HdrLayout, value: bigint, interval: bigint): CorrectedSpan[] {
  const spans: CorrectedSpan[] = [];
  for (let missing = value - interval; missing >= interval;) {
    const index = layout.indexOf(missing);
    const lowest = BigInt(layout.lowestOf(index));
    const times = (missing - (lowest > interval ? lowest : interval)) / interval + 1n;
    spans.push({ index, times });
    missing -= times * interval;
  }
  return spans;
}
