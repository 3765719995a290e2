/**
 * Keys of chunks: a category for each category axis.
 *
 * @module
 */

import type { CategoryAxis } from "./axis.ts";
import { isInt32 } from "./integer_axis.ts";

/** A category in a user's hand; integers in 32 bits. */
export type ChunkScalar = string | number | bigint;

/** A category for each category axis, in declaration order: strings, or integers in 32 bits. */
export type ChunkKey = readonly (string | number)[];

/**
 * `key` with its components checked against `axes`.
 *
 * @throws {RangeError} if it has another length.
 * @throws {TypeError} if a component is of the wrong kind for its axis, or an integer is beyond 32 bits.
 */
export function readChunkKey(key: readonly unknown[], axes: readonly CategoryAxis[]): ChunkKey {
  if (key.length !== axes.length) {
    throw new RangeError(
      `Cannot use the key: it has ${key.length} components for ${axes.length} category axes`,
    );
  }
  return axes.map((axis, i) => readChunkScalar(key[i], axis));
}

function readChunkScalar(scalar: unknown, axis: CategoryAxis): string | number {
  const value = typeof scalar === "bigint" ? Number(scalar) : scalar;
  if (axis.type === "category_str" && typeof value === "string") return value;
  if (axis.type === "category_int" && typeof value === "number" && isInt32(value)) {
    return value + 0;
  }
  const expected = axis.type === "category_str" ? "a string" : "a 32-bit integer";
  throw new TypeError(`Cannot use the key: the axis "${axis.name}" takes ${expected}`);
}

/** A text that differs from that of every other key of the same axes. */
export function chunkKeyText(key: ChunkKey): string {
  return JSON.stringify(key);
}
