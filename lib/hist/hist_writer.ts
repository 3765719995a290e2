/**
 * Histograms as UHI JSON, schema 1: the text that Python's `json.dumps` makes of them.
 *
 * @module
 */

import { writeAxis } from "./axis_writer.ts";
import type { Hist } from "./hist.ts";
import type { JsonValue } from "./json_value.ts";
import { formatPythonFloat, formatPythonJson, formatPythonString } from "./python_json.ts";
import { type CellKind, type Cells, cellWidth, storageTraits } from "./storage.ts";
import { uhiFields, uhiValue } from "./uhi_fields.ts";

/**
 * `hist` as UHI JSON. If `sparse`, only cells that are not zero are written, with their indices.
 *
 * The notes of other writers are kept. The text may hold bare `NaN` and `Infinity`, as Python's does:
 * {@linkcode parseHist} reads it, `JSON.parse` may not.
 */
export function formatHist(hist: Hist, options: { sparse?: boolean } = {}): string {
  const members = ['"uhi_schema": 1'];
  const writerInfo = writerInfoOf(hist);
  if (writerInfo.size > 0) members.push(`"writer_info": ${formatPythonJson(writerInfo)}`);
  members.push(`"axes": ${formatPythonJson(hist.axes.map(writeAxis))}`);
  members.push(`"storage": ${formatStorage(hist, options.sparse ?? false)}`);
  if (hist.metadata.size > 0) members.push(`"metadata": ${formatPythonJson(hist.metadata)}`);
  return `{${members.join(", ")}}`;
}

/** A file of histograms: an object of them, by name. */
export function formatHists(
  hists: Iterable<readonly [name: string, hist: Hist]>,
  options: { sparse?: boolean } = {},
): string {
  const members = Array.from(
    hists,
    ([name, hist]) => `${formatPythonString(name)}: ${formatHist(hist, options)}`,
  );
  return `{${members.join(", ")}}`;
}

/** The kept notes, and the one by which boost-histogram tells storages apart that look alike. */
function writerInfoOf(hist: Hist): ReadonlyMap<string, JsonValue> {
  const { boostName } = storageTraits[hist.storage];
  const writerInfo = new Map(hist.writerInfo);
  const kept = writerInfo.get("boost-histogram");
  const boost = new Map(kept instanceof Map ? kept as ReadonlyMap<string, JsonValue> : []);
  const isAlias = boostName === "AtomicInt64" || boostName === "Unlimited";
  if (isAlias) boost.set("storage_type", boostName);
  else boost.delete("storage_type");
  if (boost.size > 0) writerInfo.set("boost-histogram", boost);
  return writerInfo;
}

function formatStorage(hist: Hist, sparse: boolean): string {
  const { uhiType, cellKind: kind } = storageTraits[hist.storage];
  const source = { cells: hist.cells, kind, extents: hist.extents };
  const members = [`"type": "${uhiType}"`];
  // A histogram without axes has nothing to index.
  const places = sparse && hist.axes.length > 0 ? filledPlaces(source) : undefined;
  if (places !== undefined) members.push(`"index": ${formatIndex(places, source.extents)}`);
  for (const [element, key] of uhiFields[kind].entries()) {
    const numbers = places === undefined
      ? formatNested(source, element)
      : `[${places.map((place) => formatElement(source, place, element)).join(", ")}]`;
    members.push(`"${key}": ${numbers}`);
  }
  return `{${members.join(", ")}}`;
}

interface WrittenCells {
  readonly cells: Cells;
  readonly kind: CellKind;
  readonly extents: readonly number[];
}

function formatElement(source: WrittenCells, place: number, element: number): string {
  const { cells, kind } = source;
  const value = uhiValue(cells, { kind, place, element });
  return typeof value === "bigint" ? String(value) : formatPythonFloat(value);
}

/** One element of every cell, as arrays in arrays. */
function formatNested(source: WrittenCells, element: number): string {
  const { extents } = source;
  let place = 0;
  function formatDimension(dimension: number): string {
    if (dimension === extents.length) return formatElement(source, place++, element);
    const parts: string[] = [];
    for (let bin = 0; bin < extents[dimension]!; bin++) parts.push(formatDimension(dimension + 1));
    return `[${parts.join(", ")}]`;
  }
  return formatDimension(0);
}

/** The cells of which a field is not zero. */
function filledPlaces(source: WrittenCells): number[] {
  const { cells, kind } = source;
  const width = cellWidth(kind);
  const places: number[] = [];
  for (let at = 0; at < cells.length; at += width) {
    for (let element = 0; element < width; element++) {
      if (!isFilled(cells[at + element]!)) continue;
      places.push(at / width);
      break;
    }
  }
  return places;
}

function isFilled(value: number | bigint): boolean {
  return typeof value === "bigint" ? value !== 0n : value !== 0;
}

/** For each axis the bins of `places`, flow bins included. */
function formatIndex(places: readonly number[], extents: readonly number[]): string {
  let stride = extents.reduce((a, b) => a * b, 1);
  const rows = extents.map((extent) => {
    stride /= extent;
    return `[${places.map((place) => Math.floor(place / stride) % extent).join(", ")}]`;
  });
  return `[${rows.join(", ")}]`;
}
