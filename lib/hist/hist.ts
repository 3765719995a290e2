/**
 * A dense histogram: axes, and a cell for every combination of their bins.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { textOf } from "./axis_base.ts";
import { mergeAxes } from "./axis_merge.ts";
import { countCells, moveCells } from "./cell_layout.ts";
import { type DenseState, fillDense } from "./dense_fill.ts";
import { type FillColumn, type FillWeight, readColumn, readWeight } from "./fill_columns.ts";
import { addCells } from "./cell_sums.ts";
import { type HistSpec, makeHistSpec } from "./hist_spec.ts";
import type { JsonValue } from "./json_value.ts";
import {
  type CellField,
  type Cells,
  cellWidth,
  newCells,
  storageTraits,
  type StorageType,
} from "./storage.ts";
import { countsOf, fieldOf, type ShownCells, variancesOf } from "./uhi_values.ts";

/** What a histogram may be given besides its axes. */
export interface HistOptions {
  /** What a cell adds up; default `double`. */
  readonly storage?: StorageType;
  /** Identifies the histogram. */
  readonly name?: string;
  /** For people. */
  readonly label?: string;
  /** Anything else that shall travel with the histogram, after name and label. */
  readonly metadata?: ReadonlyMap<string, JsonValue>;
  /** Notes of the programs that wrote the histogram, as UHI has them; kept, never read. */
  readonly writerInfo?: ReadonlyMap<string, JsonValue>;
  /** The contents, which the histogram then owns; default empty. */
  readonly cells?: Cells;
  /** False for contents that were weighted although the storage keeps no variances; default true. */
  readonly isVarianceKnown?: boolean;
}

/**
 * A dense histogram.
 *
 * @example
 * ```ts
 * import { Hist, RegularAxis, StrCategoryAxis } from "@histserv/hist";
 *
 * const hist = new Hist([
 *   new StrCategoryAxis({ name: "dataset", growth: true }),
 *   new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 1 }),
 * ], { storage: "weight" });
 * hist.fill(["data", Float64Array.of(0.1, 0.3, 0.3)]);
 * hist.fill(["signal", Float64Array.of(0.6, 7)], { weight: [0.5, 2] });
 * hist.values(); // Float64Array [1, 2, 0, 0,  0, 0, 0.5, 0]
 * hist.values({ flow: true })[11]; // 2: overflow of "signal"
 * ```
 */
export class Hist {
  readonly #state: DenseState;
  readonly #storage: StorageType;
  /** False once a fill was weighted although the storage keeps no variances. */
  #isVarianceKnown: boolean;

  /** What travels with the histogram, in order; `name` and `label`, if present, are strings. */
  readonly metadata: ReadonlyMap<string, JsonValue>;
  /** Notes of the programs that wrote the histogram. */
  readonly writerInfo: ReadonlyMap<string, JsonValue>;

  /**
   * A histogram over copies of `axes`.
   *
   * @throws {RangeError} if it would have more than 2^31 - 1 cells or more than there is memory for, or if
   * the given cells are not as many as needed or of another kind.
   */
  constructor(axes: readonly Axis[], options: HistOptions = {}) {
    const { storage = "double", name, label } = options;
    const kind = storageTraits[storage].cellKind;
    const copies = axes.map((axis) => axis.clone());
    const count = countCells(copies.map((axis) => axis.extent));
    const cells = options.cells ?? newCells(kind, count);
    const length = cellWidth(kind) * count;
    if (cells.length !== length || cells instanceof BigInt64Array !== (kind === "i64")) {
      throw new RangeError(`Cannot make a histogram: needs ${count} cells of kind "${kind}"`);
    }
    this.#state = { axes: copies, kind, cells };
    this.#storage = storage;
    this.#isVarianceKnown = options.isVarianceKnown ?? true;
    const metadata = new Map<string, JsonValue>();
    if (name !== undefined) metadata.set("name", name);
    if (label !== undefined) metadata.set("label", label);
    for (const [key, value] of options.metadata ?? []) metadata.set(key, value);
    this.metadata = metadata;
    this.writerInfo = options.writerInfo ?? new Map();
  }

  /** The axes. A fill that grows one may replace it: ask anew. */
  get axes(): readonly Axis[] {
    return this.#state.axes;
  }

  /** The extents of the axes, flow bins included: the shape of the cells. */
  get extents(): readonly number[] {
    return this.#state.axes.map((axis) => axis.extent);
  }

  /** What a cell adds up. */
  get storage(): StorageType {
    return this.#storage;
  }

  /** Identifies the histogram; may be empty. */
  get name(): string {
    return textOf(this.metadata, "name");
  }

  /** For people; may be empty. */
  get label(): string {
    return textOf(this.metadata, "label");
  }

  /**
   * All cells, flow bins included, row-major; a cell is one element or several, see {@linkcode cellFields}. Not a
   * copy; growth replaces it.
   */
  get cells(): Cells {
    return this.#state.cells;
  }

