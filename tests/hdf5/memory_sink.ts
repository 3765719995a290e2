/**
 * A file in memory, and one on disk, as sinks.
 *
 * @module
 */

import type { Hdf5Sink } from "../../lib/hdf5/mod.ts";
import { type UhiHdf5Histogram, writeUhiHdf5 } from "../../lib/hdf5/mod.ts";

/** Keeps what is written. */
export class MemorySink implements Hdf5Sink {
  #bytes = new Uint8Array(4096);
  #length = 0;

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#length = Math.max(this.#length, end);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** `histograms` as the bytes of an HDF5 file. */
export async function writeToMemory(
  histograms: Iterable<UhiHdf5Histogram>,
): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  await writeUhiHdf5(sink, histograms);
  return sink.bytes;
}
