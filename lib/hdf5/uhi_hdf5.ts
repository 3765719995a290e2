/**
 * Histograms as UHI's HDF5 files, as `uhi.io.hdf5.write` lays them out:
 *
 *     /NAME                    group   uhi_schema = 1
 *     /NAME/metadata           group   an attribute for each item
 *     /NAME/writer_info/LIB    group   likewise
 *     /NAME/ref_axes/axis_I    group   attributes by type; edges or categories as dataset; metadata, writer_info
 *     /NAME/axes               dataset object references to ref_axes/axis_I, in order
 *     /NAME/storage            group   type; a dataset for each part of a cell, shape: all axes, flow bins included
 *
 * @module
 */

import {
  formatHistSpec,
  type Hist,
  type HistSpec,
  isCategoryAxis,
  parseJson,
  storageTraits,
} from "../hist/mod.ts";
import { ByteWriter } from "./byte_writer.ts";
import { cellLayoutOf } from "./cell_components.ts";
import { type CellChunk, CellWriter } from "./cell_writer.ts";
import * as datatypes from "./datatypes.ts";
import { Hdf5FileWriter } from "./file_writer.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Link } from "./object_header.ts";
import type { Hdf5Sink } from "./sink.ts";
import { type Categories, writeAxis } from "./uhi_axis.ts";
import { asObject, type JsonObject } from "./uhi_json.ts";
import { writeNotes } from "./uhi_notes.ts";

/** A histogram to write. */
export interface UhiHdf5Histogram {
  /** Name of its group in the file: not empty, without slash and NUL, not ".". */
  readonly name: string;
  readonly spec: HistSpec;
  /** For each category axis the categories that there really are, in order; those of the spec are not read. */
  readonly categories: readonly Categories[];
  /**
   * Each combination of categories at most once, in any order; missing ones are empty. Read when the histogram's turn
   * has come, each before the next.
   */
  readonly chunks: AsyncIterable<CellChunk> | Iterable<CellChunk>;
  /**
   * The chunks come in row-major order of their indices. Small neighbours then share a block: with
   * 100,000 combinations of a few bins, files are smaller and much faster to write and to read.
   */
  readonly ascending?: boolean;
  /** There is one chunk, of index [], and its cells have the category axes, too, as those of a `Hist`. */
  readonly dense?: boolean;
  /** Default: name and label of the spec. Items that are null or begin with "@" are left out, as UHI asks. */
  readonly metadata?: JsonObject;
  /** By program; its items are scalars. */
  readonly writerInfo?: JsonObject;
}

/**
 * Writes an HDF5 file of `histograms`, each in a group of its own.
 *
 * Whatever the histograms' sizes, memory is bounded by one chunk of the caller's, {@linkcode blockBytesMax} for each
 * part of a cell, and about 20 bytes for each stored block. Long work is cut: other tasks run in between.
 * After an error the file is unusable.
 *
 * @returns the size of the file in bytes.
 * @throws {Hdf5Error} if a histogram cannot be written; errors of the sink and of the chunks pass through.
 */
export async function writeUhiHdf5(
  sink: Hdf5Sink,
  histograms: AsyncIterable<UhiHdf5Histogram> | Iterable<UhiHdf5Histogram>,
): Promise<number> {
  const writer = new Hdf5FileWriter(sink);
  const links = new Map<string, Link>();
  for await (const histogram of histograms) {
    const { name } = histogram;
    if (name === "" || name === "." || /[/\0]/.test(name)) {
      const message = `Cannot name a group ${JSON.stringify(name.slice(0, 80))}`;
      throw new Hdf5Error(message, { reason: "name" });
    }
    if (links.has(name)) {
      throw new Hdf5Error(`Cannot write two groups of the name "${name}"`, { reason: "duplicate" });
    }
    links.set(name, { name, address: await writeHistogram(writer, histogram) });
  }
  return await writer.finish([...links.values()]);
}

