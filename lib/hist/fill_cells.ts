/**
 * The second half of a fill: adds entries to cells, whose places are known by now.
 *
 * A place is an index of a cell, or negative for an entry that is dropped. The loops follow
 * boost-histogram's accumulators addition for addition; the order of entries decides the last bit.
 *
 * @module
 */

import { addSamples, addToWeightedMeans } from "./fill_means.ts";
import type { CellKind, Cells } from "./storage.ts";

/** The weights, or the samples, of a run of entries. */
export interface BlockWeights {
  readonly values: Float64Array;
  /** The weight of the first entry. */
  readonly from: number;
  /** Whether that one stands for all. */
  readonly isScalar: boolean;
}

/** Adds one for each of the first `count` places, or its weight, or its sample, to `cells`. */
export function addEntries(
  cells: Cells,
  entries: {
    kind: CellKind;
    places: Int32Array;
    count: number;
    weights: BlockWeights | undefined;
    /** Of means only, and always of them. */
    samples: BlockWeights | undefined;
  },
): void {
  const { kind, places, count, weights, samples } = entries;
  switch (kind) {
    case "f64":
      if (weights === undefined) addOnes(cells as Float64Array, places, count);
      else addWeights(cells as Float64Array, places, { count, ...weights });
      break;
    case "weighted":
      if (weights === undefined) addWeightedOnes(cells as Float64Array, places, count);
      else addWeightedWeights(cells as Float64Array, places, { count, ...weights });
      break;
    case "mean":
      addSamples(cells as Float64Array, { places, count, weights, samples: samples! });
      break;
    case "weighted_mean":
      addToWeightedMeans(cells as Float64Array, { places, count, weights, samples: samples! });
      break;
    case "i64": {
      const halves = new Uint32Array(cells.buffer, cells.byteOffset, 2 * cells.length);
      if (weights === undefined) addIntegerOnes(halves, places, count);
      else addIntegerWeights(halves, places, { count, ...weights });
      break;
    }
  }
}

function addOnes(cells: Float64Array, places: Int32Array, count: number): void {
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place >= 0) cells[place]! += 1;
  }
}

interface CountedWeights extends BlockWeights {
  readonly count: number;
}

function addWeights(cells: Float64Array, places: Int32Array, weights: CountedWeights): void {
  const { count, values, from, isScalar } = weights;
  const step = isScalar ? 0 : 1;
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place >= 0) cells[place]! += values[from + k * step]!;
  }
}

function addWeightedOnes(cells: Float64Array, places: Int32Array, count: number): void {
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place < 0) continue;
    cells[2 * place]! += 1;
    cells[2 * place + 1]! += 1;
  }
}

function addWeightedWeights(
  cells: Float64Array,
  places: Int32Array,
  weights: CountedWeights,
): void {
  const { count, values, from, isScalar } = weights;
  const step = isScalar ? 0 : 1;
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place < 0) continue;
    const weight = values[from + k * step]!;
    cells[2 * place]! += weight;
    cells[2 * place + 1]! += weight * weight;
  }
}

// A bigint per entry would be an allocation per entry, so 64-bit cells are added to as two halves of 32
// bits, the low one first: typed arrays are little-endian wherever JavaScript runs today.

function addIntegerOnes(halves: Uint32Array, places: Int32Array, count: number): void {
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place < 0) continue;
    const low = halves[2 * place]! + 1;
    halves[2 * place] = low;
    if (low > 0xffffffff) halves[2 * place + 1]! += 1;
  }
}

function addIntegerWeights(
  halves: Uint32Array,
  places: Int32Array,
  weights: CountedWeights,
): void {
  const { count, values, from, isScalar } = weights;
  const step = isScalar ? 0 : 1;
  for (let k = 0; k < count; k++) {
    const place = places[k]!;
    if (place < 0) continue;
    const weight = values[from + k * step]!;
    const low = halves[2 * place]! + (weight >>> 0);
    halves[2 * place] = low;
    const carry = low > 0xffffffff ? 1 : 0;
    // Exact: a safe integer divided by a power of two. The store wraps modulo 2^32.
    halves[2 * place + 1]! += Math.floor(weight / 4294967296) + carry;
  }
}
