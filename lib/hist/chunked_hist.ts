/**
 * A histogram in chunks, one for each combination of categories that was filled, as histserv keeps it.
 *
 * @module
 */

import { type Axis, type CategoryAxis, type DenseAxis, isCategoryAxis } from "./axis.ts";
import { countCells, moveCells } from "./cell_layout.ts";
import { addCells, copyCells } from "./cell_sums.ts";
import {
  binOfScalar,
  type ChunkKey,
  chunkKeyText,
  type ChunkScalar,
  readChunkKey,
} from "./chunk_key.ts";
import { type DenseGrowth, type DenseState, fillDense } from "./dense_fill.ts";
import { type FillColumn, type FillWeight, readColumn, readWeight } from "./fill_columns.ts";
import { Hist } from "./hist.ts";
import { type HistSpec, makeHistSpec } from "./hist_spec.ts";
import { type Cells, type CellSource, cellWidth, newCells, type StorageType } from "./storage.ts";

/** What a chunked histogram may be given besides its axes; a `HistSpec` will do. */
export interface ChunkedHistOptions {
  /** What a cell adds up; default `double`. */
  readonly storage?: StorageType;
  /** Identifies the histogram; default empty. */
  readonly name?: string;
  /** For people; default empty. */
  readonly label?: string;
}

/** A chunk: its key, and its cells over the dense axes, row-major, flow bins included. */
export interface Chunk {
  /** A category for each category axis, in declaration order. */
  readonly key: ChunkKey;
  /** Not a copy; growth of a dense axis replaces it. */
  readonly cells: Cells;
}

/**
 * A histogram in chunks, in the order of their first fill.
 *
 * As in Python's histserv, a category axis takes every key of its kind, whether or not it says that it grows;
 * the categories that it was made with come without chunks. Chunks of what is in no category have keys with `null`.
 *
 * @example
 * ```ts
 * import { ChunkedHist, RegularAxis, StrCategoryAxis } from "@histserv/hist";
 *
 * const hist = new ChunkedHist([
 *   new StrCategoryAxis({ name: "dataset", growth: true }),
 *   new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1 }),
 * ]);
 * hist.fill({ dataset: "data", x: [0.1, 0.7, 0.8] });
 * hist.fill({ dataset: "signal", x: [0.2] }, { weight: [0.5] });
 * hist.chunk(["data"]); // Float64Array [0, 1, 2, 0]
 * hist.toHist().values(); // Float64Array [1, 2,  0.5, 0]
 * ```
 */
export class ChunkedHist {
  readonly #axes: Axis[];
  readonly #options: ChunkedHistOptions;
  /** Follows the axes: made anew when a dense one grows. */
  #spec: HistSpec;
  readonly #chunks = new Map<string, { key: ChunkKey; cells: Cells }>();

