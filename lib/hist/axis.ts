/**
 * The union of all axes, and questions that any of them answers.
 *
 * @module
 */

import type { BooleanAxis } from "./boolean_axis.ts";
import type { IntCategoryAxis, StrCategoryAxis } from "./category_axis.ts";
import type { IntegerAxis } from "./integer_axis.ts";
import type { RegularAxis } from "./regular_axis.ts";
import type { VariableAxis } from "./variable_axis.ts";

/** An axis whose bins are categories: a component of a chunk's key. */
export type CategoryAxis = IntCategoryAxis | StrCategoryAxis;

/** An axis whose bins are cells of each chunk. */
export type DenseAxis = RegularAxis | VariableAxis | IntegerAxis | BooleanAxis;

/** Any axis. `axis.type` tells them apart. */
export type Axis = DenseAxis | CategoryAxis;

/** Whether the bins of `axis` are categories. */
export function isCategoryAxis(axis: Axis): axis is CategoryAxis {
  return axis.type === "category_int" || axis.type === "category_str";
}

/** The edges of the bins of `axis`, flow bins excluded; length size + 1. */
export function edgesOf(axis: Axis): Float64Array<ArrayBuffer> {
  const edges = new Float64Array(axis.size + 1);
  for (let bin = 0; bin < edges.length; bin++) edges[bin] = axis.edge(bin);
  return edges;
}

/** The centers of the bins of `axis`, flow bins excluded; length size. */
export function centersOf(axis: Axis): Float64Array<ArrayBuffer> {
  const centers = new Float64Array(axis.size);
  for (let bin = 0; bin < centers.length; bin++) centers[bin] = axis.edge(bin + 0.5);
  return centers;
}

/** The widths of the bins of `axis`, flow bins excluded; length size. */
export function widthsOf(axis: Axis): Float64Array<ArrayBuffer> {
  const widths = new Float64Array(axis.size);
  for (let bin = 0; bin < widths.length; bin++) widths[bin] = axis.edge(bin + 1) - axis.edge(bin);
  return widths;
}
