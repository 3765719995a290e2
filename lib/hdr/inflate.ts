/**
 * Inflates zlib streams (RFC 1950, RFC 1951) into no more memory than their reader allows after it has seen the
 * first bytes. Written for small inputs of strangers: nothing is allocated by the stream's word.
 *
 * @module
 */

import { HdrDecodeError } from "./hdr_errors.ts";
import {
  fastBits,
  fixedDistances,
  fixedLengths,
  type HuffmanCode,
  huffmanCodeOf,
} from "./huffman_code.ts";

/** How much the reader of a stream wants. */
export interface InflateOptions {
  /** How many bytes the reader looks at first. */
  readonly headBytes: number;
  /** How many bytes it wants in all, by the first ones; what the stream has beyond is left. May throw. */
  readonly bytesMax: (head: Uint8Array<ArrayBuffer>) => number;
}

const lengthBases = Uint16Array.of(
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115],
  ...[131, 163, 195, 227, 258],
);
const lengthExtras = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
const distanceBases = Uint16Array.of(
  ...[1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537],
  ...[2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577],
);
/** A symbol with all that belongs to it takes no more bytes of input. */
const inputReserve = 12;
/** The longest repetition, and one byte. */
const matchBytesMax = 259;
const fastMask = (1 << fastBits) - 1;
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * The inflated bytes, at most as many as `options.bytesMax` says.
 *
 * @throws {HdrDecodeError} with reason `deflate` or `truncated`, and the offset in `input`.
 */
export function inflate(input: Uint8Array, options: InflateOptions): Uint8Array<ArrayBuffer> {
  return new Inflater(input, options).run();
}

class Inflater {
  readonly #input: Uint8Array;
  readonly #options: InflateOptions;
  /** The next byte of the input to be read into {@linkcode #hold}. */
  #at = 2;
  #hold = 0;
  /** Bits in {@linkcode #hold}, in [0, 32]. */
  #bits = 0;
  #output: Uint8Array<ArrayBuffer>;
  #written = 0;
  /** Bytes wanted; before the head is complete, the head's. */
  #bytesMax: number;
  #hasHead = false;

  constructor(input: Uint8Array, options: InflateOptions) {
    this.#input = input;
    this.#options = options;
    this.#output = new Uint8Array(options.headBytes);
    this.#bytesMax = options.headBytes;
  }

  run(): Uint8Array<ArrayBuffer> {
    const input = this.#input;
    if (input.length < 2) this.#fail("truncated", "no header");
    const header = input[0]! << 8 | input[1]!;
    if ((header & 0x0f20) !== 0x0800 || header % 31 !== 0) this.#fail("deflate", "no zlib header");
    while (true) {
      const isLast = this.#take(1) === 1;
      const type = this.#take(2);
      if (type === 3) this.#fail("deflate", "unknown block type");
      const isComplete = type === 0
        ? this.#copyStored()
        : type === 1
        ? this.#decodeBlock(fixedLengths, fixedDistances)
        : this.#decodeBlock(...this.#readCodes());
      if (!isComplete) break;
      if (!isLast) continue;
      this.#checkSum();
      break;
    }
    return this.#output.subarray(0, this.#written);
  }

