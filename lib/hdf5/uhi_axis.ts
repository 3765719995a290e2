/**
 * An axis as a group: its attributes by type, its edges or categories as a dataset, its notes.
 *
 * @module
 */

import type { JsonValue } from "../hist/mod.ts";
import { ByteWriter } from "./byte_writer.ts";
import * as datatypes from "./datatypes.ts";
import { asScalar, type Hdf5FileWriter, type Scalar } from "./file_writer.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Link } from "./object_header.ts";
import { asDouble, asObject, type JsonObject } from "./uhi_json.ts";
import { writeNotes } from "./uhi_notes.ts";

/** The categories of one axis, in order. */
export type Categories = readonly (string | number | bigint)[];

/**
 * Writes an axis. @returns its address.
 *
 * @throws {Hdf5Error} if its categories are not of its kind, or its metadata no scalars.
 */
export async function writeAxis(
  writer: Hdf5FileWriter,
  options: {
    /** The axis as UHI JSON. */
    axis: JsonObject;
    /** Like "axes[2]". */
    path: string;
    /** Instead of those in `axis`; null for other axes. */
    categories: Categories | null;
  },
): Promise<number> {
  const { axis, path, categories } = options;
  const attributes: [string, Scalar][] = [];
  for (const [key, value] of axis) {
    const scalar = asScalar(value);
    if (scalar !== null) attributes.push([key, scalar]);
  }
  const links: Link[] = [];
  const edges = axis.get("edges");
  if (Array.isArray(edges)) {
    const elements = new ByteWriter(8 * edges.length);
    for (const edge of edges as readonly JsonValue[]) elements.f64(asDouble(edge));
    links.push({ name: "edges", address: await writer.array(datatypes.float64, elements.bytes) });
  }
  if (categories !== null) {
    const isText = axis.get("type") === "category_str";
    checkCategories(categories, { isText, path });
    links.push({ name: "categories", address: await writeCategories(writer, categories) });
  }
  const metadata = asObject(axis.get("metadata"));
  const writerInfo = asObject(axis.get("writer_info"));
  links.push(...await writeNotes(writer, { metadata, writerInfo, path: `${path}.` }));
  return await writer.group({ attributes, links });
}

async function writeCategories(writer: Hdf5FileWriter, categories: Categories): Promise<number> {
  // As h5py does with an empty list.
  if (categories.length === 0) return await writer.array(datatypes.float64, new Uint8Array(0));
  if (typeof categories[0] === "string") return await writer.textArray(categories as string[]);
  const elements = new ByteWriter(8 * categories.length);
  for (const category of categories) elements.u64(BigInt(category));
  return await writer.array(datatypes.int64, elements.bytes);
}

function checkCategories(
  categories: Categories,
  axis: { isText: boolean; path: string },
): void {
  const { isText, path } = axis;
  const wrong = categories.find((category) =>
    isText ? typeof category !== "string" : !isInt64(category)
  );
  if (wrong === undefined) return;
  const shown = typeof wrong === "string" ? JSON.stringify(wrong.slice(0, 80)) : String(wrong);
  const expected = isText ? "a string" : "an integer";
  throw new Hdf5Error(`Cannot write ${path}: its category ${shown} is not ${expected}`, {
    reason: "value",
  });
}

function isInt64(category: string | number | bigint): boolean {
  if (typeof category === "bigint") return BigInt.asIntN(64, category) === category;
  return Number.isSafeInteger(category);
}
