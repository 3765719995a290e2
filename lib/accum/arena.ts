/**
 * One growable SharedArrayBuffer, seen by every thread, cut into blocks.
 *
 * A *pointer* is a block's offset in units of 64 bytes (a cache line); 0 is no block. Word `p * 16` of `words`,
 * byte `p * 64` of `bytes` and cell `p * 8` of `f64` are the same place. Blocks come in size classes, eight to a
 * doubling; a freed block goes to its class's list. Views are of fixed length, because length-tracking views of a
 * growable buffer cost 22 ns an access against 0.6: {@linkcode Arena.sync} makes new ones after another thread grew it.
 *
 *     unit 0 … CONTROL_UNITS   control words: allocator, then the words that other modules of this room claim
 *     CONTROL_UNITS …          blocks
 *
 * @module
 */

import { assert } from "../base/mod.ts";
import { lock, unlock } from "./mutex.ts";

/** Bytes in a unit of pointers. */
export const UNIT_BYTES = 64;
/** 32-bit words in a unit. */
export const UNIT_WORDS = 16;
/** 8-byte cells in a unit. */
export const UNIT_CELLS = 8;

/** Units of the control region: 64 KiB. */
const CONTROL_UNITS = 1024;
const WORD_MAGIC = 0;
const WORD_ALLOCATOR_LOCK = 1;
const WORD_BUMP_UNITS = 2;
const WORD_USED_UNITS = 3;
const WORD_BUDGET_UNITS = 4;
/** Seed of the hash tables in the arena, so that nobody outside can aim at collisions. */
export const WORD_HASH_SEED = 5;
/** Units freed since free neighbours were last joined. */
const WORD_FREED_UNITS = 6;
const WORD_FREE_LISTS = 16;
/** Size classes: 8 exact ones, then 8 to each doubling up to 2^31 units. */
const CLASS_COUNT = 8 + 28 * 8;
const MAGIC = 0x48534152;
/** First control word that other modules may claim. */
export const WORD_CONTROL_FREE = 256;

/** Address space is reserved for this many bytes at most; memory is used only as the arena grows. */
const RESERVED_BYTES_MAX = 64 * 2 ** 30;
const GROW_BYTES_MIN = 16 * 2 ** 20;

/** The memory budget is used up, or the machine refused more memory. */
export class ArenaFullError extends RangeError {
  override readonly name = "ArenaFullError";
  /** Bytes that were asked for. */
  readonly neededBytes: number;

  constructor(message: string, options: { neededBytes: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.neededBytes = options.neededBytes;
  }
}

/** A thread's window on the shared memory. */
export class Arena {
  readonly buffer: SharedArrayBuffer;
  /** Fixed-length views of all committed memory, replaced by {@linkcode Arena.sync}. */
  words!: Int32Array<SharedArrayBuffer>;
  bytes!: Uint8Array<SharedArrayBuffer>;
  f64!: Float64Array<SharedArrayBuffer>;
  i64!: BigInt64Array<SharedArrayBuffer>;

  /** Attaches to memory that {@linkcode Arena.create} made, in this or another thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#view();
    assert(this.words[WORD_MAGIC] === MAGIC, "Attached to a buffer that is not an arena");
  }

  /**
   * Reserves address space for a budget of `budgetBytes` and commits the control region.
   *
   * @throws {ArenaFullError} if not even a small reservation is possible.
   */
  static create(budgetBytes: number, options: { hashSeed: number }): Arena {
    const wanted = Math.min(RESERVED_BYTES_MAX, Math.ceil(budgetBytes * 1.25) + 2 * GROW_BYTES_MIN);
    for (let reserve = wanted; reserve >= GROW_BYTES_MIN; reserve = Math.floor(reserve / 2)) {
      const maxByteLength = Math.ceil(reserve / 65536) * 65536;
      let buffer: SharedArrayBuffer;
      try {
        buffer = new SharedArrayBuffer(CONTROL_UNITS * UNIT_BYTES, { maxByteLength });
      } catch (error) {
        if (error instanceof RangeError) continue;
        throw error;
      }
      const words = new Int32Array(buffer, 0, CONTROL_UNITS * UNIT_WORDS);
      words[WORD_BUMP_UNITS] = CONTROL_UNITS;
      words[WORD_BUDGET_UNITS] = Math.floor(Math.min(budgetBytes, maxByteLength) / UNIT_BYTES);
      words[WORD_HASH_SEED] = options.hashSeed | 0;
      words[WORD_MAGIC] = MAGIC;
      return new Arena(buffer);
    }
    throw new ArenaFullError(`Cannot reserve shared memory: the machine refuses ${wanted} bytes`, {
      neededBytes: wanted,
    });
  }

