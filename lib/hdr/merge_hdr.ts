/**
 * Many histograms of different configurations into one, without moving a count out of the bounds of its bucket.
 *
 * @module
 */

import { HdrConfigError } from "./hdr_errors.ts";
import { HdrHistogram } from "./hdr_histogram.ts";

/**
 * One histogram of all counts of `histograms`: with the coarsest unit, the fewest digits and the widest range
 * among them.
 *
 * Commutative and associative.
 *
 * @throws {HdrConfigError} if there are none, or digits and units among them exceed 2^62 together.
 * @throws {HdrRangeError} if the total would exceed 2^63-1.
 *
 * @example
 * ```ts
 * import { HdrHistogram, mergeHdr } from "@histserv/hdr";
 *
 * const fine = new HdrHistogram({ highest: 1_000_000, digits: 3 });
 * const coarse = new HdrHistogram({ highest: 60_000_000, digits: 2 });
 * fine.record(999);
 * coarse.record(30_000_000);
 * console.log(mergeHdr([fine, coarse]).totalCount); // 2n
 * ```
 */
export function mergeHdr(histograms: Iterable<HdrHistogram>): HdrHistogram {
  const all = [...histograms];
  if (all.length === 0) throw new HdrConfigError("Cannot merge histograms: there are none");
  const lowest = all.reduce((most, each) => each.lowest > most ? each.lowest : most, 1n);
  const merged = new HdrHistogram({
    lowest,
    highest: all.reduce((most, each) => each.highest > most ? each.highest : most, 2n * lowest),
    digits: Math.min(...all.map((each) => each.digits)),
    autoResize: true,
  });
  for (const each of all) merged.add(each);
  merged.autoResize = all.some((each) => each.autoResize);
  return merged;
}
