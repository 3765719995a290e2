/**
 * The two rules by which implementations turn a percentile into a rank. They differ on few values:
 * of 6 values, the 90th percentile is the 6th under one and the 5th under the other.
 *
 * @module
 */

/**
 * `"ceil"`: the lowest rank that covers the percentile, at least 1 (Java 2.2.2, Rust, JS). `"half_up"`: the
 * nearest rank, at least 1 (C, Go, Python, wrk2).
 */
export type PercentileRule = "ceil" | "half_up";

const one = new Float64Array(1);
const bits = new BigInt64Array(one.buffer);

/** The double below `value`, which is positive and finite. */
function nextDown(value: number): number {
  one[0] = value;
  bits[0]! -= 1n;
  return one[0];
}

/**
 * The rank, in [1, total], of the `percentile`-th of `total` values; clamped to [0, 100].
 *
 * `"ceil"` takes one ulp from the percentile first, so that rounding errors do not reach the next value.
 *
 * @throws {RangeError} if `percentile` is NaN.
 */
export function rankOf(
  percentile: number,
  options: { total: bigint; rule: PercentileRule },
): bigint {
  if (Number.isNaN(percentile)) throw new RangeError("Cannot rank a percentile: it is NaN");
  const total = Number(options.total);
  const clamped = Math.min(Math.max(percentile, 0), 100);
  const rank = options.rule === "ceil"
    ? Math.ceil((percentile > 100 ? 100 : clamped > 0 ? nextDown(clamped) : 0) * total / 100)
    : Math.floor(clamped / 100 * total + 0.5);
  const exact = BigInt(Math.max(1, rank));
  return exact > options.total ? options.total : exact;
}