  /** Whether there is room for another byte; asks for more once the head is complete. */
  #hasRoom(): boolean {
    if (this.#written < this.#output.length) return true;
    if (!this.#hasHead) {
      this.#hasHead = true;
      this.#bytesMax = this.#options.bytesMax(this.#output);
    }
    if (this.#written >= this.#bytesMax) return false;
    const wanted = Math.max(this.#output.length * 4, this.#input.length * 2);
    const output = new Uint8Array(Math.min(this.#bytesMax, wanted));
    output.set(this.#output);
    this.#output = output;
    return true;
  }

  /** Moves whole bytes of the input into the bits at hand, as far as there are some. */
  #refill(): void {
    while (this.#bits <= 24 && this.#at < this.#input.length) {
      this.#hold |= this.#input[this.#at++]! << this.#bits;
      this.#bits += 8;
    }
  }

  /** The next `count` bits, at most 16. */
  #take(count: number): number {
    if (this.#bits < count) this.#refill();
    if (this.#bits < count) this.#fail("truncated", "the stream ends");
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  #symbol(code: HuffmanCode): number {
    if (this.#bits < 15) this.#refill();
    const entry = code.find(this.#hold);
    const length = entry & 15;
    if (length === 0 || length > this.#bits) {
      this.#fail(this.#bits < 15 ? "truncated" : "deflate", "no code fits");
    }
    this.#hold >>>= length;
    this.#bits -= length;
    return entry >>> 4;
  }

  /** Whether the block is complete: false if the reader has all that it wanted. */
  #decodeBlock(lengths: HuffmanCode, distances: HuffmanCode): boolean {
    const fast = lengths.fast;
    while (true) {
      if (this.#isFarFromEnds() && this.#decodeQuickly(lengths, distances)) return true;
      if (this.#bits < 15) this.#refill();
      const entry = fast[this.#hold & fastMask]!;
      let symbol: number;
      if (entry !== 0 && (entry & 15) <= this.#bits) {
        this.#hold >>>= entry & 15;
        this.#bits -= entry & 15;
        symbol = entry >>> 4;
      } else symbol = this.#symbol(lengths);
      if (symbol === 256) return true;
      if (symbol < 256) {
        if (this.#written >= this.#output.length && !this.#hasRoom()) return false;
        this.#output[this.#written++] = symbol;
        continue;
      }
      if (symbol > 285) this.#fail("deflate", "unknown length");
      const length = lengthBases[symbol - 257]! + this.#take(lengthExtras[symbol - 257]!);
      const far = this.#symbol(distances);
      if (far > 29) this.#fail("deflate", "unknown distance");
      const distance = distanceBases[far]! + this.#take(far < 4 ? 0 : (far >> 1) - 1);
      if (distance > this.#written) this.#fail("deflate", "distance before the start");
      if (!this.#repeat(length, distance)) return false;
    }
  }

  /** Whether no symbol can reach the end of the input or of the room for output. */
  #isFarFromEnds(): boolean {
    return this.#at + inputReserve <= this.#input.length &&
      this.#written + matchBytesMax <= this.#output.length;
  }

  /** Decodes in locals while it is far from both ends. Whether the block is complete. */
  #decodeQuickly(lengths: HuffmanCode, distances: HuffmanCode): boolean {
    const [input, output] = [this.#input, this.#output];
    const atMax = input.length - inputReserve;
    const writtenMax = output.length - matchBytesMax;
    let [at, hold, bits, written] = [this.#at, this.#hold, this.#bits, this.#written];
    let isComplete = false;
    let problem: string | null = null;
    while (at <= atMax && written <= writtenMax) {
      if (bits < 15) {
        hold |= input[at]! << bits | input[at + 1]! << (bits + 8);
        at += 2;
        bits += 16;
      }
      const entry = lengths.fast[hold & fastMask]! || lengths.find(hold);
      hold >>>= entry & 15;
      bits -= entry & 15;
      const symbol = entry >>> 4;
      if (symbol < 256) {
        if (entry === 0) {
          problem = "no code fits";
          break;
        }
        output[written++] = symbol;
        continue;
      }
      if (symbol === 256 || symbol > 285) {
        isComplete = symbol === 256;
        if (!isComplete) problem = "unknown length";
        break;
      }
      const extra = lengthExtras[symbol - 257]!;
      if (bits < extra) {
        hold |= input[at]! << bits | input[at + 1]! << (bits + 8);
        at += 2;
        bits += 16;
      }
      const length = lengthBases[symbol - 257]! + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      if (bits < 15) {
        hold |= input[at]! << bits | input[at + 1]! << (bits + 8);
        at += 2;
        bits += 16;
      }
      const far = distances.fast[hold & fastMask]! || distances.find(hold);
      hold >>>= far & 15;
      bits -= far & 15;
      if (far === 0 || far >>> 4 > 29) {
        problem = "unknown distance";
        break;
      }
      if (bits < 15) {
        hold |= input[at]! << bits | input[at + 1]! << (bits + 8);
        at += 2;
        bits += 16;
      }
      const farExtra = far >>> 4 < 4 ? 0 : (far >>> 5) - 1;
      const distance = distanceBases[far >>> 4]! + (hold & ((1 << farExtra) - 1));
      hold >>>= farExtra;
      bits -= farExtra;
      if (distance > written) {
        problem = "distance before the start";
        break;
      }
      for (const end = written + length; written < end; written++) {
        output[written] = output[written - distance]!;
      }
    }
    this.#at = at;
    this.#hold = hold;
    this.#bits = bits;
    this.#written = written;
    if (problem !== null) this.#fail("deflate", problem);
    return isComplete;
  }

  #repeat(length: number, distance: number): boolean {
    for (let left = length; left > 0; left--) {
      if (this.#written >= this.#output.length && !this.#hasRoom()) return false;
      this.#output[this.#written] = this.#output[this.#written - distance]!;
      this.#written++;
    }
    return true;
  }

  #copyStored(): boolean {
    this.#dropToByte();
    const length = this.#take(16);
    if (this.#take(16) !== (length ^ 0xffff)) this.#fail("deflate", "stored length is damaged");
    for (let left = length; left > 0; left--) {
      const byte = this.#take(8);
      if (!this.#hasRoom()) return false;
      this.#output[this.#written++] = byte;
    }
    return true;
  }

  #readCodes(): [HuffmanCode, HuffmanCode] {
    const lengthCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const orderCount = this.#take(4) + 4;
    if (lengthCount > 286 || distanceCount > 30) this.#fail("deflate", "too many codes");
    const sizes = new Uint8Array(19);
    for (let n = 0; n < orderCount; n++) sizes[codeLengthOrder[n]!] = this.#take(3);
    const sizeCode = this.#codeOf(sizes);
    const all = new Uint8Array(lengthCount + distanceCount);
    for (let n = 0; n < all.length;) {
      const symbol = this.#symbol(sizeCode);
      if (symbol < 16) {
        all[n++] = symbol;
        continue;
      }
      if (symbol === 16 && n === 0) this.#fail("deflate", "nothing to repeat");
      const value = symbol === 16 ? all[n - 1]! : 0;
      const times = symbol === 16
        ? 3 + this.#take(2)
        : symbol === 17
        ? 3 + this.#take(3)
        : 11 + this.#take(7);
      if (n + times > all.length) this.#fail("deflate", "too many lengths");
      all.fill(value, n, n + times);
      n += times;
    }
    if (all[256] === 0) this.#fail("deflate", "no end of block");
    return [this.#codeOf(all.subarray(0, lengthCount)), this.#codeOf(all.subarray(lengthCount))];
  }

  #codeOf(sizes: Uint8Array): HuffmanCode {
    return huffmanCodeOf(sizes) ?? this.#fail("deflate", "impossible code lengths");
  }

  #dropToByte(): void {
    const rest = this.#bits & 7;
    this.#hold >>>= rest;
    this.#bits -= rest;
  }

  #checkSum(): void {
    this.#dropToByte();
    let [low, high] = [1, 0];
    for (let at = 0; at < this.#written;) {
      const end = Math.min(this.#written, at + 3800); // the sums stay below 2^32
      for (; at < end; at++) high += low += this.#output[at]!;
      low %= 65521;
      high %= 65521;
    }
    const stored = [this.#take(8), this.#take(8), this.#take(8), this.#take(8)];
    const sum = [high >> 8, high & 255, low >> 8, low & 255];
    if (stored.some((byte, n) => byte !== sum[n])) this.#fail("deflate", "checksum differs");
  }

  #fail(reason: "deflate" | "truncated", problem: string): never {
    const offset = Math.max(0, Math.min(this.#at, this.#input.length) - (this.#bits >> 3));
    throw new HdrDecodeError(`Cannot inflate: ${problem}`, { reason, offset });
  }
}
