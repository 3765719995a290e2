/**
 * What a cell holds, and how it is laid out.
 *
 * @module
 */

/**
 * What a histogram adds up in each cell, after boost-histogram's storages: a `double`; an `int64`
 * (`atomic_int64` differs in name only); a `weight`: sums of weights and of squared weights;
 * `unlimited`: here a double, exact to 2^53, as everywhere outside of Boost's memory.
 */
export type StorageType = "double" | "int64" | "atomic_int64" | "weight" | "unlimited";

/**
 * How cells are laid out in memory and on the wire, little-endian: `f64` one double; `i64` one two's
 * complement integer, wrapping modulo 2^64; `weighted` two doubles, value and variance.
 */
export type CellKind = "f64" | "i64" | "weighted";

/** What UHI JSON calls the kinds of storage. */
export type UhiStorageType = "double" | "int" | "weighted";

/** What there is to know about a storage. */
export interface StorageTraits {
  /** How its cells are laid out. */
  readonly cellKind: CellKind;
  /** Size of a cell in bytes. */
  readonly cellBytes: 8 | 16;
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
};

/** Cells in memory: `f64` and `weighted` as doubles, `i64` as bigints. */
export type Cells = Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/**
 * `count` empty cells; a weighted cell takes two elements, value first.
 *
 * @throws {RangeError} if there is not that much memory.
 */
export function newCells(kind: CellKind, count: number): Cells {
  if (kind === "i64") return new BigInt64Array(count);
  return new Float64Array(kind === "weighted" ? 2 * count : count);
}

/**
 * Adds `source` to `target`, element by element; integers wrap modulo 2^64.
 *
 * @throws {RangeError} if their kinds or lengths differ.
 */
export function addCells(target: Cells, source: Cells): void {
  if (target.length !== source.length) {
    throw new RangeError(`Cannot add ${source.length} elements to ${target.length}`);
  }
  if (target instanceof Float64Array && source instanceof Float64Array) {
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  } else if (target instanceof BigInt64Array && source instanceof BigInt64Array) {
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
  } else {
    throw new RangeError("Cannot add cells of another kind");
  }
}
