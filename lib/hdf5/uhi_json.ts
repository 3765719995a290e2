/**
 * JSON objects of UHI.
 *
 * @module
 */

import { JsonFloat, type JsonValue } from "../hist/mod.ts";

/** An object as lib/hist reads it. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** The object that `value` is, or undefined. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return value instanceof Map ? value : undefined;
}

/** The number that a JSON number is. */
export function asDouble(value: JsonValue): number {
  return value instanceof JsonFloat ? value.value : Number(value);
}
