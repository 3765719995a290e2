/**
 * Keys of chunks: a category for each category axis.
 *
 * @module
 */

import type { CategoryAxis } from "./axis.ts";
import { isInt32 } from "./integer_axis.ts";

/** A category in a user's hand; integers in 32 bits; `null` for what is in no category. */
export type ChunkScalar = string | number | bigint | null;

/**
 * A category for each category axis, in declaration order: strings, or integers in 32 bits; `null` for the
 * overflow bin of an axis that has one.
 */
export type ChunkKey = readonly (string | number | null)[];

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

function readChunkScalar(scalar: unknown, axis: CategoryAxis): string | number | null {
  if (scalar === null && axis.overflow) return null;
  const value = typeof scalar === "bigint" ? Number(scalar) : scalar;
  if (axis.type === "category_str" && typeof value === "string") return value;
  if (axis.type === "category_int" && typeof value === "number" && isInt32(value)) {
    return value + 0;
  }
  const expected = axis.type === "category_str" ? "a string" : "a 32-bit integer";
  throw new TypeError(`Cannot use the key: the axis "${axis.name}" takes ${expected}`);
}

/** The bin of a component of a key: as `axis.index` says, the last for what is in no category. */
export function binOfScalar(axis: CategoryAxis, scalar: string | number | null): number {
  if (scalar === null) return axis.size;
  return axis.type === "category_str" ? axis.index(scalar as string) : axis.index(scalar as number);
}

/** A text that differs from that of every other key of the same axes. */
export function chunkKeyText(key: ChunkKey): string {
  return JSON.stringify(key);
}
