/**
 * Where the blocks of a dataset lie: gathered in memory while they are written, about 20 bytes each, then a B-tree
 * of version 1 in the file.
 *
 * HDF5 File Format Specification 3.0, III.A.1; nodes of type 1.
 *
 * @module
 */

import { type BlockGrid, blockOrigin } from "./block_grid.ts";
import { addressNone, ByteWriter, encodeText } from "./byte_writer.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Appender } from "./sink.ts";

/** Children of a full node: twice the K of chunk nodes, which is 32 where the superblock has none. */
const childrenMax = 64;

/** The blocks that are stored, in the order in which they were. */
export class BlockIndex {
  /** Numbers of the blocks, row-major in the grid; exact below 2^53. */
  #blocks = new Float64Array(64);
  #addresses = new Float64Array(64);
  /** Stored sizes in bytes. */
  #sizes = new Uint32Array(64);
  #length = 0;
  #isAscending = true;

  add(block: number, place: { address: number; bytes: number }): void {
    const at = this.#length;
    if (at === this.#blocks.length) this.#grow();
    if (at > 0 && block <= this.#blocks[at - 1]!) this.#isAscending = false;
    this.#blocks[at] = block;
    this.#addresses[at] = place.address;
    this.#sizes[at] = place.bytes;
    this.#length++;
  }

  /**
   * Appends the tree. @returns its address, or null if there is no block.
   *
   * @throws {Hdf5Error} if a block was added twice.
   */
  async write(appender: Appender, grid: BlockGrid): Promise<number | null> {
    const order = this.#order();
    const count = this.#length;
    if (count === 0) return null;
    const keyBytes = 8 + 8 * (grid.extents.length + 1);
    const nodeBytes = 24 + 8 * childrenMax + (childrenMax + 1) * keyBytes;
    const node = new ByteWriter(nodeBytes);
    /** The key of the entry `place`, counted in order, or the one after the last. */
    const writeKey = (place: number): void => {
      const entry = order[Math.min(place, count - 1)]!;
      const isEnd = place >= count;
      node.u32(isEnd ? 0 : this.#sizes[entry]!).u32(0);
      const origin = blockOrigin(grid, this.#blocks[entry]!);
      origin.forEach((bin, axis) => node.u64(isEnd ? bin + grid.blockShape[axis]! : bin));
      node.u64(0);
    };
    let childBase: number | null = null;
    let level = 0;
    for (let span = 1, children = count;; span *= childrenMax, level++) {
      const nodes = Math.ceil(children / childrenMax);
      const base: number = await appender.reserve(0);
      for (let i = 0; i < nodes; i++) {
        const first = i * childrenMax;
        const used = Math.min(childrenMax, children - first);
        node.clear();
        node.raw(encodeText("TREE")).u8(1).u8(level).u16(used)
          .u64(i === 0 ? addressNone : base + (i - 1) * nodeBytes)
          .u64(i === nodes - 1 ? addressNone : base + (i + 1) * nodeBytes);
        for (let child = first; child < first + used; child++) {
          writeKey(child * span);
          const isLeaf = childBase === null;
          node.u64(isLeaf ? this.#addresses[order[child]!]! : childBase! + child * nodeBytes);
        }
        writeKey((first + used) * span);
        node.zeros(nodeBytes - node.length);
        await appender.append(node.bytes);
      }
      if (nodes === 1) return base;
      childBase = base;
      children = nodes;
    }
  }

  /** Entries by ascending block. */
  #order(): Uint32Array {
    const order = new Uint32Array(this.#length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    if (this.#isAscending) return order;
    const blocks = this.#blocks;
    order.sort((a, b) => blocks[a]! - blocks[b]!);
    for (let i = 1; i < order.length; i++) {
      if (blocks[order[i]!] !== blocks[order[i - 1]!]) continue;
      throw new Hdf5Error(
        "Cannot write a chunk twice, or neighbouring chunks apart if they are told to ascend",
        { reason: "duplicate" },
      );
    }
    return order;
  }

  #grow(): void {
    const [blocks, addresses, sizes] = [this.#blocks, this.#addresses, this.#sizes];
    this.#blocks = new Float64Array(2 * blocks.length);
    this.#addresses = new Float64Array(2 * blocks.length);
    this.#sizes = new Uint32Array(2 * blocks.length);
    this.#blocks.set(blocks);
    this.#addresses.set(addresses);
    this.#sizes.set(sizes);
  }
}
