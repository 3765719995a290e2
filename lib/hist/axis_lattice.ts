/**
 * Axes that grew apart from the same beginning: where the bins of one lie on the other.
 *
 * Growing keeps old bins, so two such axes share a lattice, and their contents can be added exactly.
 *
 * @module
 */

import type { Axis } from "./axis.ts";
import type { RegularAxis } from "./regular_axis.ts";
import type { VariableAxis } from "./variable_axis.ts";

/** How far edges may be off the lattice, in bins: growing rounds at each step, by parts in 10^16. */
const offLatticeMax = 1e-6;

/**
 * The bins by which `source` begins after `target` (negative: before), if both lie on one lattice; else
 * `undefined`. The axes are growing ones of the same kind.
 */
export function latticeOffset(target: Axis, source: Axis): number | undefined {
  if (target.type === "integer" && source.type === "integer") return source.lower - target.lower;
  if (target.type === "regular" && source.type === "regular") return regularOffset(target, source);
  if (target.type === "variable" && source.type === "variable") {
    return variableOffset(target, source);
  }
  return undefined;
}

function regularOffset(target: RegularAxis, source: RegularAxis): number | undefined {
  const width = target.transformedRange / target.size;
  const offset = (source.transformedLower - target.transformedLower) / width;
  const upper = (source.upper - target.transformedLower) / width;
  const rounded = Math.round(offset);
  const isNear = Math.abs(offset - rounded) < offLatticeMax &&
    Math.abs(upper - (rounded + source.size)) < offLatticeMax;
  return isNear ? rounded + 0 : undefined;
}

/** Edges of a growing variable axis may fall anywhere, so where both axes have bins, these must be the same. */
function variableOffset(target: VariableAxis, source: VariableAxis): number | undefined {
  const offset = target.edges[0]! <= source.edges[0]!
    ? target.edges.indexOf(source.edges[0]!)
    : -source.edges.indexOf(target.edges[0]!);
  // An edge that was not found makes an offset at which these differ.
  const first = Math.max(offset, 0);
  const last = Math.min(target.size, offset + source.size);
  for (let edge = first; edge <= last; edge++) {
    if (target.edges[edge] !== source.edges[edge - offset]) return undefined;
  }
  return last > first ? offset : undefined;
}
