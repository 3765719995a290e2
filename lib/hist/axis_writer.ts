/**
 * Axes as UHI JSON, schema 1: the inverse of `axis_reader.ts`.
 *
 * @module
 */

import { type Axis, edgesOf } from "./axis.ts";
import type { AxisTransform } from "./axis_transform.ts";
import { JsonFloat, type JsonValue } from "./json_value.ts";
import type { RegularAxis } from "./regular_axis.ts";

/** `axis` as a JSON value, members in boost-histogram's order. */
export function writeAxis(axis: Axis): ReadonlyMap<string, JsonValue> {
  const members = new Map<string, JsonValue>();
  const info = new Map<string, JsonValue>();
  switch (axis.type) {
    case "regular":
      if (axis.transform === undefined) {
        members.set("type", "regular");
        members.set("lower", new JsonFloat(axis.lower));
        members.set("upper", new JsonFloat(axis.upper));
        members.set("bins", axis.size);
      } else {
        members.set("type", "variable");
        members.set("edges", floats(edgesOf(axis)));
      }
      writeFlow(axis, members);
      break;
    case "variable":
      members.set("type", "variable");
      members.set("edges", floats(edgesOf(axis)));
      writeFlow(axis, members);
      break;
    case "integer":
      members.set("type", "regular");
      members.set("lower", axis.lower);
      members.set("upper", axis.upper);
      members.set("bins", axis.size);
      writeFlow(axis, members);
      info.set("orig_type", "Integer");
      break;
    case "boolean":
      members.set("type", "boolean");
      break;
    case "category_int":
    case "category_str":
      members.set("type", axis.type);
      members.set("categories", axis.categories);
      members.set("flow", axis.overflow);
      break;
  }
  if (axis.growth) info.set("growth", true);
  if (axis.type === "regular" && axis.transform !== undefined) {
    writeTransform(axis, axis.transform, info);
  }
  if (info.size > 0) members.set("writer_info", new Map([["boost-histogram", info]]));
  if (axis.metadata.size > 0) members.set("metadata", axis.metadata);
  return members;
}

function writeFlow(axis: Axis, members: Map<string, JsonValue>): void {
  members.set("underflow", axis.underflow);
  members.set("overflow", axis.overflow);
  members.set("circular", axis.circular);
}

function writeTransform(
  axis: RegularAxis,
  transform: AxisTransform,
  info: Map<string, JsonValue>,
): void {
  info.set("transform", transform.type);
  if (transform.type === "pow") info.set("power", new JsonFloat(transform.power));
  info.set("bins", axis.size);
  info.set("lower", new JsonFloat(axis.lower));
  info.set("upper", new JsonFloat(axis.upper));
}

function floats(values: Float64Array): readonly JsonFloat[] {
  return Array.from(values, (value) => new JsonFloat(value));
}
