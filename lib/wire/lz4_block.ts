/**
 * The LZ4 block format, as numcodecs' LZ4 uses it. Every read and write is checked: a hostile block
 * fails, it cannot reach beyond its buffers, and it makes no memory.
 *
 *     block    = sequence*                 the last one ends after its literals
 *     sequence = token:u8                  literal length (upper 4 bits), match length - 4 (lower)
 *                literal length more:u8*   if 15: add bytes until one is below 255
 *                literals
 *                match offset:u16le        in [1, 65535], back from here
 *                match length more:u8*     as above
 *
 * Source: LZ4 Block Format Description (lz4 project). Work is done in steps, so that large blocks do
 * not hold up an event loop.
 *
 * @module
 */

const minMatchBytes = 4;
const matchOffsetMax = 65_535;
/** The last match starts at least so many bytes before the end, and the last 5 bytes are literals. */
const lastMatchMargin = 12;
const lastLiterals = 5;
const hashBits = 13;
/** Of what the encoder writes: a longer match is several, so that a step stays short. */
const matchBytesMax = 1 << 20;
/** Up to here a loop is faster than a call. */
const loopBytesMax = 16;

/** The bytes are no LZ4 block of this length. */
export class Lz4Error extends SyntaxError {
  /** The class, for messages. */
  override readonly name = "Lz4Error";
}

/** Decodes a block into `target`, whose length must be exactly that of the contents. */
export class Lz4BlockDecoder {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  #sourceOffset = 0;
  #targetOffset = 0;
  #token = 0;
  /** Of the sequence that is read now. */
  #literalsLeft = 0;
  #matchLeft = 0;
  #matchOffset = 0;
  #next: "token" | "literals" | "match" = "token";

