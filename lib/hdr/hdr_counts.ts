/**
 * The counters of a histogram: only for the buckets in use, 32 bits wide at first, doubles while they are
 * exact, then 64-bit integers.
 *
 * Buckets are cut into pages of 64; a page has counters once one of its buckets is used. The pages lie in one array
 * in the order of their first use:
 *
 * ```text
 *   #slots   [ -1, 64, -1, -1, 0, … ]          place of the page's first counter, or -1
 *   #cells   [ page 4 …… | page 1 …… | … ]     64 counters each
 * ```
 *
 * @module
 */

import { HdrRangeError } from "./hdr_errors.ts";

type Cells = Uint32Array | Float64Array | BigInt64Array;

const pageMagnitude = 6;
const pageCells = 1 << pageMagnitude;
const pageMask = pageCells - 1;
const uint32Max = 2 ** 32 - 1;
const int64Max = 2n ** 63n - 1n;

/** Counters by bucket index, with their sum. */
export class HdrCounts {
  #slots = new Int32Array(0);
  #cells: Cells = new Uint32Array(0);
  /** Counters of {@linkcode #cells} that belong to a page. */
  #used = 0;
  /** Sum of all counters while {@linkcode #totalMax} is not negative. */
  #total = 0;
  /** As long as the sum is not above it, no counter can overflow its cell; -1 for 64-bit cells. */
  #totalMax = uint32Max;
  /** Sum of all counters, of 64-bit cells. */
  #wideTotal = 0n;

  /** Sum of all counters, in [0, 2^63-1]. */
  get exactTotal(): bigint {
    return this.#totalMax < 0 ? this.#wideTotal : BigInt(this.#total);
  }

