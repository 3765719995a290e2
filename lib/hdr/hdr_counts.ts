/**
 * The counters of a histogram: only for the buckets in use, 32 bits wide at first, doubles while they are
 * exact, then 64-bit integers.
 *
 * @module
 */

import { HdrRangeError } from "./hdr_errors.ts";

type Cells = Uint32Array | Float64Array | BigInt64Array;

/** A window is allocated in steps of so many counters. */
const windowStep = 64;
const uint32Max = 2 ** 32 - 1;
const int64Max = 2n ** 63n - 1n;

/** Counters by bucket index, with their sum, and the first and last bucket in use. */
export class HdrCounts {
  /** Index of the first allocated counter. */
  base = 0;
  /** Allocated counters; all others are 0. */
  cells: Cells = new Uint32Array(0);
  /** Sum of all counters while {@linkcode totalMax} is not negative. */
  total = 0;
  /** As long as the sum is not above it, no counter can overflow its cell; -1 for 64-bit cells. */
  totalMax = uint32Max;
  /** Sum of all counters, of 64-bit cells. */
  wideTotal = 0n;
  /** The last bucket in use, or -1. */
  maxIndex = -1;
  /** The first bucket in use but for bucket 0, or Infinity. */
  minIndex = Infinity;

  /** Sum of all counters, in [0, 2^63-1]. */
  get exactTotal(): bigint {
    return this.totalMax < 0 ? this.wideTotal : BigInt(this.total);
  }

  /** Bytes allocated. */
  get byteLength(): number {
    return this.cells.byteLength;
  }

  /** Adds 1. `index` is an existing bucket. */
  increment(index: number): void {
    const total = this.total + 1;
    const at = index - this.base;
    const cells = this.cells;
    if (total > this.totalMax || (at >>> 0) >= cells.length) return this.add(index, 1);
    (cells as Float64Array)[at]! += 1;
    this.total = total;
    if (index > this.maxIndex) this.maxIndex = index;
    if (index < this.minIndex && index !== 0) this.minIndex = index;
  }

  /**
   * Adds `count`, which is not negative.
   *
   * @throws {HdrRangeError} if the sum would exceed 2^63-1; nothing has changed then.
   */
  add(index: number, count: number | bigint): void {
    if (count == 0) return;
    this.#admit(count);
    this.reserve(index, index);
    const at = index - this.base;
    if (this.cells instanceof BigInt64Array) {
      this.cells[at]! += BigInt(count);
      this.wideTotal += BigInt(count);
    } else {
      this.cells[at]! += Number(count);
      this.total += Number(count);
    }
    if (index > this.maxIndex) this.maxIndex = index;
    if (index < this.minIndex && index !== 0) this.minIndex = index;
  }

  /** Takes `count` away, which the bucket has. {@linkcode settle} must follow. */
  take(index: number, count: bigint): void {
    const at = index - this.base;
    if (this.cells instanceof BigInt64Array) {
      this.cells[at]! -= count;
      this.wideTotal -= count;
    } else {
      this.cells[at]! -= Number(count);
      this.total -= Number(count);
    }
  }

  /** Adds all of `source`, whose buckets mean the same and exist here. */
  addAll(source: HdrCounts): void {
    if (source.maxIndex < 0) return;
    this.#admit(source.totalMax < 0 ? source.wideTotal : source.total);
    const from = source.exactAt(0) > 0n ? 0 : source.minIndex;
    const to = source.maxIndex;
    this.reserve(from, to);
    const offset = source.base - this.base;
    const [first, last] = [from - source.base, to - source.base];
    if (this.cells instanceof BigInt64Array) {
      addWide(this.cells, source.cells, { first, last, offset });
      this.wideTotal += source.exactTotal;
    } else {
      addNarrow(this.cells, source.cells as Float64Array, { first, last, offset });
      this.total += source.total;
    }
    if (to > this.maxIndex) this.maxIndex = to;
    if (source.minIndex < this.minIndex) this.minIndex = source.minIndex;
  }

  /** A counter; above 2^53 the double nearest to it. */
  at(index: number): number {
    const at = index - this.base;
    if (at < 0 || at >= this.cells.length) return 0;
    return Number(this.cells[at]!);
  }

