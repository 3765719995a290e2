/**
 * Filling means: Welford's algorithm, and West's with weights, as Boost's accumulators do it, operation for
 * operation.
 *
 * @module
 */

import type { BlockWeights } from "./fill_cells.ts";

/** The samples of a run of entries, and their weights. */
export interface SampledEntries {
  readonly places: Int32Array;
  readonly count: number;
  readonly samples: BlockWeights;
  readonly weights: BlockWeights | undefined;
}

/** Adds samples to cells of count, mean and sum of squared deltas. */
export function addSamples(cells: Float64Array, entries: SampledEntries): void {
  const { places, count, samples, weights } = entries;
  const step = samples.isScalar ? 0 : 1;
  if (weights !== undefined) {
    addWeightedSamples(cells, { ...entries, weights });
    return;
  }
  for (let k = 0; k < count; k++) {
    const at = 3 * places[k]!;
    if (at < 0) continue;
    const sample = samples.values[samples.from + k * step]!;
    const total = cells[at]! + 1;
    const delta = sample - cells[at + 1]!;
    const mean = cells[at + 1]! + delta / total;
    cells[at] = total;
    cells[at + 1] = mean;
    cells[at + 2]! += delta * (sample - mean);
  }
}

function addWeightedSamples(
  cells: Float64Array,
  entries: SampledEntries & { weights: BlockWeights },
): void {
  const { places, count, samples, weights } = entries;
  const sampleStep = samples.isScalar ? 0 : 1;
  const weightStep = weights.isScalar ? 0 : 1;
  for (let k = 0; k < count; k++) {
    const at = 3 * places[k]!;
    if (at < 0) continue;
    const sample = samples.values[samples.from + k * sampleStep]!;
    const weight = weights.values[weights.from + k * weightStep]!;
    const total = cells[at]! + weight;
    const delta = sample - cells[at + 1]!;
    const mean = cells[at + 1]! + weight * delta / total;
    cells[at] = total;
    cells[at + 1] = mean;
    cells[at + 2]! += weight * delta * (sample - mean);
  }
}

const one: BlockWeights = { values: Float64Array.of(1), from: 0, isScalar: true };

/** Adds samples to cells of sum of weights, sum of squared weights, mean and sum of squared deltas. */
export function addToWeightedMeans(cells: Float64Array, entries: SampledEntries): void {
  const { places, count, samples, weights = one } = entries;
  const sampleStep = samples.isScalar ? 0 : 1;
  const weightStep = weights.isScalar ? 0 : 1;
  for (let k = 0; k < count; k++) {
    const at = 4 * places[k]!;
    if (at < 0) continue;
    const sample = samples.values[samples.from + k * sampleStep]!;
    const weight = weights.values[weights.from + k * weightStep]!;
    const total = cells[at]! + weight;
    const delta = sample - cells[at + 2]!;
    const mean = cells[at + 2]! + weight * delta / total;
    cells[at] = total;
    cells[at + 1]! += weight * weight;
    cells[at + 2] = mean;
    cells[at + 3]! += weight * delta * (sample - mean);
  }
}
