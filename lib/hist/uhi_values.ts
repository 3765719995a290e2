/**
 * What a histogram shows of its cells: fields, and the values, variances and counts of the UHI protocol.
 *
 * @see the plotting protocol of UHI
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import { selectBins } from "./flow_bins.ts";
import { type CellField, cellFields, type CellKind, type Cells, cellWidth } from "./storage.ts";

type Doubles = Float64Array<ArrayBuffer>;

/** Cells over axes, and whether to show their flow bins. */
export interface ShownCells {
  readonly axes: readonly Axis[];
  readonly kind: CellKind;
  readonly cells: Cells;
  readonly flow: boolean;
}

/**
 * One field of each cell.
 *
 * @throws {RangeError} if cells of this kind have no such field.
 */
export function fieldOf(shown: ShownCells, field: CellField): Doubles {
  const { axes, kind, cells, flow } = shown;
  const element = cellFields[kind].indexOf(field);
  if (element < 0) {
    throw new RangeError(
      `Cannot view the field "${field}": cells have ${cellFields[kind].join(", ")}`,
    );
  }
  return selectBins(cells, { axes, flow, element, width: cellWidth(kind) });
}

/** The variance of each value: of the mean, not of the samples, where values are means. */
export function variancesOf(shown: ShownCells): Doubles {
  const { kind } = shown;
  if (kind === "weighted") return fieldOf(shown, "variance");
  if (kind === "mean") {
    const counts = fieldOf(shown, "count");
    const deltas = fieldOf(shown, "sum_of_deltas_squared");
    return counts.map((count, i) => count > 1 ? deltas[i]! / (count - 1) / count : NaN);
  }
  if (kind === "weighted_mean") {
    const squares = fieldOf(shown, "sum_of_weights_squared");
    const deltas = fieldOf(shown, "sum_of_weighted_deltas_squared");
    return fieldOf(shown, "sum_of_weights").map((sum, i) =>
      sum * sum > squares[i]! ? deltas[i]! / (sum - squares[i]! / sum) / sum : NaN
    );
  }
  return fieldOf(shown, "value");
}

/** Of means the number of entries, if weighted the effective one; else the values. */
export function countsOf(shown: ShownCells): Doubles {
  const { kind } = shown;
  if (kind === "mean") return fieldOf(shown, "count");
  if (kind !== "weighted_mean") return fieldOf(shown, "value");
  const squares = fieldOf(shown, "sum_of_weights_squared");
  return fieldOf(shown, "sum_of_weights").map((sum, i) =>
    squares[i] === 0 ? 0 : sum * sum / squares[i]!
  );
}