  /** A counter. */
  exactAt(index: number): bigint {
    const at = index - this.base;
    if (at < 0 || at >= this.cells.length) return 0n;
    return BigInt(this.cells[at]!);
  }

  /** The first bucket in use at or after `index`, or -1. */
  nextUsed(index: number): number {
    const { cells, base } = this;
    const last = this.maxIndex - base;
    for (let at = Math.max(0, index - base); at <= last; at++) {
      if (cells[at] != 0) return base + at;
    }
    return -1;
  }

  /** The bucket where the sum of counters from bucket 0 reaches `rank`, or -1. */
  indexOfRank(rank: bigint): number {
    if (rank > this.exactTotal || this.maxIndex < 0) return -1;
    const { cells, base } = this;
    let at = -1;
    if (cells instanceof BigInt64Array) {
      for (let sum = 0n; sum < rank;) sum += cells[++at]!;
    } else {
      const target = Number(rank);
      for (let sum = 0; sum < target;) sum += cells[++at]!;
    }
    return base + at;
  }

  /** Makes room for the buckets `from` to `to`. */
  reserve(from: number, to: number): void {
    const length = this.cells.length;
    const end = this.base + length;
    if (length > 0 && from >= this.base && to < end) return;
    const slack = length >> 2;
    const low = length > 0 && from >= this.base
      ? this.base
      : Math.max(0, Math.floor((from - slack) / windowStep) * windowStep);
    const high = length > 0 && to < end
      ? end
      : Math.ceil((to + 1 + slack) / windowStep) * windowStep;
    const make = this.cells.constructor as { new (length: number): Cells };
    const cells = new make(high - low);
    (cells as Float64Array).set(this.cells as Float64Array, length > 0 ? this.base - low : 0);
    this.cells = cells;
    this.base = low;
  }

  /** Finds {@linkcode maxIndex} and {@linkcode minIndex} anew, after counters became smaller. */
  settle(): void {
    let max = this.maxIndex;
    while (max >= 0 && this.at(max) === 0) max--;
    this.maxIndex = max;
    const first = max < 1 ? -1 : this.nextUsed(1);
    this.minIndex = first < 0 ? Infinity : first;
  }

  /** All counters become 0; the memory is kept, their width is not. */
  clear(): void {
    if (this.cells instanceof Uint32Array) this.cells.fill(0);
    else this.cells = new Uint32Array(0);
    this.total = 0;
    this.totalMax = uint32Max;
    this.wideTotal = 0n;
    this.maxIndex = -1;
    this.minIndex = Infinity;
  }

  /** An independent copy, of the buckets in use only. */
  copy(): HdrCounts {
    const copy = new HdrCounts();
    copy.addAll(this);
    return copy;
  }

  /** Widens the cells until they can hold `count` more. */
  #admit(count: number | bigint): void {
    const total = typeof count === "number" && this.totalMax >= 0
      ? this.total + count
      : Number(this.exactTotal + BigInt(count));
    if (total <= this.totalMax) return;
    const exact = this.exactTotal + BigInt(count);
    if (exact > int64Max) {
      throw new HdrRangeError(`Cannot count ${count} more: the total would exceed 2^63-1`);
    }
    if (this.totalMax < 0) return;
    if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) {
      if (this.cells instanceof Uint32Array) this.cells = Float64Array.from(this.cells);
      this.totalMax = Number.MAX_SAFE_INTEGER;
      return;
    }
    this.cells = BigInt64Array.from(this.cells as Float64Array, BigInt);
    this.wideTotal = BigInt(this.total);
    this.total = 0;
    this.totalMax = -1;
  }
}

interface Span {
  readonly first: number;
  readonly last: number;
  /** Of a cell in `target` over its place in `source`. */
  readonly offset: number;
}

function addNarrow(target: Uint32Array | Float64Array, source: Float64Array, span: Span): void {
  const { first, last, offset } = span;
  for (let at = first; at <= last; at++) target[at + offset]! += source[at]!;
}

function addWide(target: BigInt64Array, source: Cells, span: Span): void {
  const { first, last, offset } = span;
  for (let at = first; at <= last; at++) target[at + offset]! += BigInt(source[at]!);
}
