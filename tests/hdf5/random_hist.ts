/**
 * Random histograms of every axis and storage, dense and in chunks.
 *
 * @module
 */

import type { SeededPrng } from "../../lib/base/mod.ts";
import {
  type Axis,
  BooleanAxis,
  cellWidth,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  isCategoryAxis,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import type { CellChunk, UhiHdf5Histogram } from "../../lib/hdf5/mod.ts";

const storages: readonly StorageType[] = [
  "double",
  "int64",
  "atomic_int64",
  "weight",
  "unlimited",
  "mean",
  "weighted_mean",
];

/** A histogram of up to 6 axes, a part of its cells filled; each storage comes in turn. */
export function randomHist(prng: SeededPrng, round: number): Hist {
  const storage = storages[round % storages.length]!;
  const axes = Array.from({ length: prng.int(0, 7) }, (_, i) => randomAxis(prng, i));
  // Now and then long enough to be cut into blocks.
  if (axes.length > 0 && round % 5 === 0) {
    const axis = new RegularAxis({ bins: 4000, lower: -1, upper: 1, name: "long" });
    axes.splice(prng.int(0, axes.length + 1), 0, axis);
  }
  while (axes.reduce((cells, axis) => cells * axis.extent, 1) > 200_000) axes.pop();
  const name = prng.int(0, 2) === 0 ? {} : { name: "ʜ", label: `label "${round}"` };
  const hist = new Hist(axes, { storage, ...name });
  const share = prng.int(0, 4) / 3;
  const { cells } = hist;
  const width = cellWidth(hist.spec.cellKind);
  for (let at = 0; at < cells.length; at += width) {
    if (prng.uniform() < share) fillCell(prng, { hist, at, width });
  }
  return hist;
}

/** What a fill could have left there: means need two entries to read back the same in Python. */
function fillCell(prng: SeededPrng, cell: { hist: Hist; at: number; width: number }): void {
  const { hist: { cells }, at, width } = cell;
  if (cells instanceof BigInt64Array) {
    cells[at] = (BigInt(prng.u32()) << 32n) - BigInt(prng.u32());
    return;
  }
  cells[at] = width < 3 ? 100 * prng.uniform() - 30 : prng.int(2, 1000);
  for (let i = 1; i < width; i++) cells[at + i] = prng.uniform();
}

function randomAxis(prng: SeededPrng, i: number): Axis {
  const metadata = prng.int(0, 3) === 0
    ? new Map<string, string | number | boolean>([["unit", "GeV/c²"], ["n", 7], ["f", 0.5], [
      "b",
      true,
    ]])
    : new Map<string, string>();
  const labels = { name: `a${i}`, label: ["", "Länge", "x [GeV]"][prng.int(0, 3)]!, metadata };
  const flow = { underflow: prng.int(0, 2) === 0, overflow: prng.int(0, 2) === 0 };
  const growth = prng.int(0, 2) === 0;
  switch (prng.int(0, 9)) {
    case 0:
      return new RegularAxis({ bins: prng.int(1, 30), lower: -1, upper: 2.5, ...flow, ...labels });
    case 1:
      return new RegularAxis({
        bins: 4,
        lower: 1,
        upper: 1e4,
        transform: { type: "log" },
        ...labels,
      });
    case 2:
      return new RegularAxis({ bins: 5, lower: 0, upper: 6.28, circular: true, ...labels });
    case 3:
      return new VariableAxis({ edges: [-Infinity, 0, 0.1, 1e300], ...flow, ...labels });
    case 4:
      return new IntegerAxis({ lower: -3, upper: prng.int(-2, 9), ...flow, ...labels });
    case 5:
      return new BooleanAxis(labels);
    case 6: {
      const categories = [7, -2, 2147483647, 0].slice(0, prng.int(1, 5));
      return new IntCategoryAxis({ categories, growth, overflow: !growth, ...labels });
    }
    default: {
      const categories = ["data", "tt̄", "", "a/b", "日本", "x".repeat(5000)].slice(
        0,
        prng.int(1, 7),
      );
      return new StrCategoryAxis({ categories, growth, overflow: !growth, ...labels });
    }
  }
}

/** `hist` as the server has it: a chunk for each combination of categories that is not empty. */
export function inChunks(
  hist: Hist,
  options: { name: string; order: "ascending" | "any"; prng: SeededPrng; parts?: boolean },
): UhiHdf5Histogram {
  const { name, order, prng } = options;
  const { spec, metadata, writerInfo } = hist;
  const chunks = splitCells(hist);
  chunks.sort((a, b) => compareIndices(a.index, b.index));
  if (order === "any") shuffle(chunks, prng);
  return {
    name,
    spec,
    categories: spec.categoryAxes.map((axis) => axis.categories),
    ascending: order === "ascending",
    chunks: options.parts ? chunks.flatMap((chunk) => inParts(chunk, spec.cellBytes)) : chunks,
    metadata,
    writerInfo,
  };
}

function compareIndices(a: readonly number[], b: readonly number[]): number {
  const axis = a.findIndex((bin, i) => bin !== b[i]);
  return axis < 0 ? 0 : a[axis]! - b[axis]!;
}

function shuffle<T>(list: T[], prng: SeededPrng): void {
  for (let i = list.length - 1; i > 0; i--) {
    const other = prng.int(0, i + 1);
    [list[i], list[other]] = [list[other]!, list[i]!];
  }
}

function inParts(chunk: CellChunk, cellBytes: number): CellChunk[] {
  const parts: CellChunk[] = [];
  const bytes = cellBytes * 7;
  for (let offsetBytes = 0; offsetBytes < chunk.cells.length; offsetBytes += bytes) {
    const cells = chunk.cells.subarray(offsetBytes, offsetBytes + bytes);
    parts.push({ index: chunk.index, cells, offsetBytes });
  }
  return parts;
}

/** By plain indexing, one cell after the other: independent of the writer's way. */
function splitCells(hist: Hist): CellChunk[] {
  const { axes, extents, cells, spec } = hist;
  const width = cellWidth(spec.cellKind);
  const chunks = new Map<string, { index: number[]; cells: BigUint64Array<ArrayBuffer> }>();
  const source = new BigUint64Array(cells.buffer, cells.byteOffset, cells.length);
  const bins = extents.map(() => 0);
  for (let at = 0; at < source.length; at += width) {
    const index = bins.filter((_, axis) => isCategoryAxis(axes[axis]!));
    const place = bins.reduce(
      (sum, bin, axis) => isCategoryAxis(axes[axis]!) ? sum : sum * extents[axis]! + bin,
      0,
    );
    const cell = source.subarray(at, at + width);
    if (cell.some((value) => value !== 0n)) {
      const key = index.join();
      const chunk = chunks.get(key) ??
        { index, cells: new BigUint64Array(spec.chunkCells * width) };
      chunks.set(key, chunk);
      chunk.cells.set(cell, place * width);
    }
    for (let axis = bins.length - 1; axis >= 0; axis--) {
      if (++bins[axis]! < extents[axis]!) break;
      bins[axis] = 0;
    }
  }
  return [...chunks.values()].map(({ index, cells }) => ({
    index,
    cells: new Uint8Array(cells.buffer),
  }));
}
