/**
 * Memory for messages that arrive in pieces: one budget for a whole listener, and a free list, because
 * a fresh megabyte costs as much to fault in and zero as to fill.
 *
 * @module
 */

const smallestClassBits = 12;
const largestClassBits = 22;
/** Free buffers kept for reuse, all classes together. */
const retainedBytesMax = 64 * 2 ** 20;

/** Announced lengths beyond it are not believed at once. */
const trustedBytesMax = 2 ** 20;

/** Hands out buffers within a budget; a power of two from 4 KiB to 4 MiB comes from a free list. */
export class MessageBuffers {
  readonly #budgetBytes: number;
  readonly #free: Uint8Array<ArrayBuffer>[][] = [];
  #retainedBytes = 0;
  #usedBytes = 0;

  /** `budgetBytes` ≥ 0: what all buffers and reservations together may hold. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
    for (let bits = smallestClassBits; bits <= largestClassBits; bits++) this.#free.push([]);
  }

  /** Bytes handed out or reserved; in [0, budget]. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A buffer of at least `bytes` with undefined content, or null if the budget has no room. */
  acquire(bytes: number): Uint8Array<ArrayBuffer> | null {
    const bits = classBits(bytes);
    const capacity = bits > largestClassBits ? bytes : 2 ** bits;
    if (!this.reserve(capacity)) return null;
    const buffer = bits > largestClassBits
      ? undefined
      : this.#free[bits - smallestClassBits]!.pop();
    if (buffer === undefined) return new Uint8Array(capacity);
    this.#retainedBytes -= capacity;
    return buffer;
  }

  /** Takes back what `acquire` gave. */
  release(buffer: Uint8Array<ArrayBuffer>): void {
    const capacity = buffer.length;
    this.unreserve(capacity);
    const bits = classBits(capacity);
    if (bits > largestClassBits || this.#retainedBytes + capacity > retainedBytesMax) return;
    this.#retainedBytes += capacity;
    this.#free[bits - smallestClassBits]!.push(buffer);
  }

  /** Counts bytes that the caller keeps itself; false, and nothing counted, if there is no room. */
  reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#budgetBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  unreserve(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/**
 * How large to make the buffer of a message of `announcedBytes` when `arrivedBytes` of it are here.
 *
 * Up to 1 MiB at most 8 times what arrived (and 4 KiB), then at most 2 times: a peer cannot have
 * memory for a word, and an honest message is copied at most once more.
 */
export function nextCapacityBytes(announcedBytes: number, arrivedBytes: number): number {
  const early = Math.min(Math.max(2 ** smallestClassBits, 8 * arrivedBytes), trustedBytesMax);
  return Math.min(announcedBytes, Math.max(early, 2 * arrivedBytes));
}

function classBits(bytes: number): number {
  if (bytes <= 2 ** smallestClassBits) return smallestClassBits;
  if (bytes > 2 ** largestClassBits) return largestClassBits + 1;
  return 32 - Math.clz32(bytes - 1);
}