  /** False once a fill was weighted although the storage keeps no variances. */
  get isVarianceKnown(): boolean {
    return this.#isVarianceKnown;
  }

  /** What this histogram is, without its contents. */
  get spec(): HistSpec {
    const { name, label } = this;
    return makeHistSpec(this.#state.axes, { storage: this.#storage, name, label });
  }

  /**
   * Adds entries: a column for each axis, in order, maybe their weights, and for means their samples. A single value
   * stands for all entries. Entries that have no bin are dropped. Growing axes get the bins that they lack.
   *
   * All or nothing: after an error, the histogram is as before.
   *
   * @throws {RangeError} if lengths differ, or an axis cannot grow as far as needed.
   * @throws {TypeError} if an axis or the storage does not take such values.
   */
  fill(
    columns: readonly FillColumn[],
    options: { weight?: FillWeight; sample?: FillWeight } = {},
  ): void {
    const { axes, kind } = this.#state;
    if (columns.length !== axes.length) {
      throw new RangeError(`Cannot fill ${axes.length} axes with ${columns.length} columns`);
    }
    const weight = options.weight === undefined ? undefined : readWeight(options.weight);
    const sample = options.sample === undefined ? undefined : readWeight(options.sample);
    const read = columns.map((column, i) => readColumn(column, axes[i]!));
    fillDense(this.#state, { columns: read, weight, sample });
    if (weight !== undefined && (kind === "f64" || kind === "i64")) this.#isVarianceKnown = false;
  }

  /**
   * The sums of weights, or the means, row-major, with flow bins if `flow`. A copy; integers above 2^53 are rounded,
   * see {@linkcode Hist.cells}.
   */
  values(options: { flow?: boolean } = {}): Float64Array<ArrayBuffer> {
    return this.view("value", options);
  }

  /**
   * The variances of the values, likewise; `null` if they are unknown, which they are after a weighted fill
   * of a storage that does not keep them. Of means it is the variance of the mean (NaN for one entry or
   * none), not that of the samples.
   */
  variances(options: { flow?: boolean } = {}): Float64Array<ArrayBuffer> | null {
    return this.#isVarianceKnown ? variancesOf(this.#shown(options)) : null;
  }

  /** Likewise the number of entries behind each mean, the effective one if weighted; else the values. */
  counts(options: { flow?: boolean } = {}): Float64Array<ArrayBuffer> {
    return countsOf(this.#shown(options));
  }

  /**
   * Likewise a field of the cells by its name, see {@linkcode cellFields}.
   *
   * @throws {RangeError} if the cells have no such field.
   */
  view(field: CellField, options: { flow?: boolean } = {}): Float64Array<ArrayBuffer> {
    return fieldOf(this.#shown(options), field);
  }

  #shown(options: { flow?: boolean }): ShownCells {
    return { ...this.#state, flow: options.flow ?? false };
  }

  /**
   * Adds the contents of `other`, cell by cell. Names and labels of axes do not count; growing category axes get
   * the categories of both.
   *
   * All or nothing: after an error, the histogram is as before.
   *
   * @throws {RangeError} if axes or kinds of cells differ otherwise.
   */
  add(other: Hist): void {
    const state = this.#state;
    const source = other.#state;
    const { kind } = state;
    if (kind !== source.kind) {
      throw new RangeError(`Cannot add histograms: storages ${this.#storage}, ${other.#storage}`);
    }
    if (state.axes.length !== source.axes.length) {
      throw new RangeError("Cannot add histograms: they differ in their number of axes");
    }
    const merges = state.axes.map((axis, i) => mergeAxes(axis, source.axes[i]!, `axes ${i}`));
    const extents = merges.map(({ axis }) => axis.extent);
    countCells(extents);
    const isSame = merges.every(({ targetMap, sourceMap }) => targetMap === sourceMap);
    const moved = (cells: Cells, maps: Int32Array[]) => moveCells(cells, { kind, maps, extents });
    const addend = isSame
      ? source.cells
      : moved(source.cells, merges.map(({ sourceMap }) => sourceMap));
    if (merges.some(({ isGrown }) => isGrown)) {
      state.cells = moved(state.cells, merges.map(({ targetMap }) => targetMap));
      state.axes = merges.map(({ axis }) => axis);
    }
    addCells(kind, state.cells, addend);
    this.#isVarianceKnown &&= other.#isVarianceKnown;
  }

  /** An equal histogram that shares nothing with this one. */
  clone(): Hist {
    return this.derive(this.axes, this.#state.cells.slice() as Cells);
  }

  /**
   * A histogram of the same storage, name and metadata over other axes, with these contents, which it then owns.
   *
   * @throws {RangeError} if the cells are not as many as needed or of another kind.
   */
  derive(axes: readonly Axis[], cells: Cells): Hist {
    const { storage, metadata, writerInfo, isVarianceKnown } = this;
    return new Hist(axes, { storage, metadata, writerInfo, isVarianceKnown, cells });
  }
}