/** What {@linkcode writeUhiHdf5} needs to write `hist` as group `name`. */
export function uhiHdf5OfHist(hist: Hist, name: string): UhiHdf5Histogram {
  const { cells, spec, metadata, writerInfo } = hist;
  const categories = spec.categoryAxes.map((axis) => axis.categories);
  const bytes = new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
  const chunks = [{ index: [], cells: bytes }];
  return { name, spec, categories, chunks, dense: true, metadata, writerInfo };
}

async function writeHistogram(
  writer: Hdf5FileWriter,
  histogram: UhiHdf5Histogram,
): Promise<number> {
  const { spec, categories } = histogram;
  if (categories.length !== spec.categoryAxes.length) {
    const message = `Cannot write "${histogram.name}": it has ${spec.categoryAxes.length} ` +
      `category axes, but categories for ${categories.length}`;
    throw new Hdf5Error(message, { reason: "value" });
  }
  const described = asObject(parseJson(formatHistSpec(spec)))!;
  const links = await writeAxes(writer, histogram, described.get("axes") as JsonObject[]);
  const metadata = histogram.metadata ?? asObject(described.get("metadata"));
  const writerInfo = withStorageNote(histogram.writerInfo ?? new Map(), spec);
  links.push(...await writeNotes(writer, { metadata, writerInfo, path: "" }));
  links.push({ name: "storage", address: await writeStorage(writer, histogram) });
  return await writer.group({ attributes: [["uhi_schema", 1]], links });
}

async function writeAxes(
  writer: Hdf5FileWriter,
  histogram: UhiHdf5Histogram,
  described: readonly JsonObject[],
): Promise<Link[]> {
  const { spec, categories } = histogram;
  const links: Link[] = [];
  const references = new ByteWriter(8 * spec.axes.length);
  let component = 0;
  for (const [i, axis] of spec.axes.entries()) {
    const address = await writeAxis(writer, {
      axis: described[i]!,
      path: `axes[${i}]`,
      categories: isCategoryAxis(axis) ? categories[component++]! : null,
    });
    links.push({ name: `axis_${i}`, address });
    references.u64(address);
  }
  const list = { plain: true };
  return [
    { name: "ref_axes", address: await writer.group({ links }) },
    {
      name: "axes",
      address: await writer.array(datatypes.objectReference, references.bytes, list),
    },
  ];
}

async function writeStorage(
  writer: Hdf5FileWriter,
  histogram: UhiHdf5Histogram,
): Promise<number> {
  const { spec, categories, chunks, ascending, dense } = histogram;
  const layout = cellLayoutOf(spec.cellKind);
  let component = 0;
  const extents = spec.axes.map((axis) =>
    isCategoryAxis(axis) ? categories[component++]!.length + (axis.overflow ? 1 : 0) : axis.extent
  );
  const isCategory = spec.axes.map((axis) => !dense && isCategoryAxis(axis));
  const cells = new CellWriter(writer.appender, {
    extents,
    isCategory,
    layout,
    grouped: ascending ?? false,
  });
  for await (const chunk of chunks) await cells.add(chunk);
  const links: Link[] = [];
  for (const [i, place] of (await cells.close()).entries()) {
    const { key, datatype, empty } = layout.components[i]!;
    const fill = Object.is(empty, 0) ? null : new ByteWriter(8).f64(empty).bytes;
    const head = { datatype, shape: extents, layout: place, fill };
    links.push({ name: key, address: await writer.dataset(head) });
  }
  return await writer.group({ attributes: [["type", layout.uhiType]], links });
}

/** `writerInfo` with the note by which boost-histogram tells storages apart that look alike. */
function withStorageNote(writerInfo: JsonObject, spec: HistSpec): JsonObject {
  const boost = new Map(asObject(writerInfo.get("boost-histogram")) ?? []);
  const isPlain = spec.storage !== "atomic_int64" && spec.storage !== "unlimited";
  if (isPlain && !boost.delete("storage_type")) return writerInfo;
  if (!isPlain) boost.set("storage_type", storageTraits[spec.storage].boostName);
  return new Map([...writerInfo, ["boost-histogram", boost]]);
}
