/**
 * Strings of variable length: they lie in collections, and elements point at them.
 *
 * HDF5 File Format Specification 3.0, III.E.
 *
 * @module
 */

import { ByteWriter, encodeText } from "./byte_writer.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Appender } from "./sink.ts";

/** Sizes of the first collection, the least that HDF5 allows, and of all others. */
const collectionBytesFirst = 4096;
const collectionBytesNext = 65536;
/** The most objects of a collection, counted in 16 bits. */
const objectsMax = 65535;
const headBytes = 16;

/** A heap that fills one collection after the other. */
export class GlobalHeap {
  readonly #appender: Appender;
  readonly #collection = new ByteWriter(collectionBytesNext);
  #address = 0;
  /** Size of the open collection; 0 if there is none. */
  #capacity = 0;
  /** In [0, objectsMax]. */
  #objects = 0;
  #isFirst = true;

  constructor(appender: Appender) {
    this.#appender = appender;
  }

  /**
   * Stores `texts`. @returns the elements that point at them, 16 bytes each.
   *
   * @throws {Hdf5Error} if one holds NUL, where HDF5's strings end.
   */
  async store(texts: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const elements = new ByteWriter(16 * texts.length);
    for (const text of texts) {
      if (text.includes("\0")) {
        throw new Hdf5Error(
          `Cannot write the string ${JSON.stringify(text.slice(0, 80))}: it holds NUL`,
          {
            reason: "value",
          },
        );
      }
      const bytes = encodeText(text);
      if (bytes.length === 0) {
        elements.zeros(16);
        continue;
      }
      await this.#makeRoom(bytes.length);
      this.#objects++;
      this.#collection.u16(this.#objects).u16(0).u32(0).u64(bytes.length).raw(bytes).align();
      elements.u32(bytes.length).u64(this.#address).u32(this.#objects);
    }
    return elements.bytes;
  }

  /** Writes the open collection. */
  async close(): Promise<void> {
    if (this.#capacity === 0) return;
    const free = this.#capacity - this.#collection.length;
    // What is left is the object number 0, if its head fits.
    if (free >= headBytes) this.#collection.u16(0).u16(0).u32(0).u64(free);
    this.#collection.zeros(this.#capacity - this.#collection.length);
    await this.#appender.put(this.#collection.bytes, this.#address);
    this.#collection.clear();
    this.#capacity = 0;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const needed = headBytes + bytes + (-bytes & 7);
    const fits = this.#collection.length + needed <= this.#capacity && this.#objects < objectsMax;
    if (fits) return;
    await this.close();
    const least = this.#isFirst ? collectionBytesFirst : collectionBytesNext;
    this.#isFirst = false;
    this.#capacity = Math.max(least, headBytes + needed);
    this.#address = await this.#appender.reserve(this.#capacity);
    this.#objects = 0;
    this.#collection.raw(encodeText("GCOL")).u8(1).zeros(3).u64(this.#capacity);
  }
}
