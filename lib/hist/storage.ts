/**
 * What a cell holds, and how it is laid out.
 *
 * @module
 */

/**
 * What a histogram adds up in each cell, after boost-histogram's storages: a `double`; an `int64`
 * (`atomic_int64` differs in name only); a `weight`: sums of weights and of squared weights;
 * `unlimited`: here a double, exact to 2^53, as everywhere outside of Boost's memory; a `mean` of samples,
 * and a `weighted_mean`.
 */
export type StorageType =
  | "double"
  | "int64"
  | "atomic_int64"
  | "weight"
  | "unlimited"
  | "mean"
  | "weighted_mean";

/**
 * How cells are laid out in memory and on the wire, little-endian: `i64` one two's complement integer,
 * wrapping modulo 2^64; the others as many doubles as they have fields, see {@linkcode cellFields}.
 */
export type CellKind = "f64" | "i64" | "weighted" | "mean" | "weighted_mean";

/** A field of a cell, by boost-histogram's name, its leading underscores dropped. */
export type CellField =
  | "value"
  | "variance"
  | "count"
  | "sum_of_weights"
  | "sum_of_weights_squared"
  | "sum_of_deltas_squared"
  | "sum_of_weighted_deltas_squared";

/** The fields of a cell, in order. */
export const cellFields: Readonly<Record<CellKind, readonly CellField[]>> = {
  f64: ["value"],
  i64: ["value"],
  weighted: ["value", "variance"],
  mean: ["count", "value", "sum_of_deltas_squared"],
  weighted_mean: [
    "sum_of_weights",
    "sum_of_weights_squared",
    "value",
    "sum_of_weighted_deltas_squared",
  ],
};

/** What UHI JSON calls the kinds of storage. */
export type UhiStorageType = "double" | "int" | "weighted" | "mean" | "weighted_mean";

/** Size of a cell in bytes: 8 for each field. */
export type CellBytes = 8 | 16 | 24 | 32;

/** What there is to know about a storage. */
export interface StorageTraits {
  /** How its cells are laid out. */
  readonly cellKind: CellKind;
  /** Size of a cell in bytes. */
  readonly cellBytes: CellBytes;
  /** What UHI JSON calls it; several storages share a name. */
  readonly uhiType: UhiStorageType;
  /** What boost-histogram calls its class. */
  readonly boostName: string;
}

const double: StorageTraits = {
  cellKind: "f64",
  cellBytes: 8,
  uhiType: "double",
  boostName: "Double",
};
const int64: StorageTraits = {
  cellKind: "i64",
  cellBytes: 8,
  uhiType: "int",
  boostName: "Int64",
};

/** The traits of every storage. */
export const storageTraits: Readonly<Record<StorageType, StorageTraits>> = {
  double,
  int64,
  atomic_int64: { ...int64, boostName: "AtomicInt64" },
  weight: { cellKind: "weighted", cellBytes: 16, uhiType: "weighted", boostName: "Weight" },
  unlimited: { ...double, boostName: "Unlimited" },
  mean: { cellKind: "mean", cellBytes: 24, uhiType: "mean", boostName: "Mean" },
  weighted_mean: {
    cellKind: "weighted_mean",
    cellBytes: 32,
    uhiType: "weighted_mean",
    boostName: "WeightedMean",
  },
};

/** Cells in memory: `i64` as bigints, all others as doubles, the fields of a cell side by side. */
export type Cells = Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** Cells to read from, which may be shared between threads. */
export type CellSource = Float64Array | BigInt64Array;

/** Array elements of a cell, in [1, 4]. */
export function cellWidth(kind: CellKind): number {
  return cellFields[kind].length;
}

/** Whether cells of this kind are means of samples: a fill needs samples, and their sums are no plain sums. */
export function isMeanKind(kind: CellKind): kind is "mean" | "weighted_mean" {
  return kind === "mean" || kind === "weighted_mean";
}

/**
 * `count` empty cells.
 *
 * @throws {RangeError} if there is not that much memory.
 */
export function newCells(kind: CellKind, count: number): Cells {
  return kind === "i64" ? new BigInt64Array(count) : new Float64Array(cellWidth(kind) * count);
}
