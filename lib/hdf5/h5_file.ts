/**
 * HDF5 files in memory, opened for reading by the HDF5 library itself (npm h5wasm: in WebAssembly, so that a
 * malicious file reaches nothing but its own memory).
 *
 * The library is loaded when the first file is read: 4 MB, and some 0.2 s.
 *
 * @module
 */

import type { Attribute, Dataset, Group } from "h5wasm";
import { checkHeaps } from "./heap_guard.ts";
import { HistFormatError, JsonFloat, type JsonValue } from "../hist/mod.ts";

export type { Dataset, Group } from "h5wasm";

/** HDF5's classes of datatypes, by number. */
const classes = { integer: 0, float: 1, string: 3, enumeration: 8 } as const;

/** What an open file offers; valid until the callback of {@linkcode withH5File} returns. */
export interface H5File {
  readonly root: Group;
  /** The groups that a dataset of references points at, in order. @throws {HistFormatError} if it is none. */
  groupsOf(dataset: Dataset, path: string): Group[];
}

type Library = typeof import("h5wasm");

/** Opens `bytes` as an HDF5 file for the time that `use` runs. @throws {HistFormatError} if it is none, or is damaged. */
export async function withH5File<T>(bytes: Uint8Array, use: (file: H5File) => T): Promise<T> {
  checkHeaps(bytes);
  const library = await import("h5wasm");
  const module = await library.ready;
  module.activate_throwing_error_handler();
  const path = "/import.h5";
  module.FS.writeFile(path, bytes);
  // From here to the end nothing waits, so that one name is enough.
  try {
    const file = translated("", () => new library.File(path, "r"));
    try {
      return translated("", () => use(openedFile(library, file)));
    } finally {
      file.close();
    }
  } finally {
    module.FS.unlink(path);
  }
}

function openedFile(library: Library, root: Group): H5File {
  return {
    root,
    groupsOf: (dataset, path) => {
      const references = dataset.value;
      if (!Array.isArray(references)) throw new HistFormatError(path, "must be references");
      return references.map((reference, i) => {
        const isReference = reference instanceof library.Reference;
        const target = isReference ? root.dereference(reference) : null;
        if (isGroup(target)) return target;
        throw new HistFormatError(`${path}[${i}]`, "must be a reference to a group");
      });
    },
  };
}

/** What the library throws, as our error. */
function translated<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof HistFormatError || error instanceof RangeError) throw error;
    const detail = lastCause(error instanceof Error ? error.message : String(error));
    throw new HistFormatError(path, `Cannot read HDF5: ${detail}`);
  }
}

/** The innermost line of HDF5's stack of errors. */
function lastCause(message: string): string {
  const causes = [...message.matchAll(/line \d+ in \w+\(\): (.*)/g)];
  return (causes.at(-1)?.[1] ?? message).slice(0, 200);
}

/** The member `name` of `group`, or undefined; links to elsewhere are none. */
export function memberOf(group: Group, name: string): Group | Dataset | undefined {
  if (!group.keys().includes(name)) return undefined;
  const member = group.get(name);
  return isGroup(member) || isDataset(member) ? member : undefined;
}

/** Whether `entity` is a group. */
export function isGroup(entity: unknown): entity is Group {
  return (entity as Group | null | undefined)?.type as string === "Group";
}

/** Whether `entity` is a dataset. */
export function isDataset(entity: unknown): entity is Dataset {
  return (entity as Dataset | null | undefined)?.type as string === "Dataset";
}

/** The attributes of `group` as JSON values. @throws {HistFormatError} if one is no text, number or boolean. */
export function attributesOf(group: Group, path: string): Map<string, JsonValue> {
  const attributes = Object.entries(group.attrs);
  return new Map(attributes.map(([name, attribute]) => {
    const value = scalarOf(attribute);
    if (value !== undefined) return [name, value];
    throw new HistFormatError(
      path === "" ? name : `${path}.${name}`,
      "must be a text, a number or a boolean",
    );
  }));
}

function scalarOf({ metadata, value }: Attribute): JsonValue | undefined {
  const number = ArrayBuffer.isView(value) ? (value as unknown as ArrayLike<number>)[0] : value;
  if (metadata.total_size !== 1) return undefined;
  switch (metadata.type) {
    case classes.string:
      return typeof value === "string" ? value : undefined;
    case classes.enumeration:
      return isBoolean(metadata.enum_type?.members) ? Number(number) !== 0 : undefined;
    case classes.float:
      return floatOf(Number(number));
    case classes.integer: {
      const integer = BigInt(number as number | bigint);
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    default:
      return typeof value === "boolean" ? value : undefined;
  }
}

function isBoolean(members: Readonly<Record<string, number>> | undefined): boolean {
  return members !== undefined && members.FALSE === 0 && members.TRUE === 1;
}

function floatOf(value: number): JsonValue {
  return Number.isInteger(value) ? new JsonFloat(value) : value;
}

/** The elements of `dataset`, flat. @throws {HistFormatError} if there are more than `elementsMax`, or they are no numbers. */
export function numbersOf(
  dataset: Dataset,
  options: { path: string; elementsMax: number },
): ArrayLike<number | bigint> {
  const { path, elementsMax } = options;
  const { type, total_size: count } = dataset.metadata;
  if (count > elementsMax) {
    throw new HistFormatError(path, `has ${count} elements; the limit is ${elementsMax}`);
  }
  if (type !== classes.integer && type !== classes.float) {
    throw new HistFormatError(path, "must hold numbers");
  }
  if (count === 0) return [];
  const { value } = dataset;
  if (typeof value === "number" || typeof value === "bigint") return [value];
  if (ArrayBuffer.isView(value)) return value as unknown as ArrayLike<number | bigint>;
  throw new HistFormatError(path, "must hold numbers of at most 64 bits");
}

/** The elements of `dataset`, texts or integers. @throws {HistFormatError} likewise. */
export function categoriesOf(
  dataset: Dataset,
  options: { path: string; elementsMax: number },
): JsonValue[] {
  const { type, total_size: count } = dataset.metadata;
  if (type !== classes.string) {
    return Array.from(
      numbersOf(dataset, options),
      (value) => typeof value === "bigint" ? integerOf(value) : value,
    );
  }
  if (count > options.elementsMax) {
    const limit = `has ${count} elements; the limit is ${options.elementsMax}`;
    throw new HistFormatError(options.path, limit);
  }
  const { value } = dataset;
  return Array.isArray(value) ? value as string[] : [];
}

function integerOf(value: bigint): JsonValue {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
