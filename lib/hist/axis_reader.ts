/**
 * Axes from UHI JSON, schema 1.
 *
 * Whatever boost-histogram 1.8 constructs from such text is accepted, and what it refuses is refused.
 * An integer axis travels as a `regular` one, a transformed axis as a `variable` one, both with a note under
 * `writer_info["boost-histogram"]`; other notes are ignored.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import type { AxisTransform } from "./axis_transform.ts";
import { BooleanAxis } from "./boolean_axis.ts";
import { IntCategoryAxis, StrCategoryAxis } from "./category_axis.ts";
import { AxisError, HistFormatError } from "./hist_format_error.ts";
import { IntegerAxis, isInt32 } from "./integer_axis.ts";
import { asArray, asObject, type JsonValue, kindOf, toDouble } from "./json_value.ts";
import { RegularAxis } from "./regular_axis.ts";
import { VariableAxis } from "./variable_axis.ts";

type JsonObject = ReadonlyMap<string, JsonValue>;

/** The note that boost-histogram leaves in `writer_info`, or an empty object. */
export function readBoostInfo(object: JsonObject, path: string): JsonObject {
  const info = readOptionalObject(object, "writer_info", path);
  return readOptionalObject(info, "boost-histogram", join(path, "writer_info"));
}

/**
 * The axis that `value` describes.
 *
 * @throws {HistFormatError} if it describes none; paths begin with `path`.
 */
export function readAxis(value: JsonValue, path: string): Axis {
  const object = asObject(value);
  if (object === undefined) {
    throw new HistFormatError(path, `must be an object, not ${kindOf(value)}`);
  }
  try {
    return readAxisObject(object, path);
  } catch (error) {
    if (!(error instanceof AxisError)) throw error;
    throw new HistFormatError(`${path}.${error.field}`, error.problem);
  }
}

function readAxisObject(object: JsonObject, path: string): Axis {
  const type = object.get("type");
  const boost = readBoostInfo(object, path);
  const metadata = readMetadata(object, path);
  const growth = readOptionalFlag(boost, "growth", `${path}.writer_info.boost-histogram`);
  switch (type) {
    case "regular": {
      const flow = readFlow(object, path);
      if (boost.get("orig_type") === "Integer") {
        return readInteger(object, path, { ...flow, growth, metadata });
      }
      return new RegularAxis({
        bins: readInt(object, "bins", path),
        lower: readNumber(object, "lower", path),
        upper: readNumber(object, "upper", path),
        ...flow,
        growth,
        metadata,
      });
    }
    case "variable": {
      const flow = readFlow(object, path);
      const transform = readTransform(boost, path);
      if (transform !== undefined) return readTransformed(transform, boost, metadata, path);
      return new VariableAxis({ edges: readEdges(object, path), ...flow, growth, metadata });
    }
    case "boolean":
      return new BooleanAxis({ metadata });
    case "category_int": {
      const overflow = readFlag(object, "flow", path);
      const categories = readCategories(object, path, isIntCategory, "32-bit integers");
      return new IntCategoryAxis({ categories, overflow, growth, metadata });
    }
    case "category_str": {
      const overflow = readFlag(object, "flow", path);
      const categories = readCategories(object, path, isText, "strings");
      return new StrCategoryAxis({ categories, overflow, growth, metadata });
    }
    case undefined:
      throw new HistFormatError(`${path}.type`, "is missing");
    default:
      throw new HistFormatError(
        `${path}.type`,
        typeof type === "string"
          ? `unknown axis type "${type.slice(0, 40)}"`
          : `must be a string, not ${kindOf(type)}`,
      );
  }
}

function readInteger(
  object: JsonObject,
  path: string,
  options: {
    underflow: boolean;
    overflow: boolean;
    circular: boolean;
    growth: boolean;
    metadata: ReadonlyMap<string, JsonValue>;
  },
): IntegerAxis {
  const lower = readInt(object, "lower", path);
  const upper = readInt(object, "upper", path);
  const bins = readNumber(object, "bins", path);
  const axis = new IntegerAxis({ lower, upper, ...options });
  if (bins !== upper - lower) {
    throw new HistFormatError(`${path}.bins`, `must be upper - lower = ${upper - lower}`);
  }
  return axis;
}