  /** Bytes in blocks that are in use, rounded up to their size classes. */
  get usedBytes(): number {
    return Atomics.load(this.words, WORD_USED_UNITS) * UNIT_BYTES;
  }

  /** Most bytes that may be in use. */
  get budgetBytes(): number {
    return this.words[WORD_BUDGET_UNITS]! * UNIT_BYTES;
  }

  /** Allows all that is reserved, which is more than the budget, until what it returns is called. */
  liftBudget(): () => void {
    const units = this.words[WORD_BUDGET_UNITS]!;
    this.words[WORD_BUDGET_UNITS] = Math.floor(this.buffer.maxByteLength / UNIT_BYTES);
    return () => {
      this.words[WORD_BUDGET_UNITS] = units;
    };
  }

  /** Must be called after taking a lock and before following pointers: another thread may have grown the memory. */
  sync(): void {
    if (this.buffer.byteLength !== this.bytes.byteLength) this.#view();
  }

  /**
   * A zeroed block of at least `bytes` ≥ 1 bytes.
   *
   * @returns its pointer.
   * @throws {ArenaFullError} if the budget does not allow it; nothing has changed then.
   */
  allocate(bytes: number): number {
    const units = classUnits(Math.ceil(bytes / UNIT_BYTES));
    lock(this.words, WORD_ALLOCATOR_LOCK);
    try {
      this.sync();
      const used = this.words[WORD_USED_UNITS]!;
      if (used + units > this.words[WORD_BUDGET_UNITS]!) {
        throw new ArenaFullError(
          `Cannot allocate ${bytes} bytes: ${
            used * UNIT_BYTES
          } of ${this.budgetBytes} bytes are in use`,
          { neededBytes: bytes },
        );
      }
      const pointer = this.#takeFree(units) || this.#takeBump(units, bytes);
      Atomics.store(this.words, WORD_USED_UNITS, used + units);
      return pointer;
    } finally {
      unlock(this.words, WORD_ALLOCATOR_LOCK);
    }
  }

  /** Gives back a block; `bytes` is what {@linkcode Arena.allocate} was asked for. */
  free(pointer: number, bytes: number): void {
    assert(pointer >= CONTROL_UNITS, "Freed a block that was never allocated");
    const units = classUnits(Math.ceil(bytes / UNIT_BYTES));
    lock(this.words, WORD_ALLOCATOR_LOCK);
    try {
      this.sync();
      this.#release(pointer, units);
      const freed = this.words[WORD_FREED_UNITS]! + units;
      this.words[WORD_FREED_UNITS] = Math.min(freed, 2 ** 31 - 1);
      Atomics.store(this.words, WORD_USED_UNITS, this.words[WORD_USED_UNITS]! - units);
    } finally {
      unlock(this.words, WORD_ALLOCATOR_LOCK);
    }
  }

  #view(): void {
    const byteLength = this.buffer.byteLength;
    this.words = new Int32Array(this.buffer, 0, byteLength / 4);
    this.bytes = new Uint8Array(this.buffer, 0, byteLength);
    this.f64 = new Float64Array(this.buffer, 0, byteLength / 8);
    this.i64 = new BigInt64Array(this.buffer, 0, byteLength / 8);
  }

