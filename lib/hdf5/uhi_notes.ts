/**
 * Metadata and the notes of programs, as groups of attributes.
 *
 * @module
 */

import { asObject, type JsonObject } from "./uhi_json.ts";
import { asScalar, type Hdf5FileWriter, type Scalar } from "./file_writer.ts";
import { Hdf5Error } from "./hdf5_error.ts";
import type { Link } from "./object_header.ts";

/** What travels with an axis or a histogram. */
export interface Notes {
  readonly metadata: JsonObject | undefined;
  /** By program. */
  readonly writerInfo: JsonObject | undefined;
  /** Where they belong, for errors: empty, or like "axes[2]." */
  readonly path: string;
}

/**
 * Writes the groups `metadata` and `writer_info`; none for what is empty. @returns the links to them.
 *
 * @throws {Hdf5Error} if an item is neither text, number nor boolean.
 */
export async function writeNotes(writer: Hdf5FileWriter, notes: Notes): Promise<Link[]> {
  const links: Link[] = [];
  const metadata = scalarsOf(notes.metadata, `${notes.path}metadata`);
  if (metadata.length > 0) {
    links.push({ name: "metadata", address: await writer.group({ attributes: metadata }) });
  }
  const programs: Link[] = [];
  for (const [program, info] of notes.writerInfo ?? []) {
    const path = `${notes.path}writer_info.${program}`;
    const object = asObject(info);
    if (object === undefined || program === "" || program === "." || /[/\0]/.test(program)) {
      throw new Hdf5Error(`Cannot write ${path}: a program's notes are an object`, {
        reason: "value",
      });
    }
    const attributes = scalarsOf(object, path);
    programs.push({ name: program, address: await writer.group({ attributes }) });
  }
  if (programs.length > 0) {
    links.push({ name: "writer_info", address: await writer.group({ links: programs }) });
  }
  return links;
}

/** The items of `object`, without those that UHI leaves out. */
function scalarsOf(object: JsonObject | undefined, path: string): [string, Scalar][] {
  const scalars: [string, Scalar][] = [];
  for (const [key, value] of object ?? []) {
    if (value === null || key.startsWith("@")) continue;
    const scalar = asScalar(value);
    if (scalar === null) {
      throw new Hdf5Error(`Cannot write ${path}.${key}: UHI has texts, numbers and booleans only`, {
        reason: "value",
      });
    }
    scalars.push([key, scalar]);
  }
  return scalars;
}
