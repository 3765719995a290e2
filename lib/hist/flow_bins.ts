/**
 * Reading values out of cells, with or without flow bins.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import type { Cells } from "./storage.ts";

/**
 * Element `element` of each cell, as doubles, row-major; without `flow`, of the bins of the axes only.
 * A cell is `width` elements.
 */
export function selectBins(
  cells: Cells,
  options: { axes: readonly Axis[]; flow: boolean; element: number; width: number },
): Float64Array<ArrayBuffer> {
  const { axes, flow, element, width } = options;
  if (flow) {
    const values = new Float64Array(cells.length / width);
    for (let i = 0; i < values.length; i++) values[i] = Number(cells[i * width + element]);
    return values;
  }
  const sizes = axes.map((axis) => axis.size);
  const firsts = axes.map((axis) => axis.underflow ? 1 : 0);
  const extents = axes.map((axis) => axis.extent);
  const values = new Float64Array(sizes.includes(0) ? 0 : sizes.reduce((a, b) => a * b, 1));
  const bins = new Int32Array(axes.length);
  for (let i = 0; i < values.length; i++) {
    let place = 0;
    for (let axis = 0; axis < bins.length; axis++) {
      place = place * extents[axis]! + firsts[axis]! + bins[axis]!;
    }
    values[i] = Number(cells[place * width + element]);
    for (let axis = bins.length - 1; axis >= 0; axis--) {
      if (++bins[axis]! < sizes[axis]!) break;
      bins[axis] = 0;
    }
  }
  return values;
}
