/**
 * The canonical bytes of a chunk key: one meaning on the wire, in memory, and on disk.
 *
 *     key       = component*                     one per category axis, in the order of the axes
 *     component = 0x01 length:u32 utf8[length]   a string
 *               | 0x02 value:i64                 an integer
 *               | 0x00                           unset, from a client that forgot it
 *
 * Numbers are little-endian. Two keys name the same chunk exactly if their bytes are equal.
 *
 * @module
 */

/** The category of one category axis. */
export type ChunkScalar = string | bigint;

/** First byte of a component. */
export const componentKind = { unset: 0, string: 1, int: 2 } as const;

/** Bytes of the components before their text. */
export const stringHeadBytes = 5;
/** Bytes of an integer component. */
export const intComponentBytes = 9;

/** The bytes are no chunk key, or one with an unset component. */
export class ChunkKeyError extends SyntaxError {
  /** The class, for messages. */
  override readonly name = "ChunkKeyError";
}

/**
 * Encodes a chunk key.
 *
 * ```ts
 * import { decodeChunkKey, encodeChunkKey } from "@histserv/wire";
 *
 * const key = encodeChunkKey(["muon", -1n]); // 5 + 4 + 9 bytes
 * const [flavour, charge] = decodeChunkKey(key); // "muon", -1n
 * ```
 *
 * @throws {RangeError} if an integer does not fit 64 bits, or a string is not well-formed Unicode.
 */
export function encodeChunkKey(scalars: readonly ChunkScalar[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = scalars.map((scalar) => {
    if (typeof scalar === "bigint") return scalar;
    if (!scalar.isWellFormed()) {
      throw new RangeError("Cannot encode chunk key: string has a lone surrogate");
    }
    return encoder.encode(scalar);
  });
  let byteLength = 0;
  for (const part of parts) {
    byteLength += typeof part === "bigint" ? intComponentBytes : stringHeadBytes + part.length;
  }
  const key = new Uint8Array(byteLength);
  const view = new DataView(key.buffer);
  let offset = 0;
  for (const part of parts) {
    if (typeof part === "bigint") {
      if (BigInt.asIntN(64, part) !== part) {
        throw new RangeError(`Cannot encode chunk key: ${part} does not fit 64 bits`);
      }
      key[offset] = componentKind.int;
      view.setBigInt64(offset + 1, part, true);
      offset += intComponentBytes;
    } else {
      key[offset] = componentKind.string;
      view.setUint32(offset + 1, part.length, true);
      key.set(part, offset + stringHeadBytes);
      offset += stringHeadBytes + part.length;
    }
  }
  return key;
}

/**
 * Decodes a chunk key: one scalar per category axis.
 *
 * @throws {ChunkKeyError} if the bytes are no key, or a component is unset.
 */
export function decodeChunkKey(key: Uint8Array): ChunkScalar[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return splitChunkKey(key).map((component, index) => {
    switch (component[0]) {
      case componentKind.int:
        return new DataView(component.buffer, component.byteOffset).getBigInt64(1, true);
      case componentKind.string:
        try {
          return decoder.decode(component.subarray(stringHeadBytes));
        } catch (cause) {
          throw new ChunkKeyError("Cannot decode chunk key: string is not UTF-8", { cause });
        }
      default:
        throw new ChunkKeyError(`Cannot decode chunk key: component ${index} is unset`);
    }
  });
}

/**
 * Cuts a chunk key into its components, views of `key`; each is a key of one component.
 *
 * @throws {ChunkKeyError} if the bytes are no key.
 */
export function splitChunkKey(key: Uint8Array): Uint8Array[] {
  const components: Uint8Array[] = [];
  for (let offset = 0; offset < key.length;) {
    const end = offset + componentBytes(key, offset);
    if (end > key.length) throw new ChunkKeyError("Cannot decode chunk key: it is cut");
    components.push(key.subarray(offset, end));
    offset = end;
  }
  return components;
}

/** Tells whether every component of a well-formed key has a value. */
export function isChunkKeySet(key: Uint8Array): boolean {
  for (let offset = 0; offset < key.length; offset += componentBytes(key, offset)) {
    if (key[offset] === componentKind.unset) return false;
  }
  return true;
}

/** Bytes of the component at `offset`, maybe more than there are. */
function componentBytes(key: Uint8Array, offset: number): number {
  switch (key[offset]) {
    case componentKind.unset:
      return 1;
    case componentKind.int:
      return intComponentBytes;
    case componentKind.string:
      if (offset + stringHeadBytes > key.length) return stringHeadBytes;
      return stringHeadBytes +
        (key[offset + 1]! | key[offset + 2]! << 8 | key[offset + 3]! << 16) +
        key[offset + 4]! * 0x100_0000;
    default:
      throw new ChunkKeyError(`Cannot decode chunk key: kind ${key[offset]} is not known`);
  }
}
