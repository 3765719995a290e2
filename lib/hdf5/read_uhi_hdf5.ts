/**
 * Histograms from UHI's HDF5 files: the inverse of `uhi_hdf5.ts`, for files of any program.
 *
 * @module
 */

import {
  type Cells,
  cellWidth,
  formatPythonJson,
  type Hist,
  HistFormatError,
  isMeanKind,
  JsonFloat,
  type JsonValue,
  parseHist,
  uhiFields,
  variancesToDeltas,
} from "../hist/mod.ts";
import {
  attributesOf,
  categoriesOf,
  type Dataset,
  type Group,
  type H5File,
  isDataset,
  isGroup,
  memberOf,
  numbersOf,
  withH5File,
} from "./h5_file.ts";

/** Attributes that are booleans, which some writers store as integers. */
const flags: readonly string[] = ["underflow", "overflow", "circular", "flow"];

/** The most cells that a reader takes if it is not told otherwise, as in lib/hist. */
const cellsMaxDefault = 2147483647;

/**
 * The histograms in an HDF5 file, by the names of their groups; the name is empty if the file itself is one.
 *
 * A small file can describe gigabytes of empty cells: give `cellsMax`, a limit for all that is read together, for
 * files from strangers. If `pick` is there, only the histogram that it names is read; it is given all names, in the
 * order of the file, and may throw. The file is read at once: no other task runs meanwhile, and nobody has proved that the library returns
 * for every damaged file. A server reads in a worker that it can end.
 *
 * @throws {HistFormatError} if it is no HDF5, is damaged, or holds no histogram, or one that does not follow UHI; the
 * path begins with the group's name.
 * @throws {RangeError} if there is not enough memory for its cells.
 */
export function readUhiHdf5(
  bytes: Uint8Array,
  options: { cellsMax?: number; pick?: (names: readonly string[]) => string } = {},
): Promise<Map<string, Hist>> {
  let cellsLeft = options.cellsMax ?? cellsMaxDefault;
  return withH5File(bytes, (file) => {
    const groups = histogramGroups(file.root);
    if (groups.size === 0) {
      throw new HistFormatError(
        "",
        "Cannot read histograms: no group has the attribute uhi_schema",
      );
    }
    const picked = options.pick?.([...groups.keys()]);
    const wanted = [...groups].filter(([name]) => picked === undefined || name === picked);
    return new Map(wanted.map(([name, group]) => {
      try {
        const hist = readHistogram(file, group, cellsLeft);
        cellsLeft -= hist.cells.length / cellWidth(hist.spec.cellKind);
        return [name, hist];
      } catch (error) {
        if (!(error instanceof HistFormatError) || name === "") throw error;
        throw new HistFormatError(
          error.path === "" ? name : `${name}.${error.path}`,
          error.problem,
        );
      }
    }));
  });
}

function histogramGroups(root: Group): Map<string, Group> {
  if ("uhi_schema" in root.attrs) return new Map([["", root]]);
  const groups = new Map<string, Group>();
  for (const name of root.keys()) {
    const member = memberOf(root, name);
    if (isGroup(member) && "uhi_schema" in member.attrs) groups.set(name, member);
  }
  return groups;
}

function readHistogram(file: H5File, group: Group, cellsMax: number): Hist {
  const members = attributesOf(group, "");
  if (members.get("uhi_schema") !== 1) throw new HistFormatError("uhi_schema", "must be 1");
  const axes = memberOf(group, "axes");
  if (!isDataset(axes)) throw new HistFormatError("axes", "is missing");
  const axisGroups = axes.metadata.total_size === 0 ? [] : file.groupsOf(axes, "axes");
  members.set(
    "axes",
    axisGroups.map((axis, i) => readAxis(axis, { path: `axes[${i}]`, elementsMax: cellsMax + 1 })),
  );
  const storage = memberOf(group, "storage");
  if (!isGroup(storage)) throw new HistFormatError("storage", "is missing");
  members.set("storage", attributesOf(storage, "storage"));
  readNotes(group, members, "");
  // Checked by the reader of UHI JSON, like any other histogram; without contents, which can be large.
  const hist = parseHist(formatPythonJson(members), { cellsMax });
  readCells(storage, hist);
  return hist;
}

function readAxis(
  group: Group,
  options: { path: string; elementsMax: number },
): ReadonlyMap<string, JsonValue> {
  const { path, elementsMax } = options;
  const members = attributesOf(group, path);
  for (const flag of flags) {
    const value = members.get(flag);
    if (value === 0 || value === 1) members.set(flag, value === 1);
  }
  const edges = memberOf(group, "edges");
  if (isDataset(edges)) {
    const numbers = numbersOf(edges, { path: `${path}.edges`, elementsMax });
    members.set("edges", Array.from(numbers, (edge) => new JsonFloat(Number(edge))));
  }
  const categories = memberOf(group, "categories");
  if (isDataset(categories)) {
    const place = { path: `${path}.categories`, elementsMax };
    members.set("categories", categoriesOf(categories, place));
  }
  readNotes(group, members, `${path}.`);
  return members;
}

