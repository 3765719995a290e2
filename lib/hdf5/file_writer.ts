/**
 * Writes an HDF5 file from its leaves to its root: groups, attributes and one-dimensional arrays.
 *
 * The superblock comes last, so that a torn file is no HDF5 file. Version 0, which every HDF5 reads.
 * HDF5 File Format Specification 3.0, II.A.
 *
 * @module
 */

import type { JsonFloat, JsonValue } from "../hist/mod.ts";
import { blockBytesMax, cutIntoBlocks } from "./block_grid.ts";
import { BlockStore } from "./block_store.ts";
import { addressNone, ByteWriter } from "./byte_writer.ts";
import { compressedElementsMin } from "./cell_writer.ts";
import * as datatypes from "./datatypes.ts";
import { GlobalHeap } from "./global_heap.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import {
  type Attribute,
  attributeMessage,
  type DatasetHead,
  datasetMessages,
  encodeObjectHeader,
  groupMessages,
  type Layout,
  type Link,
} from "./object_header.ts";
import { Appender, type Hdf5Sink } from "./sink.ts";

const superblockBytes = 96;
const int64Range = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const uint64Max = 2n ** 64n - 1n;

/** A scalar that an attribute can hold, as UHI has them in metadata. */
export type Scalar = string | boolean | number | bigint | JsonFloat;

/** Writes one file. Addresses are those of object headers, which references and links hold. */
export class Hdf5FileWriter {
  readonly #sink: Hdf5Sink;
  readonly #heap: GlobalHeap;
  /** For datasets that bring their own elements. */
  readonly appender: Appender;

  constructor(sink: Hdf5Sink) {
    this.#sink = sink;
    this.appender = new Appender(sink, superblockBytes);
    this.#heap = new GlobalHeap(this.appender);
  }

  /** Appends a group. @returns its address. */
  async group(
    content: { attributes?: Iterable<readonly [string, Scalar]>; links?: readonly Link[] },
  ): Promise<number> {
    const messages = groupMessages(content.links ?? []);
    for (const [name, value] of content.attributes ?? []) {
      messages.push(attributeMessage(await this.#attribute(name, value)));
    }
    return await this.appender.append(encodeObjectHeader(messages));
  }

  /** Appends the head of a dataset whose elements are there. @returns its address. */
  dataset(head: DatasetHead): Promise<number> {
    return this.appender.append(encodeObjectHeader(datasetMessages(head)));
  }

  /** Appends a list of elements of `datatype`; a long one is compressed unless `plain`. @returns its address. */
  async array(
    datatype: datatypes.Datatype,
    elements: Uint8Array,
    options: { plain?: boolean } = {},
  ): Promise<number> {
    const count = elements.length / datatype.bytes;
    const isCompressed = count >= compressedElementsMin && !options.plain;
    const layout = isCompressed
      ? await this.#compress(elements, datatype.bytes)
      : await this.#contiguous(elements);
    return await this.dataset({ datatype, shape: [count], layout, fill: null });
  }

  /** Appends a list of strings, likewise. */
  async textArray(texts: readonly string[]): Promise<number> {
    return await this.array(datatypes.text, await this.#heap.store(texts));
  }

  /** Appends the root group and writes the superblock. @returns the size of the file in bytes. */
  async finish(links: readonly Link[]): Promise<number> {
    const root = await this.group({ links });
    await this.#heap.close();
    await this.appender.flush();
    const end = this.appender.end;
    await this.#sink.write(encodeSuperblock({ root, end }), 0);
    return end;
  }

  async #contiguous(elements: Uint8Array): Promise<Layout> {
    const address = elements.length === 0 ? null : await this.appender.append(elements);
    return { kind: "contiguous", address, bytes: elements.length };
  }

  async #compress(elements: Uint8Array, elementBytes: number): Promise<Layout> {
    const extents = [elements.length / elementBytes];
    const grid = cutIntoBlocks({ extents, isCategory: [false] }, {
      elementsMax: blockBytesMax / elementBytes,
      grouped: false,
    });
    const store = new BlockStore(this.appender);
    const bytes = grid.blockElements * elementBytes;
    for (let block = 0; block < grid.counts[0]!; block++) {
      const part = new Uint8Array(bytes);
      part.set(elements.subarray(block * bytes, (block + 1) * bytes));
      await store.store(block, part);
    }
    return { kind: "chunked", address: await store.close(grid), blockShape: grid.blockShape };
  }

  async #attribute(name: string, value: Scalar): Promise<Attribute> {
    checkName(name);
    if (typeof value === "string") {
      return { name, datatype: datatypes.text, value: await this.#heap.store([value]) };
    }
    const writer = new ByteWriter(8);
    if (typeof value === "boolean") {
      return { name, datatype: datatypes.boolean, value: writer.u8(value ? 1 : 0).bytes };
    }
    if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) {
      const integer = BigInt(value);
      return { name, datatype: integerType(integer, name), value: writer.u64(integer).bytes };
    }
    const float = typeof value === "number" ? value : value.value;
    return { name, datatype: datatypes.float64, value: writer.f64(float).bytes };
  }
}

/** `value` if an attribute can hold it, else null. */
export function asScalar(value: JsonValue): Scalar | null {
  if (value === null || Array.isArray(value) || value instanceof Map) return null;
  return value as Scalar;
}

function integerType(value: bigint, name: string): datatypes.Datatype {
  if (value >= int64Range[0] && value <= int64Range[1]) return datatypes.int64;
  if (value > 0n && value <= uint64Max) return datatypes.uint64;
  throw new Hdf5Error(`Cannot write "${name}": ${value} does not fit 64 bits`, { reason: "value" });
}

/** @throws {Hdf5Error} if HDF5 cannot name anything `name`. */
function checkName(name: string): void {
  if (name !== "" && !name.includes("\0")) return;
  throw new Hdf5Error(
    `Cannot write an attribute of the name ${JSON.stringify(name.slice(0, 80))}`,
    {
      reason: "name",
    },
  );
}

function encodeSuperblock(file: { root: number; end: number }): Uint8Array {
  return new ByteWriter(superblockBytes)
    .u8(0x89).raw(Uint8Array.from("HDF\r\n\x1a\n", (character) => character.charCodeAt(0)))
    // Versions of superblock, free space, root entry and shared messages; sizes of addresses and lengths.
    .u8(0).u8(0).u8(0).u8(0).u8(0).u8(8).u8(8).u8(0)
    // K of groups' leaves and nodes, which this file has none of; flags.
    .u16(4).u16(16).u32(0)
    .u64(0).u64(addressNone).u64(file.end).u64(addressNone)
    // The root's entry: no name, its header, nothing cached.
    .u64(0).u64(file.root).u32(0).u32(0).zeros(16).bytes;
}
