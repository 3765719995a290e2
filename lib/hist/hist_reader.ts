/**
 * Histograms from UHI JSON, schema 1, dense or sparse.
 *
 * @module
 */

import { readMetadata, readOptionalObject } from "./axis_reader.ts";
import { cellsMax as cellsInMemoryMax } from "./cell_layout.ts";
import { Hist } from "./hist.ts";
import { HistFormatError } from "./hist_format_error.ts";
import { readAxes, readRoot, readStorage } from "./hist_spec.ts";
import { parseJson } from "./json_reader.ts";
import { asArray, asObject, type JsonValue, kindOf, toDouble } from "./json_value.ts";
import {
  type CellKind,
  type Cells,
  cellWidth,
  isMeanKind,
  newCells,
  storageTraits,
} from "./storage.ts";
import { uhiFields, variancesToDeltas } from "./uhi_fields.ts";

type JsonObject = ReadonlyMap<string, JsonValue>;

/**
 * The histogram that `json` describes; an empty one if there are no contents.
 *
 * Bare `NaN` and infinities, missing metadata and unknown notes are fine.
 *
 * A few bytes of text can describe gigabytes of empty cells: give `cellsMax` for text from strangers. It is at
 * most, and by default, 2^31 - 1.
 *
 * @throws {HistFormatError} if it describes none, or one of more than `cellsMax` cells.
 * @throws {RangeError} if there is not enough memory for its cells.
 */
export function parseHist(json: string, options: { cellsMax?: number } = {}): Hist {
  return readHist(parseJson(json), options);
}

/**
 * The histograms of a file, by name: of one that is an object of histograms, or that is a single histogram, which
 * then is called by its own name.
 *
 * @throws {HistFormatError} if one of them is none, or they have more than `cellsMax` cells together; paths begin
 * with the name.
 * @throws {RangeError} if there is not enough memory for their cells.
 */
export function parseHists(
  json: string,
  options: { cellsMax?: number } = {},
): ReadonlyMap<string, Hist> {
  const root = asObject(parseJson(json));
  if (root === undefined) throw new HistFormatError("", "A file of histograms must be an object");
  // A histogram of that name is an object; the axes of a histogram are an array.
  if (asArray(root.get("axes")) !== undefined) {
    const hist = readHist(root, options);
    return new Map([[hist.name, hist]]);
  }
  const hists = new Map<string, Hist>();
  let cellsLeft = options.cellsMax ?? cellsInMemoryMax;
  for (const [name, value] of root) {
    try {
      const hist = readHist(value, { cellsMax: cellsLeft });
      cellsLeft -= hist.cells.length / cellWidth(hist.spec.cellKind);
      hists.set(name, hist);
    } catch (error) {
      if (!(error instanceof HistFormatError)) throw error;
      const path = error.path === "" ? name : `${name}.${error.path}`;
      throw new HistFormatError(path, error.problem);
    }
  }
  return hists;
}

function readHist(value: JsonValue, options: { cellsMax?: number }): Hist {
  const root = readRoot(value);
  const axes = readAxes(root);
  const storage = readStorage(root);
  const metadata = readMetadata(root, "");
  const writerInfo = readOptionalObject(root, "writer_info", "");
  const extents = axes.map((axis) => axis.extent);
  const cells = readCells(readOptionalObject(root, "storage", ""), {
    kind: storageTraits[storage].cellKind,
    extents,
    count: countOf(extents, options.cellsMax ?? cellsInMemoryMax),
  });
  return new Hist(axes, { storage, metadata, writerInfo, cells });
}

function countOf(extents: readonly number[], cellsMax: number): number {
  const count = extents.includes(0) ? 0 : extents.reduce((a, b) => a * b, 1);
  if (count <= Math.min(cellsMax, cellsInMemoryMax)) return count;
  throw new HistFormatError("axes", `make ${count} cells; the limit is ${cellsMax}`);
}

interface Shape {
  readonly kind: CellKind;
  readonly extents: readonly number[];
  readonly count: number;
}