function readNotes(group: Group, members: Map<string, JsonValue>, path: string): void {
  const metadata = memberOf(group, "metadata");
  if (isGroup(metadata)) {
    members.set("metadata", inOrder(attributesOf(metadata, `${path}metadata`)));
  }
  const writerInfo = memberOf(group, "writer_info");
  if (!isGroup(writerInfo)) return;
  const programs = new Map<string, JsonValue>();
  for (const name of writerInfo.keys()) {
    const program = memberOf(writerInfo, name);
    const place = `${path}writer_info.${name}`;
    if (isGroup(program)) programs.set(name, attributesOf(program, place));
  }
  members.set("writer_info", programs);
}

/** HDF5 keeps no order: name and label first, as everywhere else. */
function inOrder(metadata: ReadonlyMap<string, JsonValue>): Map<string, JsonValue> {
  const ordered = new Map<string, JsonValue>();
  for (const key of ["name", "label", ...metadata.keys()]) {
    const value = metadata.get(key);
    if (value !== undefined) ordered.set(key, value);
  }
  return ordered;
}

/** Fills the empty cells of `hist`. */
function readCells(storage: Group, hist: Hist): void {
  const { cellKind } = hist.spec;
  const keys = uhiFields[cellKind];
  const datasets = keys.map((key) => memberOf(storage, key));
  const index = memberOf(storage, "index");
  if (datasets.every((dataset) => dataset === undefined) && index === undefined) return;
  const places = isDataset(index) ? readIndex(index, hist.extents) : undefined;
  const shape = places === undefined ? hist.extents : [places.length];
  for (const [element, key] of keys.entries()) {
    const dataset = datasets[element];
    const path = `storage.${key}`;
    if (!isDataset(dataset)) throw new HistFormatError(path, "is missing");
    checkShape(dataset, { path, shape });
    const values = numbersOf(dataset, { path, elementsMax: Number.MAX_SAFE_INTEGER });
    const target = { cells: hist.cells, width: cellWidth(cellKind), element };
    storeColumn(target, { values, places, path });
  }
  if (isMeanKind(cellKind)) variancesToDeltas(cellKind, hist.cells);
}

/** Stores one element of every cell, or of those at `places`. */
function storeColumn(
  target: { cells: Cells; width: number; element: number },
  column: {
    values: ArrayLike<number | bigint>;
    places: Float64Array | undefined;
    path: string;
  },
): void {
  const { cells, width, element } = target;
  const { values, places, path } = column;
  for (let i = 0; i < values.length; i++) {
    const at = (places === undefined ? i : places[i]!) * width + element;
    if (cells instanceof Float64Array) cells[at] = Number(values[i]);
    else cells[at] = toInt64(values[i]!, path);
  }
}

function toInt64(value: number | bigint, path: string): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new HistFormatError(path, `must hold integers, not ${value}`);
  }
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) === integer) return integer;
  throw new HistFormatError(path, `must hold 64-bit integers, not ${value}`);
}

function checkShape(
  dataset: Dataset,
  expected: { path: string; shape: readonly number[] },
): void {
  const shape = dataset.shape ?? [];
  const { path } = expected;
  if (shape.length === expected.shape.length && shape.every((n, i) => n === expected.shape[i])) {
    return;
  }
  throw new HistFormatError(
    path,
    `must have the shape [${expected.shape.join(", ")}], not [${shape.join(", ")}]`,
  );
}

/** The cells of a sparse storage: a row for each axis, a column for each cell. */
function readIndex(index: Dataset, extents: readonly number[]): Float64Array {
  const path = "storage.index";
  const count = index.shape?.[1] ?? 0;
  checkShape(index, { path, shape: [extents.length, count] });
  const bins = numbersOf(index, { path, elementsMax: cellsMaxDefault });
  const places = new Float64Array(count);
  for (const [axis, extent] of extents.entries()) {
    for (let i = 0; i < count; i++) {
      const bin = Number(bins[axis * count + i]);
      if (!Number.isInteger(bin) || bin < 0 || bin >= extent) {
        throw new HistFormatError(`${path}[${axis}][${i}]`, `must be a bin below ${extent}`);
      }
      places[i] = places[i]! * extent + bin;
    }
  }
  return places;
}
