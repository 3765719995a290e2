/**
 * Selections as messages, read into those of lib/hist. What a message gets wrong by itself is refused with the path of
 * the offending field; what the axes cannot answer is refused with the path of the axis's selection.
 *
 * @module
 */

import {
  type Axis,
  type AxisPick,
  type AxisPoint,
  type AxisSelection,
  type AxisSlice,
  isCategoryAxis,
  type Rebin,
  type Selection,
  type SelectionError,
} from "../../hist/mod.ts";
import type {
  AxisPick as PickMessage,
  AxisPoint as PointMessage,
  AxisSelection as AxisSelectionMessage,
  AxisSlice as SliceMessage,
  Category,
  Selection as SelectionMessage,
} from "../../wire/gen_v1.ts";
import { invalidArgument, type ServiceError, shorten } from "../errors.ts";

/** Longest pattern of a pick. */
const PATTERN_CHARACTERS_MAX = 256;
/** Most patterns of a pick: each is held against every category. */
const PATTERNS_MAX = 64;

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** A selection that was read. */
export interface SelectionReading {
  readonly selection: Selection;
  /** What hist says of the selection as the refusal of a call. */
  refuse(error: SelectionError): ServiceError;
}

/** @throws {ServiceError} INVALID_ARGUMENT, for instance `selection.axes[1].slice.start: …`. */
export function readSelection(
  message: SelectionMessage | undefined,
  axes: readonly Axis[],
): SelectionReading {
  const paths = new Map<number, string>();
  const entries = (message?.axes ?? []).map((entry, i) => {
    const path = `selection.axes[${i}]`;
    const axis = readAxisNumber(entry, { axes, path });
    if (paths.has(axis)) throw refuse(path, `axis ${axis} is selected twice`);
    paths.set(axis, `${path}.${entry.take.case}`);
    return { axis, take: readTake(entry, { axis: axes[axis]!, path }) };
  });
  return {
    selection: { entries },
    refuse: (error) => {
      const path = paths.get(error.axis) ?? "selection";
      return refuse(path, error.message.replace(/^Cannot select( on axis \d+)?: /, ""), error);
    },
  };
}

function refuse(path: string, problem: string, cause?: unknown): ServiceError {
  return invalidArgument(`${path}: ${problem}`, cause);
}

function readAxisNumber(
  entry: AxisSelectionMessage,
  place: { axes: readonly Axis[]; path: string },
): number {
  const { axes, path } = place;
  const { axis } = entry;
  if (axis.case === "name") {
    const number = axes.findIndex(({ name }) => name === axis.value);
    if (number >= 0) return number;
    throw refuse(`${path}.name`, `there is no axis called "${shorten(axis.value)}"`);
  }
  if (axis.case === "number") {
    const number = axis.value < 0 ? axis.value + axes.length : axis.value;
    if (number >= 0 && number < axes.length) return number;
    throw refuse(`${path}.number`, `there is no axis ${axis.value} of ${axes.length}`);
  }
  throw refuse(path, "an axis needs its name or number");
}

/** What is read, on which axis, and where it stands. */
interface Place {
  readonly axis: Axis;
  readonly path: string;
}

function readTake({ take }: AxisSelectionMessage, place: Place): AxisSelection {
  const inside = { ...place, path: `${place.path}.${take.case}` };
  switch (take.case) {
    case "point":
      return readPoint(take.value, inside);
    case "slice":
      return readSlice(take.value, inside);
    case "pick":
      return readPick(take.value, inside);
    default:
      throw refuse(place.path, "a point, slice or pick is missing");
  }
}

function readSlice(slice: SliceMessage, place: Place): AxisSlice {
  const { start, stop } = slice;
  const action = readAction(slice);
  const bound = (point: PointMessage, name: string) =>
    readPoint(point, { ...place, path: `${place.path}.${name}` });
  return {
    type: "slice",
    ...(start ? { start: bound(start, "start") } : {}),
    ...(stop ? { stop: bound(stop, "stop") } : {}),
    ...(action ? { action } : {}),
  };
}

function readAction({ action }: SliceMessage): "sum" | Rebin | undefined {
  switch (action.case) {
    case "sum":
      return "sum";
    case "rebinFactor":
      return { type: "factor", factor: action.value };
    case "rebinGroups":
      return { type: "groups", groups: action.value.groups };
    case "rebinEdges":
      return { type: "edges", edges: action.value.edges };
    default:
      return undefined;
  }
}

function readPick(pick: PickMessage, place: Place): AxisPick {
  let patterns = 0;
  const points = pick.items.map(({ item }, i): AxisPick["points"][number] => {
    const path = `${place.path}.items[${i}]`;
    if (item.case === "point") return readPoint(item.value, { ...place, path: `${path}.point` });
    if (item.case !== "pattern") throw refuse(path, "a point or pattern is missing");
    if (item.value.length > PATTERN_CHARACTERS_MAX) {
      const length = item.value.length;
      throw refuse(
        `${path}.pattern`,
        `it has ${length} characters, the limit is ${PATTERN_CHARACTERS_MAX}`,
      );
    }
    if (++patterns > PATTERNS_MAX) {
      throw refuse(path, `there are more than ${PATTERNS_MAX} patterns`);
    }
    return { type: "match", pattern: item.value };
  });
  return { type: "pick", points };
}

function readPoint({ point, offset: moves }: PointMessage, place: Place): AxisPoint {
  const { path } = place;
  const offset = readInteger(moves, `${path}.offset`);
  switch (point.case) {
    case "index":
    case "at":
      if (offset !== 0) throw refuse(`${path}.offset`, `a point by ${point.case} is not moved`);
      return { type: point.case, index: readInteger(point.value, `${path}.${point.case}`) };
    case "loc":
      return { type: "loc", value: point.value, offset };
    case "category":
      return readCategory(point.value, { ...place, path: `${path}.category`, offset });
    case "underflow":
    case "overflow":
      return { type: point.case, offset };
    default:
      throw refuse(path, "no point is set");
  }
}

/** Numbers beyond those that are exact stand for no bin. */
function readInteger(value: bigint, path: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw refuse(path, `${value} is beyond 2^53`);
}

function readCategory({ value }: Category, place: Place & { offset: number }): AxisPoint {
  const { axis, path, offset } = place;
  if (!isCategoryAxis(axis)) throw refuse(path, "the axis has no categories");
  switch (value.case) {
    case "text":
      if (axis.type === "category_str") return { type: "loc", value: value.value, offset };
      throw refuse(path, `the axis has integer categories, not "${shorten(value.value)}"`);
    case "integer":
      if (axis.type !== "category_int") {
        throw refuse(path, `the axis has string categories, not ${value.value}`);
      }
      if (value.value < INT32_MIN || value.value > INT32_MAX) {
        throw refuse(path, `${value.value} is no 32-bit integer`);
      }
      return { type: "loc", value: Number(value.value), offset };
    default:
      return { type: "overflow", offset };
  }
}
