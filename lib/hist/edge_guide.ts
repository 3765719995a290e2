/**
 * A guide to a long list of edges: which of them are worth looking at for a value.
 *
 * The range of the edges is cut into equal slots. The slot of a value is found by the same arithmetic for edges and
 * for entries, and that arithmetic is monotone (each of its steps rounds monotonically), so an edge in a
 * lower slot is below the value and one in a higher slot above it, exactly. Only edges in the same slot are
 * compared.
 *
 * @module
 */

/** Fewer edges than this are found as fast without a guide. */
const guidedEdgesMin = 8;

/** Slots for each edge: more make it likelier that a slot holds none. */
const slotsPerEdge = 4;

/** The most slots: 1 MiB of them. */
const slotsMax = 262144;

/** A guide to ascending edges. */
export interface EdgeGuide {
  readonly lower: number;
  /** Slots per unit. */
  readonly scale: number;
  /** Number of edges in slots below each; length slots + 1. */
  readonly edgesBelow: Int32Array;
}

const guides = new WeakMap<Float64Array, EdgeGuide | null>();

/** The guide to `edges`, made at the first call; `null` if there is no use for one. */
export function guideOf(edges: Float64Array): EdgeGuide | null {
  let guide = guides.get(edges);
  if (guide === undefined) {
    guide = makeGuide(edges);
    guides.set(edges, guide);
  }
  return guide;
}

function makeGuide(edges: Float64Array): EdgeGuide | null {
  const lower = edges[0]!;
  const slots = Math.min(slotsPerEdge * edges.length, slotsMax);
  const scale = slots / (edges[edges.length - 1]! - lower);
  const isUseful = edges.length >= guidedEdgesMin && scale > 0 && Number.isFinite(scale);
  if (!isUseful || !Number.isFinite(lower)) return null;
  const edgesBelow = new Int32Array(slots + 1);
  for (const edge of edges) edgesBelow[slotOf((edge - lower) * scale, slots) + 1]! += 1;
  for (let slot = 1; slot <= slots; slot++) edgesBelow[slot]! += edgesBelow[slot - 1]!;
  return { lower, scale, edgesBelow };
}

/** As `variableIndex` of an axis with overflow, in most cases with one comparison. */
export function guidedIndex(x: number, edges: Float64Array, guide: EdgeGuide): number {
  if (Number.isNaN(x)) return edges.length - 1;
  const { lower, scale, edgesBelow } = guide;
  const slot = slotOf((x - lower) * scale, edgesBelow.length - 1);
  let low = edgesBelow[slot]!;
  let high = edgesBelow[slot + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x < edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

function slotOf(position: number, slots: number): number {
  if (!(position >= 0)) return 0;
  return position < slots ? position | 0 : slots - 1;
}