  /** Nothing is written before {@linkcode run}. */
  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#target = target;
  }

  /**
   * Goes on until `targetBytes` more are written; tells whether the block is finished.
   *
   * @throws {Lz4Error} if the block is damaged, or its contents are shorter or longer than the target.
   */
  run(targetBytes: number): boolean {
    const stop = Math.min(this.#targetOffset + targetBytes, this.#target.length);
    while (true) {
      if (this.#next === "token") {
        // At the very end there is still a token, of a sequence without literals.
        if (this.#targetOffset === stop && stop < this.#target.length) return false;
        this.#readToken();
      }
      if (this.#next === "literals") {
        this.#copyLiterals(stop - this.#targetOffset);
        if (this.#literalsLeft > 0) return false;
        if (this.#sourceOffset === this.#source.length) {
          if (this.#targetOffset !== this.#target.length) fail("contents are too short");
          return true;
        }
        this.#readMatch();
      }
      const bytes = Math.min(this.#matchLeft, stop - this.#targetOffset);
      copyMatch(this.#target, {
        to: this.#targetOffset,
        matchOffset: this.#matchOffset,
        matchBytes: bytes,
      });
      this.#targetOffset += bytes;
      this.#matchLeft -= bytes;
      if (this.#matchLeft > 0) return false;
      this.#next = "token";
    }
  }

  #readToken(): void {
    this.#token = this.#byte();
    this.#literalsLeft = this.#length(this.#token >>> 4);
    if (this.#literalsLeft > this.#source.length - this.#sourceOffset) fail("literals are cut");
    if (this.#literalsLeft > this.#target.length - this.#targetOffset) {
      fail("contents are too long");
    }
    this.#next = "literals";
  }

  #readMatch(): void {
    this.#matchOffset = this.#byte() | this.#byte() << 8;
    this.#matchLeft = this.#length(this.#token & 15) + minMatchBytes;
    if (this.#matchOffset === 0 || this.#matchOffset > this.#targetOffset) {
      fail("match begins before the contents");
    }
    if (this.#matchLeft > this.#target.length - this.#targetOffset) fail("contents are too long");
    this.#next = "match";
  }

  #copyLiterals(bytesMax: number): void {
    const bytes = Math.min(this.#literalsLeft, bytesMax);
    const source = this.#source;
    const target = this.#target;
    const from = this.#sourceOffset;
    const to = this.#targetOffset;
    if (bytes > loopBytesMax) target.set(source.subarray(from, from + bytes), to);
    else for (let i = 0; i < bytes; i++) target[to + i] = source[from + i]!;
    this.#sourceOffset = from + bytes;
    this.#targetOffset = to + bytes;
    this.#literalsLeft -= bytes;
  }

  #byte(): number {
    if (this.#sourceOffset >= this.#source.length) fail("block is cut");
    return this.#source[this.#sourceOffset++]!;
  }

  #length(first: number): number {
    let length = first;
    if (first < 15) return length;
    while (true) {
      const more = this.#byte();
      length += more;
      if (more < 255) return length;
    }
  }
}

/** Encodes a block, greedily: as fast as it gets in one pass, like LZ4 with acceleration 1. */
export class Lz4BlockEncoder {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array<ArrayBuffer>;
  /** Offset + 1 of the last four bytes with this hash; 0: none. */
  readonly #table = new Int32Array(1 << hashBits);
  #sourceOffset = 0;
  #targetOffset = 0;
  /** Start of the literals that are not written yet. */
  #anchor = 0;

  /** `source` must not change until the block is taken. */
  constructor(source: Uint8Array) {
    this.#source = source;
    this.#target = new Uint8Array(source.length + Math.floor(source.length / 255) + 16);
  }

  /** Goes on until about `sourceBytes` more are read; tells whether all are. */
  run(sourceBytes: number): boolean {
    const source = this.#source;
    const table = this.#table;
    const end = source.length - lastMatchMargin;
    const stop = Math.min(end, this.#sourceOffset + sourceBytes);
    let misses = 0;
    let at = this.#sourceOffset;
    while (at < stop) {
      const word = readWord(source, at);
      const hash = Math.imul(word, 0x9e37_79b1) >>> (32 - hashBits);
      const candidate = table[hash]! - 1;
      table[hash] = at + 1;
      if (
        candidate < 0 || at - candidate > matchOffsetMax || readWord(source, candidate) !== word
      ) {
        at += 1 + (misses++ >>> 6);
        continue;
      }
      let matchEnd = at + minMatchBytes;
      const matchEndMax = Math.min(source.length - lastLiterals, at + matchBytesMax);
      const shift = at - candidate;
      while (matchEnd < matchEndMax && source[matchEnd] === source[matchEnd - shift]) matchEnd++;
      this.#writeLiterals(at, matchEnd - at - minMatchBytes);
      this.#target[this.#targetOffset++] = shift;
      this.#target[this.#targetOffset++] = shift >>> 8;
      this.#writeMore(matchEnd - at - minMatchBytes);
      at = matchEnd;
      this.#anchor = at;
      misses = 0;
    }
    this.#sourceOffset = at;
    return at >= end;
  }

  /** Ends the block after {@linkcode run} told that all is read, and gives it. */
  take(): Uint8Array<ArrayBuffer> {
    this.#writeLiterals(this.#source.length, 0);
    const block = this.#target.subarray(0, this.#targetOffset);
    // A short block must not hold on to a long buffer.
    return 2 * block.length > this.#target.length ? block : block.slice();
  }

  /** Writes the token and the literals up to `end`. */
  #writeLiterals(end: number, matchMore: number): void {
    const literals = end - this.#anchor;
    this.#target[this.#targetOffset++] = Math.min(literals, 15) << 4 | Math.min(matchMore, 15);
    this.#writeMore(literals);
    if (literals <= loopBytesMax) {
      for (let i = this.#anchor; i < end; i++) {
        this.#target[this.#targetOffset++] = this.#source[i]!;
      }
    } else {
      this.#target.set(this.#source.subarray(this.#anchor, end), this.#targetOffset);
      this.#targetOffset += literals;
    }
  }

  #writeMore(length: number): void {
    if (length < 15) return;
    let rest = length - 15;
    for (; rest >= 255; rest -= 255) this.#target[this.#targetOffset++] = 255;
    this.#target[this.#targetOffset++] = rest;
  }
}

function copyMatch(
  target: Uint8Array,
  options: { to: number; matchOffset: number; matchBytes: number },
): void {
  const { to, matchOffset, matchBytes } = options;
  const from = to - matchOffset;
  if (matchBytes <= loopBytesMax) {
    for (let i = 0; i < matchBytes; i++) target[to + i] = target[from + i]!;
    return;
  }
  // A match may overlap itself: what is copied doubles with every round.
  for (let done = 0; done < matchBytes;) {
    const bytes = Math.min(matchOffset + done, matchBytes - done);
    target.copyWithin(to + done, from, from + bytes);
    done += bytes;
  }
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
}

function fail(state: string): never {
  throw new Lz4Error(`Cannot decode LZ4 block: ${state}`);
}
