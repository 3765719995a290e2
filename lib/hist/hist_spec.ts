/**
 * What a histogram is, without its contents: axes, storage, name, and the sizes that follow from them.
 *
 * A histogram is kept in chunks, one for each combination of categories that was filled; a chunk is the
 * dense array over the other axes. The text form is UHI JSON without contents, as Python's histserv sends it.
 *
 * @module
 */

import { type Axis, type CategoryAxis, type DenseAxis, isCategoryAxis } from "./axis.ts";
import {
  readArray,
  readAxis,
  readBoostInfo,
  readMetadata,
  readOptionalObject,
} from "./axis_reader.ts";
import { writeAxis } from "./axis_writer.ts";
import { textOf } from "./axis_base.ts";
import { HistFormatError } from "./hist_format_error.ts";
import { parseJson } from "./json_reader.ts";
import { asObject, type JsonValue, kindOf } from "./json_value.ts";
import { formatPythonJson } from "./python_json.ts";
import { type CellBytes, type CellKind, storageTraits, type StorageType } from "./storage.ts";

/** The most axes of a histogram, as in Boost. */
const axesMax = 32;

/** What a histogram is, without its contents. */
export interface HistSpec {
  /** All axes, in declaration order. */
  readonly axes: readonly Axis[];
  /** What a cell adds up. */
  readonly storage: StorageType;
  /** Identifies the histogram; may be empty. */
  readonly name: string;
  /** For people; may be empty. */
  readonly label: string;
  /** All but the category axes, in declaration order: the dimensions of a chunk. */
  readonly denseAxes: readonly DenseAxis[];
  /** The category axes, in declaration order: the components of a chunk's key. */
  readonly categoryAxes: readonly CategoryAxis[];
  /** Extents of the dense axes, flow bins included; a chunk is row-major (C order). Empty for none. */
  readonly denseExtents: readonly number[];
  /** How a cell is laid out. */
  readonly cellKind: CellKind;
  /** Size of a cell in bytes. */
  readonly cellBytes: CellBytes;
  /** Cells of a chunk: the product of the dense extents, 1 for none. In [0, 2^50]. */
  readonly chunkCells: number;
  /** Size of a chunk in bytes. In [0, 2^53); may be far more than there is memory. */
  readonly chunkBytes: number;
}

/**
 * The specification of a histogram with these axes.
 *
 * @throws {RangeError} if a chunk would have 2^53 bytes or more.
 */
export function makeHistSpec(
  axes: readonly Axis[],
  options: { storage?: StorageType; name?: string; label?: string } = {},
): HistSpec {
  const { storage = "double", name = "", label = "" } = options;
  const { cellKind, cellBytes } = storageTraits[storage];
  const denseAxes: DenseAxis[] = [];
  const categoryAxes: CategoryAxis[] = [];
  for (const axis of axes) {
    if (isCategoryAxis(axis)) categoryAxes.push(axis);
    else denseAxes.push(axis);
  }
  const denseExtents = denseAxes.map((axis) => axis.extent);
  const chunkCells = denseExtents.includes(0) ? 0 : denseExtents.reduce((a, b) => a * b, 1);
  const chunkBytes = chunkCells * cellBytes;
  if (chunkBytes > Number.MAX_SAFE_INTEGER) {
    throw new RangeError("Cannot make a histogram: its dense axes need 2^53 bytes or more");
  }
  const sizes = { denseExtents, cellKind, cellBytes, chunkCells, chunkBytes };
  return { axes, storage, name, label, denseAxes, categoryAxes, ...sizes };
}

/**
 * What UHI JSON describes; contents are ignored.
 *
 * Lenient where Python's histserv is: the schema version, metadata and notes of other writers may be missing or
 * unknown, `NaN` and infinities bare. Time and memory are proportional to the text, whatever the number
 * of bins. See {@linkcode checkCompatible} for what Python's service demands beyond.
 *
 * @throws {HistFormatError} if it describes no histogram.
 */
export function parseHistSpec(json: string): HistSpec {
  const root = readRoot(parseJson(json));
  const axes = readAxes(root);
  const storage = readStorage(root);
  const metadata = readMetadata(root, "");
  try {
    return makeHistSpec(axes, {
      storage,
      name: textOf(metadata, "name"),
      label: textOf(metadata, "label"),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HistFormatError("axes", "need 2^53 bytes or more for their cells");
  }
}

/**
 * `spec` as UHI JSON without contents, in the very text that Python's histserv writes:
 * `parseHistSpec` and this make the text that it sent.
 */
export function formatHistSpec(spec: HistSpec): string {
  return formatPythonJson(
    new Map<string, JsonValue>([
      ["uhi_schema", 1],
      ["axes", spec.axes.map(writeAxis)],
      ["storage", new Map([["type", storageTraits[spec.storage].uhiType]])],
      ["metadata", new Map([["name", spec.name], ["label", spec.label]])],
    ]),
  );
}

/** The object that a histogram's text must be. */
export function readRoot(value: JsonValue): ReadonlyMap<string, JsonValue> {
  const root = asObject(value);
  if (root !== undefined) return root;
  throw new HistFormatError("", `A histogram must be a JSON object, not ${kindOf(value)}`);
}

/** The histogram's axes. */
export function readAxes(root: ReadonlyMap<string, JsonValue>): Axis[] {
  const list = readArray(root, "axes", "");
  if (list.length > axesMax) throw new HistFormatError("axes", `must not be more than ${axesMax}`);
  return list.map((axis, i) => readAxis(axis, `axes[${i}]`));
}

/** The histogram's storage; boost-histogram notes in two places which one it really was. */
export function readStorage(root: ReadonlyMap<string, JsonValue>): StorageType {
  if (!root.has("storage")) throw new HistFormatError("storage", "is missing");
  const storage = readOptionalObject(root, "storage", "");
  const type = storage.get("type");
  const boost = asObject(asObject(root.get("writer_info"))?.get("boost-histogram"));
  const note = boost?.get("storage_type") ?? readBoostInfo(storage, "storage").get("orig_type");
  switch (type) {
    case "double":
      return note === "Unlimited" ? "unlimited" : "double";
    case "int":
      return note === "AtomicInt64" ? "atomic_int64" : "int64";
    case "weighted":
      return "weight";
    case "mean":
    case "weighted_mean":
      return type;
    case undefined:
      throw new HistFormatError("storage.type", "is missing");
    default:
      throw new HistFormatError(
        "storage.type",
        typeof type === "string"
          ? `unknown storage type "${type.slice(0, 40)}"`
          : `must be a string, not ${kindOf(type)}`,
      );
  }
}
