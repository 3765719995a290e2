/**
 * JSON text as Python's `json.dumps` writes it with its defaults: separators `", "` and `": "`, ASCII
 * only, floats as `repr`, bare `NaN` and `Infinity`.
 *
 * @module
 */

import { JsonFloat, type JsonValue } from "./json_value.ts";

/**
 * `value` as Python's `json.dumps(value)` writes it.
 *
 * A `number` is written as an integer if it is one within ±(2^53 - 1), else as a float.
 */
export function formatPythonJson(value: JsonValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return formatPythonString(value);
  if (typeof value === "number") {
    const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isInteger ? String(value) : formatPythonFloat(value);
  }
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof JsonFloat) return formatPythonFloat(value.value);
  if (value instanceof Map) {
    const members: string[] = [];
    for (const [key, member] of value as ReadonlyMap<string, JsonValue>) {
      members.push(`${formatPythonString(key)}: ${formatPythonJson(member)}`);
    }
    return `{${members.join(", ")}}`;
  }
  return `[${(value as readonly JsonValue[]).map(formatPythonJson).join(", ")}]`;
}

/**
 * `value` as Python's `repr(float)`: the shortest digits that read back, an exponent below 1e-4 and from
 * 1e16 on, and always a point or an exponent: `100.0`, `1e+16`, `1e-05`, `-0.0`, `NaN`, `-Infinity`.
 */
export function formatPythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    // Here JavaScript writes no exponent either.
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** `text` in double quotes, everything but printable ASCII escaped. */
export function formatPythonString(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
