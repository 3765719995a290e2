/**
 * A data directory: the lock, the marker, and the store's file with its journal.
 *
 *     DIR/lock          held by the process that serves it
 *     DIR/marker.json   what the store held
 *     DIR/store.kv      the store, Deno KV's (with -wal and -shm beside it)
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";
import { statfsSync } from "node:fs";
import { checkpointBytesDefault, Journal, type JournalOptions } from "./journal.ts";
import { JournalError, toJournalError } from "./journal_error.ts";
import { openKvStore } from "./kv_store.ts";
import { acquireLock, type DirectoryLock } from "./lock.ts";
import { type Marker, readMarker, syncDirectory, writeMarker } from "./marker.ts";
import type { Store } from "./store.ts";

/** A checkpoint is never due before so many redo bytes: they would be few epochs. */
const redoBytesMin = 2 ** 20;

/** An open data directory. */
export interface DataDirectory {
  readonly path: string;
  readonly journal: Journal;
  /** The directory held nothing before. */
  readonly isNew: boolean;
  /** Closes the journal, then releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens the data directory at `path`, or creates it. A damaged or foreign directory is left as it is.
 *
 * @throws {LockError} if another process holds it.
 * @throws {JournalError} "truncated" if the store is not what the marker says it was, or any other
 * reason; the message names the files.
 */
export async function openDataDirectory(
  path: string,
  options: Omit<JournalOptions, "expected">,
): Promise<DataDirectory> {
  const lock = await lockDirectory(path, options);
  let store: Store | null = null;
  try {
    const markerPath = `${path}/marker.json`;
    const storePath = `${path}/store.kv`;
    const marker = await readMarker(markerPath);
    if (marker) await refuseLostStore(storePath, markerPath);
    store = await openKvStore(storePath).catch((error) => {
      throw toJournalError(error, { action: "Cannot open the data directory" });
    });
    const journal = await openJournal(store, {
      checkpointBytes: redoBytesFor(path),
      ...options,
      marker,
      markerPath,
      storePath,
    });
    await refreshMarker(markerPath, journal, marker);
    await syncDirectory(path);
    return {
      path,
      journal,
      isNew: marker === null && journal.epoch === 0,
      async close() {
        try {
          await journal.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    store?.close();
    lock.release();
    throw toFileError(error, path);
  }
}

async function lockDirectory(path: string, options: { clock: Clock }): Promise<DirectoryLock> {
  try {
    await Deno.mkdir(path, { recursive: true });
    return acquireLock(`${path}/lock`, options);
  } catch (error) {
    throw toFileError(error, path);
  }
}

/** What the file system says, as our error; a missing permission of Deno's stays its own. */
function toFileError(error: unknown, path: string): unknown {
  const isFileSystems = error instanceof Error && error.constructor !== Deno.errors.NotCapable &&
    Object.values(Deno.errors).some((kind) => error instanceof kind);
  if (!isFileSystems) return error;
  return new JournalError(`Cannot open data directory "${path}": ${error.message}`, {
    reason: "io",
    cause: error,
  });
}

/**
 * How much redo a checkpoint may wait for: an eighth of what the disk has left, so that redo records do
 * not fill a small one; the default where the disk may not be asked (Deno's permission `sys`).
 */
function redoBytesFor(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return Math.max(redoBytesMin, Math.min(checkpointBytesDefault, bavail * bsize / 8));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return checkpointBytesDefault;
    throw error;
  }
}

/** Before the engine may create the file anew. */
async function refuseLostStore(storePath: string, markerPath: string): Promise<void> {
  let bytes = 0;
  try {
    bytes = (await Deno.stat(storePath)).size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (bytes > 0) return;
  throw new JournalError(
    `Cannot open "${storePath}": it is empty or missing, but "${markerPath}" says that it held data`,
    { reason: "truncated" },
  );
}

async function openJournal(
  store: Store,
  options: JournalOptions & { marker: Marker | null; markerPath: string; storePath: string },
): Promise<Journal> {
  const { marker, markerPath, storePath, ...journalOptions } = options;
  try {
    return await Journal.open(store, { ...journalOptions, ...(marker && { expected: marker }) });
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const beside = marker ? `, marker "${markerPath}"` : "";
    throw new JournalError(`Cannot open "${storePath}"${beside}: ${error.message}`, {
      reason: error.reason,
      epoch: error.epoch,
      cause: error,
    });
  }
}

/** Notes how far the store is. A full disk may keep an older note: it claims less, and is still true. */
async function refreshMarker(
  path: string,
  journal: Journal,
  marker: Marker | null,
): Promise<void> {
  const { node, storeId, seq, createdWallMs } = journal;
  try {
    await writeMarker(path, { node, storeId, seq, createdWallMs });
  } catch (error) {
    if (!marker || !(error instanceof JournalError && error.reason === "full")) throw error;
  }
}
