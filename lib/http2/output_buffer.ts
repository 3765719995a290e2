/**
 * Bytes that wait to be written: small ones packed side by side, large ones as views, in order.
 *
 * @module
 */

/** The first buffer of a connection, and the largest that is made for packing. */
const bufferBytesMin = 4 << 10;
const bufferBytesMax = 256 << 10;

/**
 * A queue of bytes with two buffers that change places: one is filled while the pieces of the other are written.
 * Pieces are valid until the next `take`.
 */
export class OutputBuffer {
  /** Where packed bytes go; those in [start, end) belong to no piece yet. */
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];
  /** Bytes in `#pieces`. */
  #pieceBytes = 0;
  /** Whether pieces of the last `take` may still be in use. */
  #isTaken = false;
  /** The last buffer that was taken; free again at the next `take`. */
  #takenBuffer: Uint8Array | null = null;
  #spare: Uint8Array | null = null;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#pieceBytes + this.#end - this.#start;
  }

  /** Whether bytes wait to be taken, or were taken and may not be written yet. */
  get isBusy(): boolean {
    return this.#isTaken || this.length > 0;
  }

  /** The buffer that the last `extend` returned a position of. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  /** Adds `length` bytes, to be filled in by the caller; returns their position in `bytes`. */
  extend(length: number): number {
    if (this.#buffer.length - this.#end < length) this.#replaceBuffer(length);
    const at = this.#end;
    this.#end += length;
    return at;
  }

  /** Adds a copy of `source[start, end)`. */
  copy(source: Uint8Array, start = 0, end = source.length): void {
    const at = this.extend(end - start);
    this.#buffer.set(end - start === source.length ? source : source.subarray(start, end), at);
  }

  /** Adds `view` itself: it must not change until it is written. */
  pushView(view: Uint8Array): void {
    this.#seal();
    this.#pieces.push(view);
    this.#pieceBytes += view.length;
  }

  /** All bytes in order; and says that the pieces taken before are written. */
  take(): Uint8Array[] {
    if (this.#takenBuffer !== null) {
      this.#spare = this.#takenBuffer;
      this.#takenBuffer = null;
    }
    this.#isTaken = this.length > 0;
    if (!this.#isTaken) return [];
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#takenBuffer = this.#buffer;
    this.#buffer = this.#spare ?? new Uint8Array(0);
    this.#spare = null;
    this.#start = 0;
    this.#end = 0;
    return pieces;
  }

  /** Drops what waits. */
  clear(): void {
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#start = this.#end;
  }

  /** Gives buffers back that a quiet connection does not need. */
  shrink(): void {
    if (this.isBusy) return;
    this.#buffer = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
    this.#spare = null;
  }

  #seal(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#buffer.subarray(this.#start, this.#end));
    this.#pieceBytes += this.#end - this.#start;
    this.#start = this.#end;
  }

  #replaceBuffer(length: number): void {
    this.#seal();
    const wanted = Math.min(bufferBytesMax, Math.max(bufferBytesMin, this.#buffer.length * 2));
    this.#buffer = new Uint8Array(Math.max(wanted, length));
    this.#start = 0;
    this.#end = 0;
  }
}