  #takeFree(units: number): number {
    const own = classIndex(units);
    const pointer = this.words[WORD_FREE_LISTS + own]!;
    if (pointer !== 0) {
      this.#unlink(own, pointer);
      this.bytes.fill(0, pointer * UNIT_BYTES, (pointer + units) * UNIT_BYTES);
    }
    return pointer;
  }

  #takeBump(units: number, bytes: number): number {
    const pointer = this.words[WORD_BUMP_UNITS]!;
    const end = (pointer + units) * UNIT_BYTES;
    if (end > this.buffer.maxByteLength) {
      const larger = this.#takeLarger(units) || (this.#joinFree(units) && this.#takeLarger(units));
      if (larger) return larger;
      throw new ArenaFullError(
        `Cannot allocate ${bytes} bytes: the reserved address space is used up`,
        { neededBytes: bytes },
      );
    }
    if (end > this.buffer.byteLength) {
      const target = Math.max(
        end,
        this.buffer.byteLength + GROW_BYTES_MIN,
        this.buffer.byteLength * 1.125,
      );
      const rounded = Math.min(Math.ceil(target / 65536) * 65536, this.buffer.maxByteLength);
      try {
        this.buffer.grow(rounded);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new ArenaFullError(`Cannot allocate ${bytes} bytes: the machine has no more memory`, {
          neededBytes: bytes,
          cause,
        });
      }
      this.#view();
    }
    this.words[WORD_BUMP_UNITS] = pointer + units;
    return pointer;
  }

  /** The address space is used up: take or split the smallest free block that is large enough; 0 if there is none. */
  #takeLarger(units: number): number {
    for (let index = classIndex(units); index < CLASS_COUNT; index++) {
      const pointer = this.words[WORD_FREE_LISTS + index]!;
      if (pointer === 0) continue;
      this.#unlink(index, pointer);
      this.#release(pointer + units, unitsOfClass(index) - units);
      this.bytes.fill(0, pointer * UNIT_BYTES, (pointer + units) * UNIT_BYTES);
      return pointer;
    }
    return 0;
  }

  /**
   * Joins neighbours in the free lists, so that what was used in small blocks serves large ones; says whether it did.
   *
   * Sorts all free blocks, some 100 ms for a million. So that a full arena does not do it at every call, it waits
   * until a sixteenth of what is wanted was freed since the last time.
   */
  #joinFree(units: number): boolean {
    if (this.words[WORD_FREED_UNITS]! * 16 < units) return false;
    this.words[WORD_FREED_UNITS] = 0;
    const blocks: number[] = [];
    for (let index = 0; index < CLASS_COUNT; index++) {
      let pointer = this.words[WORD_FREE_LISTS + index]!;
      for (; pointer !== 0; pointer = this.words[pointer * UNIT_WORDS]!) {
        blocks.push(pointer * CLASS_COUNT + index);
      }
      this.words[WORD_FREE_LISTS + index] = 0;
    }
    let start = 0;
    let end = 0;
    for (const block of Float64Array.from(blocks).sort()) {
      const pointer = Math.floor(block / CLASS_COUNT);
      if (pointer !== end) {
        this.#release(start, end - start);
        start = pointer;
      }
      end = pointer + unitsOfClass(block % CLASS_COUNT);
    }
    this.#release(start, end - start);
    return true;
  }

  #unlink(index: number, pointer: number): void {
    this.words[WORD_FREE_LISTS + index] = this.words[pointer * UNIT_WORDS]!;
  }

  /** Puts any range of units back, cut into pieces that are size classes. */
  #release(pointer: number, units: number): void {
    let at = pointer;
    let left = units;
    while (left > 0) {
      const piece = classUnitsBelow(left);
      const index = classIndex(piece);
      this.words[at * UNIT_WORDS] = this.words[WORD_FREE_LISTS + index]!;
      this.words[WORD_FREE_LISTS + index] = at;
      at += piece;
      left -= piece;
    }
  }
}

/** The smallest size class that holds `units` ≥ 1. */
export function classUnits(units: number): number {
  if (units <= 8) return Math.max(units, 1);
  const grain = 2 ** (28 - Math.clz32(units - 1));
  return Math.ceil(units / grain) * grain;
}

/** The largest size class that is at most `units` ≥ 1. */
function classUnitsBelow(units: number): number {
  const above = classUnits(units);
  if (above === units) return units;
  const grain = 2 ** (28 - Math.clz32(units - 1));
  return Math.floor(units / grain) * grain;
}

/** Position of a size class in the free lists; `units` must be a size class. */
function classIndex(units: number): number {
  if (units <= 8) return units - 1;
  const log = 31 - Math.clz32(units - 1); // units in (2^log, 2^(log+1)], log ≥ 3
  return 8 + (log - 3) * 8 + units / 2 ** (log - 3) - 9;
}

/** Inverse of {@linkcode classIndex}. */
function unitsOfClass(index: number): number {
  if (index < 8) return index + 1;
  const log = 3 + Math.floor((index - 8) / 8);
  return ((index - 8) % 8 + 9) * 2 ** (log - 3);
}
