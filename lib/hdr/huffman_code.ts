/**
 * Prefix codes of deflate (RFC 1951 §3.2.2), read from their lengths alone.
 *
 * @module
 */

/** Codes up to so many bits are found at once. */
export const fastBits = 10;

/** A prefix code of at most 15 bits. */
export class HuffmanCode {
  /** By the next 10 bits: symbol << 4 | length, 0 for longer codes. */
  readonly fast: Uint16Array;
  /** Codes by length. */
  readonly #counts: Uint16Array;
  /** Symbols in the order of their codes. */
  readonly #symbols: Uint16Array;

  constructor(parts: { fast: Uint16Array; counts: Uint16Array; symbols: Uint16Array }) {
    this.fast = parts.fast;
    this.#counts = parts.counts;
    this.#symbols = parts.symbols;
  }

  /** symbol << 4 | length of the code at the low end of `bits`; 0 if there is none. */
  find(bits: number): number {
    const entry = this.fast[bits & (1 << fastBits) - 1]!;
    if (entry !== 0) return entry;
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= 15; length++) {
      code |= bits >>> (length - 1) & 1;
      const count = this.#counts[length]!;
      if (code - count < first) return this.#symbols[index + code - first]! << 4 | length;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return 0;
  }
}

/** The code of which `sizes` are the lengths, 0 for symbols without one; null if there can be none. */
export function huffmanCodeOf(sizes: Uint8Array): HuffmanCode | null {
  const counts = new Uint16Array(16);
  for (const size of sizes) counts[size]!++;
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = (left << 1) - counts[length]!;
    if (left < 0) return null;
  }
  const used = counts.reduce((sum, count) => sum + count, 0);
  if (left > 0 && used > 1) return null; // one code, or none, may leave codes unused (zlib)
  const offsets = new Uint16Array(17);
  const nextCodes = new Uint16Array(17);
  for (let length = 1; length <= 15; length++) {
    offsets[length + 1] = offsets[length]! + counts[length]!;
    nextCodes[length + 1] = (nextCodes[length]! + counts[length]!) << 1;
  }
  const symbols = new Uint16Array(sizes.length);
  const fast = new Uint16Array(1 << fastBits);
  for (let symbol = 0; symbol < sizes.length; symbol++) {
    const size = sizes[symbol]!;
    if (size === 0) continue;
    symbols[offsets[size]!++] = symbol;
    const code = nextCodes[size]!++;
    if (size > fastBits) continue;
    for (let at = reverse(code, size); at < fast.length; at += 1 << size) {
      fast[at] = symbol << 4 | size;
    }
  }
  return new HuffmanCode({ fast, counts, symbols });
}

function reverse(code: number, size: number): number {
  let reversed = 0;
  for (let bit = 0; bit < size; bit++) reversed |= (code >> bit & 1) << (size - 1 - bit);
  return reversed;
}

function fixed(sizes: Uint8Array): HuffmanCode {
  const code = huffmanCodeOf(sizes);
  if (code === null) throw new RangeError("Cannot build a fixed code: its lengths are impossible");
  return code;
}

/** Literals and lengths of blocks without codes of their own. */
export const fixedLengths: HuffmanCode = fixed(
  new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280),
);
/** Distances of blocks without codes of their own. */
export const fixedDistances: HuffmanCode = fixed(new Uint8Array(32).fill(5));
