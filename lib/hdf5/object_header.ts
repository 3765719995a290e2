/**
 * Object headers: what a group or dataset is, as a list of messages.
 *
 * Headers of version 1, which every HDF5 reads and which need no checksum, with links as messages (compact groups,
 * HDF5 1.8): no symbol tables, heaps or B-trees for groups, whatever their number of members.
 * HDF5 File Format Specification 3.0, IV.A.
 *
 * @module
 */

import { addressNone, ByteWriter, encodeText } from "./byte_writer.ts";
import type { Datatype } from "./datatypes.ts";
import { Hdf5Error } from "./hdf5_error.ts";

/** The most messages of a header, counted in 16 bits. */
const messagesMax = 65535;
/** The most bytes of a message: 16 bits, a multiple of 8. */
const messageBytesMax = 65528;
/** Level of deflate, as `uhi.io.hdf5` asks for. */
export const deflateLevel = 4;

/** A message: its type and its body. */
export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** A member of a group. */
export interface Link {
  /** Not empty, without slash. */
  readonly name: string;
  /** Of the member's object header. */
  readonly address: number;
}

/** A named value of an object. */
export interface Attribute {
  readonly name: string;
  readonly datatype: Datatype;
  /** One element. */
  readonly value: Uint8Array;
}

/** Encodes an object header. @throws {Hdf5Error} if there are too many messages, or one is too long. */
export function encodeObjectHeader(messages: readonly Message[]): Uint8Array<ArrayBuffer> {
  if (messages.length > messagesMax) {
    throw new Hdf5Error(
      `Cannot write an object of ${messages.length} parts: the limit is ${messagesMax}`,
      { reason: "too_large" },
    );
  }
  const list = new ByteWriter(1024);
  for (const { type, body } of messages) {
    const padded = body.length + (-body.length & 7);
    if (padded > messageBytesMax) {
      throw new Hdf5Error(
        `Cannot write a part of ${body.length} bytes: the limit is ${messageBytesMax}`,
        { reason: "too_large" },
      );
    }
    list.u16(type).u16(padded).u8(0).zeros(3).raw(body).zeros(padded - body.length);
  }
  // Version, number of messages, references to this header, bytes of messages, padding to 16.
  return new ByteWriter(list.length + 16)
    .u8(1).u8(0).u16(messages.length).u32(1).u32(list.length).zeros(4).raw(list.bytes).bytes;
}

/** The messages of a group. */
export function groupMessages(links: readonly Link[]): Message[] {
  // Link info: no order of creation, no dense storage. Group info: no estimates.
  const info = new ByteWriter(24).u8(0).u8(0).u64(addressNone).u64(addressNone).bytes;
  return [
    { type: 0x02, body: info },
    { type: 0x0a, body: new ByteWriter(8).u8(0).u8(0).bytes },
    ...links.map(linkMessage),
  ];
}

function linkMessage({ name, address }: Link): Message {
  const bytes = encodeText(name);
  // Flags: the length takes two bytes, the encoding is told. A hard link.
  const body = new ByteWriter(16 + bytes.length)
    .u8(1).u8(0x11).u8(encodingOf(name)).u16(Math.min(bytes.length, 65535)).raw(bytes).u64(address);
  return { type: 0x06, body: body.bytes };
}

/** The message of an attribute. */
export function attributeMessage({ name, datatype, value }: Attribute): Message {
  const bytes = encodeText(name);
  const scalar = dataspace([]);
  const body = new ByteWriter(96)
    .u8(3).u8(0)
    .u16(Math.min(bytes.length + 1, 65535)).u16(datatype.message.length).u16(scalar.length)
    .u8(encodingOf(name))
    .raw(bytes).u8(0).raw(datatype.message).raw(scalar).raw(value);
  return { type: 0x0c, body: body.bytes };
}

/** 0 for ASCII, 1 for UTF-8. */
function encodingOf(name: string): 0 | 1 {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 127) return 1;
  return 0;
}

/** Where the elements of a dataset lie. */
export type Layout =
  | { readonly kind: "contiguous"; readonly address: number | null; readonly bytes: number }
  | {
    readonly kind: "chunked";
    /** Of the B-tree; null if no block is stored. */
    readonly address: number | null;
    /** Shape of a block. */
    readonly blockShape: readonly number[];
  };

/** What a dataset is, apart from its elements. */
export interface DatasetHead {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly layout: Layout;
  /** What elements read as that are not stored; null for zeros. */
  readonly fill: Uint8Array | null;
}

/** The messages of a dataset; a chunked one is compressed. */
export function datasetMessages(head: DatasetHead): Message[] {
  const { datatype, layout } = head;
  const isChunked = layout.kind === "chunked";
  const messages: Message[] = [
    { type: 0x01, body: dataspace(head.shape) },
    { type: 0x03, body: datatype.message },
    { type: 0x05, body: fillValue(head.fill, isChunked) },
    { type: 0x08, body: layoutBody(layout, datatype.bytes) },
  ];
  if (isChunked) messages.push({ type: 0x0b, body: deflateFilter() });
  return messages;
}

/** Version 1; no shape is a scalar. */
function dataspace(shape: readonly number[]): Uint8Array {
  const writer = new ByteWriter(8 + 8 * shape.length).u8(1).u8(shape.length).zeros(6);
  for (const extent of shape) writer.u64(extent);
  return writer.bytes;
}

function fillValue(fill: Uint8Array | null, isChunked: boolean): Uint8Array {
  // Version 2; space is taken when needed; fill values are written with it; a value is defined.
  const writer = new ByteWriter(16).u8(2).u8(isChunked ? 3 : 2).u8(2).u8(1);
  if (fill === null) return writer.u32(0).bytes;
  return writer.u32(fill.length).raw(fill).bytes;
}

function layoutBody(layout: Layout, elementBytes: number): Uint8Array {
  const writer = new ByteWriter(64).u8(3);
  const address = layout.address ?? addressNone;
  if (layout.kind === "contiguous") return writer.u8(1).u64(address).u64(layout.bytes).bytes;
  writer.u8(2).u8(layout.blockShape.length + 1).u64(address);
  for (const extent of layout.blockShape) writer.u32(extent);
  return writer.u32(elementBytes).bytes;
}

function deflateFilter(): Uint8Array {
  return new ByteWriter(32)
    .u8(1).u8(1).zeros(6)
    // Deflate, a name of 8 bytes, optional, one parameter and its padding.
    .u16(1).u16(8).u16(1).u16(1).raw(encodeText("deflate")).u8(0).u32(deflateLevel).u32(0).bytes;
}
