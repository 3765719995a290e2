/**
 * JSON values as Python's `json` module tells them apart: integers from floats, and whole numbers
 * beyond 2^53 exactly.
 *
 * @module
 */

/**
 * A number that is written as a float even if it is integral, like `1.0` or `1e+22`.
 *
 * Python tells `1.0` from `1`, so a text that is to come out as it went in must, too.
 *
 * @example
 * ```ts
 * import { formatPythonJson, JsonFloat } from "@histserv/hist";
 *
 * formatPythonJson(new JsonFloat(1)); // "1.0"
 * formatPythonJson(1); // "1"
 * ```
 */
export class JsonFloat {
  /** The number; any double. */
  readonly value: number;

  /** Marks `value` as a float. */
  constructor(value: number) {
    this.value = value;
  }
}

/**
 * A JSON value.
 *
 * A `number` is an integer within ±(2^53 - 1) or a float that is not integral (NaN and the
 * infinities included); a `bigint` is an integer beyond; a {@linkcode JsonFloat} an integral float.
 */
export type JsonValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | JsonFloat
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** The number that `value` stands for, rounded to a double; `undefined` if it is no number. */
export function toDouble(value: JsonValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (value instanceof JsonFloat) return value.value;
  return typeof value === "bigint" ? Number(value) : undefined;
}

/** The object that `value` is, or `undefined`. */
export function asObject(
  value: JsonValue | undefined,
): ReadonlyMap<string, JsonValue> | undefined {
  return value instanceof Map ? value : undefined;
}

/** The array that `value` is, or `undefined`. */
export function asArray(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** What a reader should call `value` in an error message. */
export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "bigint" || value instanceof JsonFloat) return "a number";
  if (value instanceof Map) return "an object";
  if (Array.isArray(value)) return "an array";
  return `a ${typeof value}`;
}