function readTransformed(
  transform: AxisTransform,
  boost: JsonObject,
  metadata: ReadonlyMap<string, JsonValue>,
  path: string,
): RegularAxis {
  const infoPath = `${path}.writer_info.boost-histogram`;
  return new RegularAxis({
    bins: readInt(boost, "bins", infoPath),
    lower: readNumber(boost, "lower", infoPath),
    upper: readNumber(boost, "upper", infoPath),
    transform,
    metadata,
  });
}

/** The transform that the note names, if we know it; without it, the axis is as good as its edges. */
function readTransform(boost: JsonObject, path: string): AxisTransform | undefined {
  const type = boost.get("transform");
  if (type === "log" || type === "sqrt") return { type };
  if (type !== "pow") return undefined;
  return { type, power: readNumber(boost, "power", `${path}.writer_info.boost-histogram`) };
}

function readEdges(object: JsonObject, path: string): Float64Array {
  const list = readArray(object, "edges", path);
  const edges = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const edge = toDouble(list[i]);
    if (edge === undefined) {
      throw new HistFormatError(`${path}.edges[${i}]`, `must be a number, not ${kindOf(list[i])}`);
    }
    edges[i] = edge;
  }
  return edges;
}

function readCategories<T extends JsonValue>(
  object: JsonObject,
  path: string,
  isCategory: (value: JsonValue) => value is T,
  expected: string,
): T[] {
  const list = readArray(object, "categories", path);
  const wrong = list.findIndex((category) => !isCategory(category));
  if (wrong < 0) return list as T[];
  const place = `${path}.categories[${wrong}]`;
  throw new HistFormatError(place, `must be ${expected}, not ${kindOf(list[wrong])}`);
}

function isIntCategory(value: JsonValue): value is number {
  return typeof value === "number" && isInt32(value);
}

function isText(value: JsonValue): value is string {
  return typeof value === "string";
}

function readFlow(
  object: JsonObject,
  path: string,
): { underflow: boolean; overflow: boolean; circular: boolean } {
  return {
    underflow: readFlag(object, "underflow", path),
    overflow: readFlag(object, "overflow", path),
    circular: readFlag(object, "circular", path),
  };
}

/** The metadata of an axis or histogram; null members and those whose key begins with "@" are dropped, as UHI asks. */
export function readMetadata(object: JsonObject, path: string): ReadonlyMap<string, JsonValue> {
  const metadata = new Map<string, JsonValue>();
  for (const [key, value] of readOptionalObject(object, "metadata", path)) {
    if (value === null || key.startsWith("@")) continue;
    if ((key === "name" || key === "label") && typeof value !== "string") {
      throw new HistFormatError(
        `${join(path, "metadata")}.${key}`,
        `must be a string, not ${kindOf(value)}`,
      );
    }
    metadata.set(key, value);
  }
  return metadata;
}

/** The object under `key`, or an empty one if there is none. */
export function readOptionalObject(object: JsonObject, key: string, path: string): JsonObject {
  const value = object.get(key);
  if (value === undefined) return new Map();
  const member = asObject(value);
  if (member !== undefined) return member;
  throw new HistFormatError(join(path, key), `must be an object, not ${kindOf(value)}`);
}

/** The array under `key`. */
export function readArray(object: JsonObject, key: string, path: string): readonly JsonValue[] {
  const array = asArray(object.get(key));
  if (array !== undefined) return array;
  throw wrongType(object, key, path, "an array");
}

function readNumber(object: JsonObject, key: string, path: string): number {
  const value = toDouble(object.get(key));
  if (value !== undefined) return value;
  throw wrongType(object, key, path, "a number");
}

/** An integer literal: `3.0` is none, as in Python. */
function readInt(object: JsonObject, key: string, path: string): number {
  const value = object.get(key);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "bigint") return Number(value);
  throw wrongType(object, key, path, "an integer");
}

function readFlag(object: JsonObject, key: string, path: string): boolean {
  const value = object.get(key);
  if (typeof value === "boolean") return value;
  throw wrongType(object, key, path, "true or false");
}

function readOptionalFlag(object: JsonObject, key: string, path: string): boolean {
  return object.has(key) ? readFlag(object, key, path) : false;
}

function wrongType(
  object: JsonObject,
  key: string,
  path: string,
  expected: string,
): HistFormatError {
  const value = object.get(key);
  if (value === undefined) return new HistFormatError(join(path, key), "is missing");
  const isFloat = expected === "an integer" && toDouble(value) !== undefined;
  const found = isFloat ? "a float" : kindOf(value);
  return new HistFormatError(join(path, key), `must be ${expected}, not ${found}`);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