  /** The last bucket in use, or -1. Found anew each time, to keep recording fast. */
  get maxIndex(): number {
    const [slots, cells] = [this.#slots, this.#cells];
    for (let page = slots.length - 1; page >= 0; page--) {
      const slot = slots[page]!;
      if (slot < 0) continue;
      for (let at = slot + pageMask; at >= slot; at--) {
        if (cells[at] != 0) return (page << pageMagnitude) + at - slot;
      }
    }
    return -1;
  }

  /** The first bucket in use but for bucket 0, or Infinity. Found anew each time. */
  get minIndex(): number {
    const first = this.nextUsed(1);
    return first < 0 ? Infinity : first;
  }

  /** Bytes allocated. */
  get byteLength(): number {
    return this.#cells.byteLength + this.#slots.byteLength;
  }

  /** Adds `count`, a safe integer > 0, to an existing bucket. @throws {HdrRangeError} as {@linkcode add}. */
  addSmall(index: number, count: number): void {
    const total = this.#total + count;
    const page = index >>> pageMagnitude;
    const slots = this.#slots;
    if (total > this.#totalMax || page >= slots.length) return this.add(index, count);
    const slot = slots[page]!;
    if (slot < 0) return this.add(index, count);
    (this.#cells as Float64Array)[slot + (index & pageMask)]! += count;
    this.#total = total;
  }

  /**
   * Adds `count`, which is not negative, to an existing bucket.
   *
   * @throws {HdrRangeError} if the sum would exceed 2^63-1; nothing has changed then.
   */
  add(index: number, count: number | bigint): void {
    if (count == 0) return;
    this.#admit(count);
    const at = this.#place(index);
    if (this.#cells instanceof BigInt64Array) {
      this.#cells[at]! += BigInt(count);
      this.#wideTotal += BigInt(count);
    } else {
      this.#cells[at]! += Number(count);
      this.#total += Number(count);
    }
  }

  /** Takes `count` away, which the bucket has. */
  take(index: number, count: bigint): void {
    const at = this.#place(index);
    if (this.#cells instanceof BigInt64Array) {
      this.#cells[at]! -= count;
      this.#wideTotal -= count;
    } else {
      this.#cells[at]! -= Number(count);
      this.#total -= Number(count);
    }
  }

  /** Adds all of `source`, whose buckets mean the same and exist here. @throws {HdrRangeError} as {@linkcode add}. */
  addAll(source: HdrCounts): void {
    if (source.exactTotal === 0n) return;
    const isWide = source.#totalMax < 0;
    const total = isWide ? source.#wideTotal : source.#total;
    this.#admit(total);
    const slots = source.#slots;
    for (let page = 0; page < slots.length; page++) {
      const from = slots[page]!;
      if (from < 0) continue;
      const to = this.#place(page << pageMagnitude);
      const cells = this.#cells;
      if (cells instanceof BigInt64Array) addWide(cells, source.#cells, { from, to });
      else addNarrow(cells, source.#cells as Float64Array, { from, to });
    }
    if (this.#totalMax < 0) this.#wideTotal += BigInt(total);
    else this.#total += Number(total);
  }

  /** A counter; above 2^53 the double nearest to it. */
  at(index: number): number {
    const slot = this.#slots[index >>> pageMagnitude] ?? -1;
    return slot < 0 ? 0 : Number(this.#cells[slot + (index & pageMask)]!);
  }

  /** A counter. */
  exactAt(index: number): bigint {
    const slot = this.#slots[index >>> pageMagnitude] ?? -1;
    return slot < 0 ? 0n : BigInt(this.#cells[slot + (index & pageMask)]!);
  }

  /** The first bucket in use at or after `index`, or -1. */
  nextUsed(index: number): number {
    const [slots, cells] = [this.#slots, this.#cells];
    while (index >>> pageMagnitude < slots.length) {
      const slot = slots[index >>> pageMagnitude]!;
      const end = (index | pageMask) + 1;
      if (slot >= 0) {
        for (; index < end; index++) if (cells[slot + (index & pageMask)] != 0) return index;
      }
      index = end;
    }
    return -1;
  }

  /** The bucket where the sum of counters from bucket 0 reaches `rank`, or -1. */
  indexOfRank(rank: bigint): number {
    if (rank > this.exactTotal || rank < 1n) return -1;
    const [slots, cells] = [this.#slots, this.#cells];
    let before = 0n;
    for (let page = 0; page < slots.length; page++) {
      const slot = slots[page]!;
      if (slot < 0) continue;
      const inPage = sumOf(cells, slot);
      if (before + inPage < rank) {
        before += inPage;
        continue;
      }
      let at = slot;
      while ((before += BigInt(cells[at]!)) < rank) at++;
      return (page << pageMagnitude) + at - slot;
    }
    return -1;
  }

  /** Adds the counters of buckets 0 to `dense.length - 1`. @throws {HdrRangeError} as {@linkcode add}. */
  addDense(dense: Uint32Array): void {
    let [total, pages, last] = [0, 0, -1];
    for (let page = 0; page < dense.length; page += pageCells) {
      const inPage = sumOfDense(dense, page);
      if (inPage === 0) continue;
      total += inPage; // exact: 2^15 counters of 32 bits
      pages++;
      last = page;
    }
    if (pages === 0) return;
    this.#admit(total);
    if (this.#used === 0) this.#cells = new (cellsClassOf(this.#cells))(pages * pageCells);
    for (let page = 0; page <= last; page += pageCells) {
      if (sumOfDense(dense, page) === 0) continue;
      const to = this.#place(page);
      const part = dense.subarray(page, page + pageCells);
      const cells = this.#cells;
      if (cells instanceof BigInt64Array) addWide(cells, part, { from: 0, to });
      else for (let at = 0; at < part.length; at++) cells[to + at]! += part[at]!;
    }
    if (this.#totalMax < 0) this.#wideTotal += BigInt(total);
    else this.#total += total;
  }

  /** Sets `dense[i]` to the counter of bucket i, as far as it has one and both reach. Counters are below 2^53. */
  copyTo(dense: Float64Array): void {
    for (let page = 0; page << pageMagnitude < dense.length; page++) {
      const slot = this.#slots[page] ?? -1;
      const index = page << pageMagnitude;
      const end = Math.min(index + pageCells, dense.length);
      if (slot < 0) dense.fill(0, index, end);
      else for (let at = index; at < end; at++) dense[at] = Number(this.#cells[slot + at - index]!);
    }
  }

  /** All counters become 0. */
  clear(): void {
    if (this.#cells instanceof Uint32Array) this.#cells.fill(0);
    else {
      this.#cells = new Uint32Array(0);
      this.#slots = new Int32Array(0);
      this.#used = 0;
    }
    this.#total = 0;
    this.#totalMax = uint32Max;
    this.#wideTotal = 0n;
  }

  /** The place of a bucket's counter in the cells, which are made if they are not there. */
  #place(index: number): number {
    const page = index >>> pageMagnitude;
    if (page >= this.#slots.length) {
      const slots = new Int32Array(page + 1 + (this.#slots.length >> 1)).fill(-1);
      slots.set(this.#slots);
      this.#slots = slots;
    }
    let slot = this.#slots[page]!;
    if (slot < 0) {
      slot = this.#used;
      if (slot + pageCells > this.#cells.length) this.#extend();
      this.#slots[page] = slot;
      this.#used += pageCells;
    }
    return slot + (index & pageMask);
  }

  /** Makes room for half as many pages more, and one. */
  #extend(): void {
    const pages = this.#cells.length / pageCells;
    const cells = new (cellsClassOf(this.#cells))((pages + 1 + (pages >> 1)) * pageCells);
    (cells as Float64Array).set(this.#cells as Float64Array);
    this.#cells = cells;
  }

  /** Widens the cells until they can hold `count` more. */
  #admit(count: number | bigint): void {
    if (typeof count === "number" && this.#total + count <= this.#totalMax) return;
    const exact = this.exactTotal + BigInt(count);
    if (exact > int64Max) {
      throw new HdrRangeError(`Cannot count ${count} more: the total would exceed 2^63-1`);
    }
    if (this.#totalMax < 0 || exact <= BigInt(this.#totalMax)) return;
    if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#cells = Float64Array.from(this.#cells as Uint32Array);
      this.#totalMax = Number.MAX_SAFE_INTEGER;
      return;
    }
    this.#cells = BigInt64Array.from(this.#cells as Float64Array, BigInt);
    this.#wideTotal = BigInt(this.#total);
    this.#total = 0;
    this.#totalMax = -1;
  }
}

/** The sum of a page's counters. */
function sumOf(cells: Cells, slot: number): bigint {
  if (cells instanceof BigInt64Array) {
    let sum = 0n;
    for (let at = slot; at < slot + pageCells; at++) sum += cells[at]!;
    return sum;
  }
  let sum = 0;
  for (let at = slot; at < slot + pageCells; at++) sum += cells[at]!;
  return BigInt(sum);
}

function cellsClassOf(cells: Cells): { new (length: number): Cells } {
  return cells.constructor as { new (length: number): Cells };
}

/** The sum of the counters of one page of `dense`. */
function sumOfDense(dense: Uint32Array, page: number): number {
  const end = Math.min(page + pageCells, dense.length);
  let sum = 0;
  for (let index = page; index < end; index++) sum += dense[index]!;
  return sum;
}

/** Where a page begins in the source and in the target. */
interface PagePair {
  readonly from: number;
  readonly to: number;
}

function addNarrow(target: Uint32Array | Float64Array, source: Float64Array, pair: PagePair): void {
  const { from, to } = pair;
  for (let at = 0; at < pageCells; at++) target[to + at]! += source[from + at]!;
}

function addWide(target: BigInt64Array, source: Cells, pair: PagePair): void {
  const { from, to } = pair;
  const end = Math.min(pageCells, source.length - from);
  for (let at = 0; at < end; at++) target[to + at]! += BigInt(source[from + at]!);
}
