/**
 * How far axes would grow for a fill, before anything of that size is made: one value may ask for 2^31 bins.
 *
 * @module
 */

import type {
  DenseAxis,
  HistSpec,
  IntegerAxis,
  RegularAxis,
  VariableAxis,
} from "../../hist/mod.ts";
import { Code, invalidArgument, ServiceError } from "../errors.ts";
import type { SampleColumn } from "./columns.ts";

/** Edges that the growth of variable axes may copy in one fill: each new bin copies those that are there. */
export const COPIED_EDGES_MAX = 2 ** 26;

/**
 * Bytes of a chunk that has room for `columns`, one for each dense axis, roughly: regular axes may get a bin more or
 * less, as they grow step by step.
 *
 * @throws {ServiceError} INVALID_ARGUMENT, or RESOURCE_EXHAUSTED if a variable axis would get too many bins.
 */
export function grownChunkBytes(
  spec: HistSpec,
  columns: readonly SampleColumn[],
): number {
  const extents = spec.denseAxes.map((axis, i) => {
    if (!axis.growth) return axis.extent;
    const path = `columns[${spec.axes.indexOf(axis)}]`;
    return grownAxis(axis, columns[i]!, path).extent;
  });
  return extents.reduce((product, extent) => product * extent, spec.cellBytes);
}

function grownAxis(axis: DenseAxis, column: SampleColumn, path: string): DenseAxis {
  const values = typeof column === "number" ? Float64Array.of(column) : column as Float64Array;
  const grown = axis.clone();
  try {
    if (grown.type === "variable") growVariable(grown, values, path);
    else if (grown.type !== "boolean") growBetween(grown, values);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidArgument(`${path}: ${error.message}`, error);
  }
  return grown;
}

function growBetween(
  axis: RegularAxis | IntegerAxis,
  values: Float64Array | Int32Array,
): void {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least && value !== -Infinity) least = value;
    if (value > greatest && value !== Infinity) greatest = value;
  }
  if (least > greatest) return;
  axis.growToHold(least);
  axis.growToHold(greatest);
}

function growVariable(axis: VariableAxis, values: Float64Array, path: string): void {
  let copied = 0;
  let first = axis.edges[0]!;
  let last = axis.edges[axis.size]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if ((value >= first && value < last) || !Number.isFinite(value)) continue;
    copied += axis.edges.length;
    if (copied > COPIED_EDGES_MAX) {
      throw new ServiceError(
        Code.ResourceExhausted,
        `${path}: the axis would grow to more than ${axis.size} bins, one by one; fill in parts, or widen it`,
      );
    }
    axis.growToHold(value);
    first = axis.edges[0]!;
    last = axis.edges[axis.size]!;
  }
}
