/**
 * Little-endian bytes of a structure that is small enough to be made in memory.
 *
 * @module
 */

const encoder = new TextEncoder();

/** HDF5's undefined address. */
export const addressNone = 0xffff_ffff_ffff_ffffn;

/** Bytes that are written one after the other. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  /** Bytes written; in [0, #bytes.length]. */
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written: a view, valid until more is written. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#take(1), value);
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#take(2), value, true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#take(4), value, true);
    return this;
  }

  /** A number in [0, 2^53), or the bits of a bigint. */
  u64(value: number | bigint): this {
    this.#view.setBigUint64(this.#take(8), BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  f64(value: number): this {
    this.#view.setFloat64(this.#take(8), value, true);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    this.#take(count);
    return this;
  }

  /** Zeros up to the next multiple of 8. */
  align(): this {
    return this.zeros(-this.#length & 7);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
  }

  #take(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, at + count));
      bytes.set(this.bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#length = at + count;
    return at;
  }
}

/** `text` as UTF-8. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
