/**
 * The datasets into which UHI splits the cells of a storage, and how a cell becomes their elements.
 *
 * @module
 */

import type { Datatype } from "./datatypes.ts";
import { float64, int64 } from "./datatypes.ts";
import { Hdf5Error } from "./hdf5_error.ts";

/** A dataset of a storage. */
export interface CellComponent {
  /** What UHI calls it. */
  readonly key: string;
  readonly datatype: Datatype;
  /** What an empty cell holds. */
  readonly empty: number;
}

/** How a kind of cell is split. */
export interface CellLayout {
  /** What UHI calls the storage. */
  readonly uhiType: string;
  readonly components: readonly CellComponent[];
  /** Size of a cell in elements of 8 bytes. */
  readonly width: number;
  /**
   * Splits `count` cells of `source` from cell `from` on into `targets`, one for each component, from element
   * `at` on. Integers travel as the bits of doubles.
   */
  split(source: Float64Array, targets: readonly Float64Array[], range: CellRange): void;
}

/** Cells of a source, and where they go. */
export interface CellRange {
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

const values = { key: "values", datatype: float64, empty: 0 };
const variances = { key: "variances", datatype: float64, empty: 0 };

/** By `HistSpec.cellKind`; a `mean` cell is count, mean and sum of squared deltas, after boost-histogram. */
const layouts: Readonly<Record<string, CellLayout>> = {
  f64: { uhiType: "double", components: [values], width: 1, split: copyPlain },
  i64: {
    uhiType: "int",
    components: [{ ...values, datatype: int64 }],
    width: 1,
    split: copyPlain,
  },
  weighted: {
    uhiType: "weighted",
    components: [values, variances],
    width: 2,
    split: splitWeighted,
  },
  mean: {
    uhiType: "mean",
    components: [
      { key: "counts", datatype: float64, empty: 0 },
      values,
      // 0 / (0 - 1)
      { ...variances, empty: -0 },
    ],
    width: 3,
    split: splitMean,
  },
  weighted_mean: {
    uhiType: "weighted_mean",
    components: [
      { key: "sum_of_weights", datatype: float64, empty: 0 },
      { key: "sum_of_weights_squared", datatype: float64, empty: 0 },
      values,
      // 0 / (0 - 0 / 0)
      { ...variances, empty: NaN },
    ],
    width: 4,
    split: splitWeightedMean,
  },
};

/** The layout of cells of `cellKind`. @throws {Hdf5Error} if UHI has no storage for them. */
export function cellLayoutOf(cellKind: string): CellLayout {
  const layout = layouts[cellKind];
  if (layout !== undefined) return layout;
  throw new Hdf5Error(`Cannot write cells of kind "${cellKind}": UHI has no such storage`, {
    reason: "value",
  });
}

function copyPlain(source: Float64Array, targets: readonly Float64Array[], range: CellRange): void {
  targets[0]!.set(source.subarray(range.from, range.from + range.count), range.at);
}

function splitWeighted(
  source: Float64Array,
  targets: readonly Float64Array[],
  range: CellRange,
): void {
  const [values, variances] = targets as [Float64Array, Float64Array];
  const { count, at } = range;
  for (let i = 0, cell = 2 * range.from; i < count; i++, cell += 2) {
    values[at + i] = source[cell]!;
    variances[at + i] = source[cell + 1]!;
  }
}

function splitMean(source: Float64Array, targets: readonly Float64Array[], range: CellRange): void {
  const [counts, values, variances] = targets as [Float64Array, Float64Array, Float64Array];
  const { count, at } = range;
  for (let i = 0, cell = 3 * range.from; i < count; i++, cell += 3) {
    const entries = source[cell]!;
    counts[at + i] = entries;
    values[at + i] = source[cell + 1]!;
    variances[at + i] = source[cell + 2]! / (entries - 1);
  }
}

function splitWeightedMean(
  source: Float64Array,
  targets: readonly Float64Array[],
  range: CellRange,
): void {
  const [weights, squares, values, variances] = targets as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const { count, at } = range;
  for (let i = 0, cell = 4 * range.from; i < count; i++, cell += 4) {
    const weight = source[cell]!;
    const square = source[cell + 1]!;
    weights[at + i] = weight;
    squares[at + i] = square;
    values[at + i] = source[cell + 2]!;
    variances[at + i] = source[cell + 3]! / (weight - square / weight);
  }
}
