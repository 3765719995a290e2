/**
 * Writes the protobuf wire format into memory whose size was computed first.
 *
 * @module
 */

/** Bytes of the varint of `value`, in [0, 2^53). */
export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}

/** Writes the varint of `value`, in [0, 2^53), and gives the offset after it. */
export function writeVarint(
  target: Uint8Array,
  options: { offset: number; value: number },
): number {
  let { offset, value } = options;
  for (; value >= 128; value = Math.floor(value / 128)) target[offset++] = value % 128 | 0x80;
  target[offset++] = value;
  return offset;
}

/** Bytes of the varint of the 64 bits at `offset`, little-endian; in [1, 10]. */
export function varint64Bytes(source: Uint8Array, offset: number): number {
  const low = readUint32(source, offset);
  const high = readUint32(source, offset + 4);
  if (high === 0) return varintBytes(low);
  // 64 bits less the leading zeros, in groups of seven.
  return Math.ceil((64 - Math.clz32(high)) / 7);
}

/** Writes the 64 bits at `sourceOffset`, little-endian, as a varint, and gives the offset after it. */
export function writeVarint64(
  target: Uint8Array,
  options: { offset: number; source: Uint8Array; sourceOffset: number },
): number {
  let { offset } = options;
  let low = readUint32(options.source, options.sourceOffset);
  let high = readUint32(options.source, options.sourceOffset + 4);
  while (high !== 0 || low >= 128) {
    target[offset++] = low & 0x7f | 0x80;
    low = (low >>> 7 | high << 25) >>> 0;
    high >>>= 7;
  }
  target[offset++] = low;
  return offset;
}

/** Reads 32 bits, little-endian, in [0, 2^32). */
export function readUint32(source: Uint8Array, offset: number): number {
  return (source[offset]! | source[offset + 1]! << 8 | source[offset + 2]! << 16 |
    source[offset + 3]! << 24) >>> 0;
}