function readCells(storage: JsonObject, shape: Shape): Cells {
  const keys = uhiFields[shape.kind];
  const missing = keys.filter((key) => !storage.has(key));
  const cells = newCells(shape.kind, shape.count);
  if (missing.length === keys.length && !storage.has("index")) return cells;
  if (missing.length > 0) throw new HistFormatError(`storage.${missing[0]}`, "is missing");
  const places = storage.has("index") ? readIndex(storage, shape) : undefined;
  for (const [element, key] of keys.entries()) {
    const sink = { cells, width: keys.length, element, path: `storage.${key}` };
    const value = storage.get(key)!;
    if (places !== undefined) readSparse(value, { ...sink, places });
    else readDense(value, { ...sink, shape });
  }
  if (isMeanKind(shape.kind)) variancesToDeltas(shape.kind, cells);
  return cells;
}

interface Sink {
  readonly cells: Cells;
  /** Elements of a cell. */
  readonly width: number;
  /** Which of them is read. */
  readonly element: number;
  readonly path: string;
}

function store(sink: Sink, place: number, value: JsonValue): boolean {
  const { cells, width, element } = sink;
  const at = place * width + element;
  if (cells instanceof Float64Array) {
    const number = toDouble(value);
    if (number === undefined) return false;
    cells[at] = number;
    return true;
  }
  const integer = typeof value === "bigint" ? value : integerOf(toDouble(value));
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) return false;
  cells[at] = integer;
  return true;
}

function integerOf(value: number | undefined): bigint | undefined {
  return Number.isInteger(value) ? BigInt(value!) : undefined;
}

function valueError(sink: Sink, path: string, value: JsonValue): HistFormatError {
  const expected = sink.cells instanceof Float64Array ? "a number" : "a 64-bit integer";
  const found = toDouble(value) === undefined ? kindOf(value) : String(toDouble(value));
  return new HistFormatError(path, `must be ${expected}, not ${found}`);
}

function readDense(value: JsonValue, sink: Sink & { shape: Shape }): void {
  const { extents, count } = sink.shape;
  // Arrays of nothing lose their inner dimensions on the way through JSON.
  if (count === 0) return;
  let place = 0;
  function readDimension(part: JsonValue, dimension: number, path: string): void {
    if (dimension === extents.length) {
      if (!store(sink, place++, part)) throw valueError(sink, path, part);
      return;
    }
    const list = asArray(part);
    const extent = extents[dimension]!;
    if (list?.length !== extent) {
      const found = list === undefined ? kindOf(part) : `of ${list.length}`;
      throw new HistFormatError(path, `must be an array of ${extent} bins, not ${found}`);
    }
    if (dimension < extents.length - 1) {
      list.forEach((member, bin) => readDimension(member, dimension + 1, `${path}[${bin}]`));
      return;
    }
    for (let bin = 0; bin < extent; bin++) {
      if (!store(sink, place++, list[bin]!)) throw valueError(sink, `${path}[${bin}]`, list[bin]!);
    }
  }
  readDimension(value, 0, sink.path);
}

function readSparse(value: JsonValue, sink: Sink & { places: Int32Array }): void {
  const { places, path } = sink;
  const list = asArray(value);
  if (list?.length !== places.length) {
    throw new HistFormatError(path, `must be an array of ${places.length}, as the index is`);
  }
  for (const [i, place] of places.entries()) {
    if (!store(sink, place, list[i]!)) throw valueError(sink, `${path}[${i}]`, list[i]!);
  }
}

/** The cells that a sparse storage names: for each axis an array of bins, flow bins included. */
function readIndex(storage: JsonObject, shape: Shape): Int32Array {
  const rows = asArray(storage.get("index"));
  const { extents } = shape;
  if (rows?.length !== extents.length) {
    throw new HistFormatError("storage.index", `must be an array of ${extents.length} arrays`);
  }
  const length = asArray(rows[0])?.length ?? 0;
  const places = new Int32Array(length);
  for (const [axis, row] of rows.entries()) {
    const path = `storage.index[${axis}]`;
    const bins = asArray(row);
    if (bins?.length !== length) {
      throw new HistFormatError(path, `must be an array of ${length} bins`);
    }
    const extent = extents[axis]!;
    for (let i = 0; i < length; i++) {
      const bin = toDouble(bins[i]);
      if (!Number.isInteger(bin) || bin! < 0 || bin! >= extent) {
        throw new HistFormatError(`${path}[${i}]`, `must be a bin below ${extent}`);
      }
      places[i] = places[i]! * extent + bin!;
    }
  }
  return places;
}
