/**
 * The integers of V2: zigzag LEB128 of 64 bits in at most 9 bytes, where the ninth byte has 8 bits.
 *
 * @module
 */

/** A 64-bit integer takes at most so many bytes. */
export const zigzagBytesMax = 9;

/** A decoded integer and where the next one begins. */
export interface Zigzag {
  value: bigint;
  next: number;
}

/** The integer at `at`, of any size; null if it goes on after the end of `bytes`. */
export function readZigzag(bytes: Uint8Array, at: number): Zigzag | null {
  let raw = 0n;
  for (let n = 0; n < zigzagBytesMax; n++) {
    const byte = bytes[at + n];
    if (byte === undefined) return null;
    const isLast = n === zigzagBytesMax - 1;
    raw |= BigInt(isLast ? byte : byte & 0x7f) << BigInt(7 * n);
    if (isLast || byte < 0x80) {
      return { value: raw >> 1n ^ -(raw & 1n), next: at + n + 1 };
    }
  }
  return null;
}

/** Writes an integer in [-2^63, 2^63-1] at `at`, where there is room for 9 bytes. Returns where the next one begins. */
export function writeZigzag(
  bytes: Uint8Array,
  options: { at: number; value: number | bigint },
): number {
  const { value } = options;
  let at = options.at;
  if (typeof value === "number" && value < 0x4000_0000 && value >= -0x4000_0000) {
    let raw = (value << 1 ^ value >> 31) >>> 0;
    for (; raw >= 0x80; raw >>>= 7) bytes[at++] = raw | 0x80;
    bytes[at++] = raw;
    return at;
  }
  const exact = BigInt(value);
  let raw = BigInt.asUintN(64, exact << 1n ^ exact >> 63n);
  for (let n = 1; n < zigzagBytesMax && raw >= 0x80n; n++) {
    bytes[at++] = Number(raw & 0x7fn) | 0x80;
    raw >>= 7n;
  }
  bytes[at++] = Number(raw);
  return at;
}
