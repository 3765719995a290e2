/**
 * The marker file: what the data directory held when it was last opened.
 *
 * Deno KV opens a file of no bytes as an empty database without a word. The marker outlives such a
 * file, so that lost data are an error and not a fresh start.
 *
 * @module
 */

import { dirname } from "node:path";
import { JournalError } from "./journal_error.ts";

/** The newest marker that this program reads, and what it writes. */
const markerVersion = 1;
const markerFormat = "histserv data directory";
const markerBytesMax = 4_096;

/** What the directory's store was. */
export interface Marker {
  readonly node: number;
  /** 32 hexadecimal digits. */
  readonly storeId: string;
  /** The manifest's, when the marker was written; the store is never behind it. */
  readonly seq: number;
  readonly createdWallMs: number;
}

/**
 * Reads the marker at `path`; `null` if there is none.
 *
 * @throws {JournalError} "foreign", "newer-format", "corrupt" or "io", naming the file.
 */
export async function readMarker(path: string): Promise<Marker | null> {
  let text: string;
  try {
    const { size } = await Deno.stat(path);
    if (size > markerBytesMax) throw fail(path, "foreign", `${size} bytes, no marker is so long`);
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof JournalError) throw error;
    throw fail(path, "io", (error as Error).message, error);
  }
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (error) {
    throw fail(path, "corrupt", "not JSON", error);
  }
  if (!isObject(fields) || fields.format !== markerFormat) {
    throw fail(path, "foreign", `its format is not "${markerFormat}"`);
  }
  const { version, node, storeId, seq, createdWallMs } = fields;
  if (typeof version === "number" && version > markerVersion) {
    throw fail(
      path,
      "newer-format",
      `format version ${version}, this program reads up to ${markerVersion}`,
    );
  }
  if (
    version !== markerVersion || !isCount(node) || !isCount(seq) || !isCount(createdWallMs) ||
    typeof storeId !== "string" || !/^[0-9a-f]{32}$/.test(storeId)
  ) throw fail(path, "corrupt", "a field is missing or of the wrong type");
  return { node, storeId, seq, createdWallMs };
}

/**
 * Replaces the marker at `path`, wholly or not at all, and on disk when it resolves.
 *
 * @throws {JournalError} "full" or "io".
 */
export async function writeMarker(path: string, marker: Marker): Promise<void> {
  const fields = { format: markerFormat, version: markerVersion, ...marker };
  const bytes = new TextEncoder().encode(`${JSON.stringify(fields, null, 2)}\n`);
  const temporary = `${path}.new`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
      for (let written = 0; written < bytes.length;) {
        written += await file.write(bytes.subarray(written));
      }
      await file.sync();
    }
    await Deno.rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    const text = (error as Error).message;
    throw fail(path, /no space|quota/i.test(text) ? "full" : "io", text, error);
  }
}

/** Puts the directory's entries on disk: new and renamed files. Windows has no such call, nor need. */
export async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}

function fail(
  path: string,
  reason: "foreign" | "newer-format" | "corrupt" | "full" | "io",
  state: string,
  cause?: unknown,
): JournalError {
  return new JournalError(`Cannot use marker "${path}": ${state}`, { reason, cause });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
