/**
 * Where an HDF5 file goes: a file of the caller's, written from front to back but for a few places.
 *
 * @module
 */

/** Takes bytes at any position, in any order; what is never written must read as zeros. */
export interface Hdf5Sink {
  /** Writes all of `bytes`, which are the sink's until it returns or its promise is settled. */
  write(bytes: Uint8Array, position: number): void | Promise<void>;
}

/** Bytes gathered before they are given to the sink. */
const bufferBytes = 65536;

/** Gives out addresses in ascending order, and gathers small writes. */
export class Appender {
  readonly #sink: Hdf5Sink;
  readonly #buffer = new Uint8Array(bufferBytes);
  /** Bytes in the buffer; in [0, bufferBytes]. */
  #pending = 0;
  /** Where the buffer begins in the file; a multiple of 8. */
  #start: number;

  /** Appends from `start` on. */
  constructor(sink: Hdf5Sink, start: number) {
    this.#sink = sink;
    this.#start = start;
  }

  /** The end of the file so far. */
  get end(): number {
    return this.#start + this.#pending;
  }

  /** Appends `bytes` and zeros up to a multiple of 8. @returns their address. */
  async append(bytes: Uint8Array): Promise<number> {
    const padded = bytes.length + (-bytes.length & 7);
    if (this.#pending + padded > bufferBytes) await this.flush();
    const address = this.end;
    if (padded > bufferBytes) {
      await this.#sink.write(bytes, address);
      this.#start += padded;
      return address;
    }
    this.#buffer.set(bytes, this.#pending);
    this.#buffer.fill(0, this.#pending + bytes.length, this.#pending + padded);
    this.#pending += padded;
    return address;
  }

  /** Keeps room for `bytes`, a multiple of 8, which {@linkcode put} fills later. @returns their address. */
  async reserve(bytes: number): Promise<number> {
    await this.flush();
    const address = this.#start;
    this.#start += bytes;
    return address;
  }

  /** Writes to a place that was reserved. */
  async put(bytes: Uint8Array, address: number): Promise<void> {
    await this.#sink.write(bytes, address);
  }

  /** Gives the sink what was gathered. */
  async flush(): Promise<void> {
    if (this.#pending === 0) return;
    await this.#sink.write(this.#buffer.subarray(0, this.#pending), this.#start);
    this.#start += this.#pending;
    this.#pending = 0;
  }
}
