/**
 * The closed set of HDF5 datatypes that UHI's files need, as datatype messages of version 1.
 *
 * HDF5 File Format Specification 3.0, IV.A.2.d.
 *
 * @module
 */

import { ByteWriter, encodeText } from "./byte_writer.ts";

/** A datatype as it stands in a file. */
export interface Datatype {
  /** The encoded message. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** Size of an element in bytes. */
  readonly bytes: 1 | 8 | 16;
}

const class_ = { integer: 0, float: 1, reference: 7, enumeration: 8, variableLength: 9 } as const;
const version = 0x10;

/** IEEE double, little-endian. */
export const float64: Datatype = {
  bytes: 8,
  // Bits: implied leading mantissa bit, sign in bit 63; then offset, precision, exponent, mantissa, bias.
  message: head(class_.float, [0x20, 0x3f, 0], 8)
    .u16(0).u16(64).u8(52).u8(11).u8(0).u8(52).u32(1023).bytes,
};

/** Two's complement, little-endian. */
export const int64: Datatype = { bytes: 8, message: integer(8, true) };

/** For numbers that int64 does not hold. */
export const uint64: Datatype = { bytes: 8, message: integer(8, false) };

/** What h5py makes of `bool`: an enumeration of one byte, FALSE = 0 and TRUE = 1. */
export const boolean: Datatype = {
  bytes: 1,
  message: head(class_.enumeration, [2, 0, 0], 1)
    .raw(integer(1, true))
    .raw(memberName("FALSE")).raw(memberName("TRUE"))
    .u8(0).u8(1).bytes,
};

/** A reference to a group or dataset: its address. */
export const objectReference: Datatype = {
  bytes: 8,
  message: head(class_.reference, [0, 0, 0], 8).bytes,
};

/** A UTF-8 string of variable length, kept in a global heap. */
export const text: Datatype = {
  bytes: 16,
  // Bits: a string, terminated by NUL in memory; UTF-8.
  message: head(class_.variableLength, [1, 1, 0], 16).raw(integer(1, false)).bytes,
};

function head(class_: number, bits: [number, number, number], bytes: number): ByteWriter {
  const writer = new ByteWriter(64).u8(version | class_);
  for (const byte of bits) writer.u8(byte);
  return writer.u32(bytes);
}

function integer(bytes: number, isSigned: boolean): Uint8Array<ArrayBuffer> {
  return head(class_.integer, [isSigned ? 8 : 0, 0, 0], bytes).u16(0).u16(8 * bytes).bytes;
}

/** With NUL, padded to a multiple of 8. */
function memberName(name: string): Uint8Array<ArrayBuffer> {
  return new ByteWriter(16).raw(encodeText(name)).u8(0).align().bytes;
}