  /**
   * An empty histogram over copies of `axes`.
   *
   * @throws {RangeError} if an axis has no name or the name of another, or a chunk would have more than
   * 2^31 - 1 cells.
   */
  constructor(axes: readonly Axis[], options: ChunkedHistOptions = {}) {
    const { storage = "double", name = "", label = "" } = options;
    this.#axes = axes.map((axis) => axis.clone());
    this.#options = { storage, name, label };
    this.#spec = makeHistSpec(this.#axes, this.#options);
    countCells(this.#spec.denseExtents);
    const names = new Set(axes.map((axis) => axis.name));
    if (names.has("")) throw new RangeError("Cannot make a chunked histogram: an axis has no name");
    if (names.size < axes.length) {
      throw new RangeError("Cannot make a chunked histogram: two axes have the same name");
    }
  }

  /**
   * The contents of `hist` in chunks: one for every combination of categories, even if empty. What lies
   * in the overflow bin of a category axis is left out, as in Python's histserv, unless `keepOverflow`: then its
   * key has `null` in that place.
   *
   * @throws {RangeError} if an axis has no name or the name of another.
   */
  static fromHist(hist: Hist, options: { keepOverflow?: boolean } = {}): ChunkedHist {
    const chunked = new ChunkedHist(hist.axes, hist.spec);
    const { categoryAxes } = chunked.#spec;
    const keys = categoryAxes.reduce<(string | number | null)[][]>((heads, axis) => {
      const parts: (string | number | null)[] = axis.categories;
      if (axis.overflow && options.keepOverflow === true) parts.push(null);
      return heads.flatMap((key) => parts.map((part) => [...key, part]));
    }, [[]]);
    for (const key of keys) chunked.addChunk(key, chunkOf(hist, key));
    return chunked;
  }

  /** What this histogram is, without its contents; categories as of its making. */
  get spec(): HistSpec {
    return this.#spec;
  }

  /** Number of chunks. */
  get size(): number {
    return this.#chunks.size;
  }

  /** The chunks, in the order of their first fill. */
  chunks(): IterableIterator<Chunk> {
    return this.#chunks.values();
  }

  /**
   * The cells of the chunk of `key`, or `undefined` if there is none. Not a copy.
   *
   * @throws {RangeError} if the key has another length than there are category axes.
   * @throws {TypeError} if a component is of the wrong kind for its axis.
   */
  chunk(key: readonly ChunkScalar[]): Cells | undefined {
    return this.#chunks.get(chunkKeyText(this.#readKey(key)))?.cells;
  }

  /**
   * Adds entries to one chunk: under the name of each axis its values, for category axes a single one, and
   * maybe the entries' weights and samples. See {@linkcode Hist.fill}.
   *
   * All or nothing: after an error, the histogram is as before.
   *
   * @throws {RangeError} if a column is missing or too many, or lengths differ.
   * @throws {TypeError} if an axis or the storage does not take such values.
   */
  fill(
    columns: Readonly<Record<string, FillColumn>>,
    options: { weight?: FillWeight; sample?: FillWeight } = {},
  ): void {
    for (const name of Object.keys(columns)) {
      if (!this.#axes.some((axis) => axis.name === name)) {
        throw new RangeError(`Cannot fill: there is no axis "${name}"`);
      }
    }
    const key = this.#readKey(this.#spec.categoryAxes.map((axis) => columnOf(columns, axis)));
    const axes = [...this.#spec.denseAxes];
    const read = axes.map((axis) => readColumn(columnOf(columns, axis), axis));
    const weight = options.weight === undefined ? undefined : readWeight(options.weight);
    const sample = options.sample === undefined ? undefined : readWeight(options.sample);
    const { cellKind: kind, chunkCells } = this.#spec;
    const text = chunkKeyText(key);
    const chunk = this.#chunks.get(text) ?? { key, cells: newCells(kind, chunkCells) };
    const state: DenseState = { axes, kind, cells: chunk.cells };
    const growth = fillDense(state, { columns: read, weight, sample });
    if (growth !== undefined) this.#grow(state.axes as DenseAxis[], growth);
    // A chunk that was there before has been moved with the others, without the new entries.
    chunk.cells = state.cells;
    this.#chunks.set(text, chunk);
  }

  /**
   * Adds `cells` to the chunk of `key`, cell by cell; a new chunk is a copy of them.
   *
   * @throws {RangeError} if they are not as many as a chunk has, or of another kind, or the key has another
   * length than there are category axes.
   * @throws {TypeError} if a component of the key is of the wrong kind for its axis.
   */
  addChunk(key: readonly ChunkScalar[], cells: CellSource): void {
    const read = this.#readKey(key);
    const text = chunkKeyText(read);
    const { cellKind, chunkCells } = this.#spec;
    const chunk = this.#chunks.get(text);
    if (chunk !== undefined) {
      addCells(cellKind, chunk.cells, cells);
      return;
    }
    const copy = newCells(cellKind, chunkCells);
    copyCells(copy, cells);
    this.#chunks.set(text, { key: read, cells: copy });
  }

  /**
   * Adds the chunks of `other`. Labels and categories as of the making do not count.
   *
   * @throws {RangeError} if storages or axes differ otherwise; nothing is added then.
   */
  add(other: ChunkedHist): void {
    const { axes, cellKind } = other.#spec;
    const isCompatible = cellKind === this.#spec.cellKind && axes.length === this.#axes.length &&
      axes.every((axis, i) => isCompatibleAxis(axis, this.#axes[i]!));
    if (!isCompatible) {
      throw new RangeError("Cannot add chunked histograms: their axes or storages differ");
    }
    for (const { key, cells } of other.chunks()) this.addChunk(key, cells);
  }

  /**
   * The dense histogram of all chunks: its categories are those of the chunks, in the order of their first fill.
   *
   * @throws {RangeError} if there is not enough memory for it.
   */
  toHist(): Hist {
    const { storage, name, label } = this.#spec;
    const axes = this.#axes.map((axis) => axis.clone());
    const categoryAxes = axes.filter(isCategoryAxis);
    for (const axis of categoryAxes) axis.shrinkTo(0);
    for (const { key } of this.chunks()) growCategories(categoryAxes, key);
    const hist = new Hist(axes, { storage, name, label });
    for (const { key, cells } of this.chunks()) {
      const { places, width } = chunkPlaces(hist, key);
      for (const [i, place] of places.entries()) {
        for (let e = 0; e < width; e++) hist.cells[place + e] = cells[i * width + e]!;
      }
    }
    return hist;
  }

  #readKey(key: readonly unknown[]): ChunkKey {
    return readChunkKey(key, this.#spec.categoryAxes);
  }

  /** Follows the growth of the dense axes: all chunks share them. */
  #grow(grown: readonly DenseAxis[], growth: DenseGrowth): void {
    const kind = this.#spec.cellKind;
    const chunks = [...this.#chunks.values()];
    const moved = chunks.map(({ cells }) => moveCells(cells, { kind, ...growth }));
    // From here on nothing can fail.
    for (const [i, chunk] of chunks.entries()) chunk.cells = moved[i]!;
    const rest = [...grown];
    for (const [i, axis] of this.#axes.entries()) {
      if (!isCategoryAxis(axis)) this.#axes[i] = rest.shift()!;
    }
    this.#spec = makeHistSpec(this.#axes, this.#options);
  }
}

function columnOf(columns: Readonly<Record<string, FillColumn>>, axis: Axis): FillColumn {
  if (!Object.hasOwn(columns, axis.name)) {
    throw new RangeError(`Cannot fill: there is no column for the axis "${axis.name}"`);
  }
  return columns[axis.name]!;
}

function isCompatibleAxis(axis: Axis, other: Axis): boolean {
  if (axis.name !== other.name) return false;
  return isCategoryAxis(axis) ? axis.type === other.type : axis.equals(other);
}

/** Adds the categories of `key` to the axes, one for each component. */
export function growCategories(axes: readonly CategoryAxis[], key: ChunkKey): void {
  for (const [i, axis] of axes.entries()) {
    if (key[i] === null) continue;
    if (axis.type === "category_str") axis.growToHold(key[i] as string);
    else axis.growToHold(key[i] as number);
  }
}

/** The cells of `hist` that belong to the categories `key`, as a chunk. */
function chunkOf(hist: Hist, key: ChunkKey): Cells {
  const { places, width } = chunkPlaces(hist, key);
  const cells = newCells(hist.spec.cellKind, places.length);
  for (const [i, place] of places.entries()) {
    for (let e = 0; e < width; e++) cells[i * width + e] = hist.cells[place + e]!;
  }
  return cells;
}

/** Where in the cells of `hist` each cell of the chunk of `key` begins; `width` elements each. */
function chunkPlaces(hist: Hist, key: ChunkKey): { places: Float64Array; width: number } {
  const { axes, chunkCells, cellKind } = hist.spec;
  const width = cellWidth(cellKind);
  const places = new Float64Array(chunkCells);
  let component = 0;
  const fixed = axes.map((axis) => {
    return isCategoryAxis(axis) ? binOfScalar(axis, key[component++]!) : undefined;
  });
  const bins = axes.map((_, i) => fixed[i] ?? 0);
  const extents = axes.map((axis) => axis.extent);
  for (let i = 0; i < chunkCells; i++) {
    places[i] = bins.reduce((place, bin, axis) => place * extents[axis]! + bin, 0) * width;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      if (fixed[axis] !== undefined) continue;
      if (++bins[axis]! < extents[axis]!) break;
      bins[axis] = 0;
    }
  }
  return { places, width };
}
