/**
 * The blocks of one dataset on their way into the file.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { deflateSync } from "node:zlib";
import { blockBytesMax, type BlockGrid } from "./block_grid.ts";
import { BlockIndex } from "./block_index.ts";
import { deflateLevel } from "./object_header.ts";
import type { Appender } from "./sink.ts";

/** Compresses blocks, appends them, and remembers where they are. */
export class BlockStore {
  readonly #appender: Appender;
  readonly #index = new BlockIndex();
  /** Bytes compressed since other tasks had their turn; in [0, 2 * blockBytesMax). */
  #busyBytes = 0;

  constructor(appender: Appender) {
    this.#appender = appender;
  }

  /** Stores block number `block` of a grid, which is always a whole block. Other tasks run in between. */
  async store(block: number, bytes: Uint8Array): Promise<void> {
    const packed = deflateSync(bytes, { level: deflateLevel });
    const address = await this.#appender.append(packed);
    this.#index.add(block, { address, bytes: packed.length });
    this.#busyBytes += bytes.length;
    if (this.#busyBytes < blockBytesMax) return;
    this.#busyBytes = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Appends the index. @returns its address, or null if there is no block. */
  close(grid: BlockGrid): Promise<number | null> {
    return this.#index.write(this.#appender, grid);
  }
}
