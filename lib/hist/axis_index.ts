/**
 * From a value to its bin: the arithmetic of Boost.Histogram, rounding for rounding.
 *
 * Free functions over numbers, for the axes' `index` and for the fill loops alike. A result is a bin in
 * [0, size), -1 for underflow, or size for overflow, whether or not there is a bin for it. Do not
 * "improve" the rounding: `Regular(100, 0, 200)` puts 56 and 58 into bin 28 everywhere, and equal
 * histograms matter more.
 *
 * @see boost/histogram/axis/regular.hpp, variable.hpp, integer.hpp
 *
 * @module
 */

/**
 * The bin of a value on an axis of `size` equal bins, where `z` is its place: 0 at the lower edge, 1 at
 * the upper. Without overflow the upper edge belongs to the last bin.
 */
export function regularIndex(z: number, size: number, overflow: boolean): number {
  if (z < 1) return z >= 0 ? (z * size) | 0 : -1;
  return !overflow && z === 1 ? size - 1 : size;
}

/** As {@linkcode regularIndex} on a circular axis; NaN and infinities give `size`. */
export function circularIndex(z: number, size: number): number {
  // NaN for NaN and the infinities; exactly 1, so overflow, for a z just below 0, as in Boost.
  const turn = z - Math.floor(z);
  return turn < 1 ? (turn * size) | 0 : size;
}

/** The bin between ascending `edges`: the last edge that is not above `x`; NaN gives size. */
export function variableIndex(x: number, edges: Float64Array, overflow: boolean): number {
  const size = edges.length - 1;
  if (!overflow && x === edges[size]) return size - 1;
  let low = 0;
  let high = edges.length;
  // Invariant: edges below `low` are not above x, edges from `high` on are.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x < edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** `x` moved by whole turns to between the first and the last edge; NaN for NaN and infinities. */
export function wrapVariable(x: number, edges: Float64Array): number {
  const lower = edges[0]!;
  const width = edges[edges.length - 1]! - lower;
  return x - Math.floor((x - lower) / width) * width;
}

/** The bin of integer `x` on an axis of `size` unit bins from `lower` on. */
export function integerIndex(x: number, lower: number, size: number): number {
  const offset = x - lower;
  return offset < 0 ? -1 : offset < size ? offset : size;
}

/** As {@linkcode integerIndex} on a circular axis. */
export function circularIntegerIndex(x: number, lower: number, size: number): number {
  if (size === 0) return 0;
  const offset = x - lower;
  return offset - Math.floor(offset / size) * size;
}
