/**
 * The store on Deno KV (SQLite in WAL mode, one fsync a commit), and the only door to `Deno.openKv`.
 *
 * Deno KV reports the engine's failures as plain errors whose text is SQLite's; here they get a reason.
 * It has no checksums, and opens a file of no bytes as an empty database: both are the caller's to see.
 *
 * @module
 */

import { assert } from "../base/mod.ts";
import {
  checkLimits,
  type Store,
  type StoreBatch,
  type StoreCommitResult,
  type StoreEntry,
  StoreError,
  type StoreErrorReason,
  type StoreKey,
  type StoreLimits,
  type StoreRange,
} from "./store.ts";

/** Keys that Deno KV reads in one call. */
const keysPerGetMax = 10;
/** Entries that a listing reads at once unless told otherwise: 4 MiB of the largest values. */
const listBatchEntries = 64;

/** The limits of Deno KV 2.9. */
export const kvLimits: StoreLimits = {
  keyBytesMax: 2_048,
  valueBytesMax: 65_536,
  commitBytesMax: 819_200,
  mutationsMax: 1_000,
  checksMax: 100,
};

/**
 * Opens the file at `path`, or creates it; `":memory:"` keeps all in memory.
 *
 * A file that is not SQLite's, or SQLite's but not Deno KV's, is refused before it is touched.
 *
 * @throws {StoreError} "foreign", or whatever the engine says.
 */
export async function openKvStore(path: string): Promise<Store> {
  if (path !== ":memory:") await refuseForeignFile(path);
  try {
    return new KvStore(await Deno.openKv(path));
  } catch (error) {
    throw translate(error, `Cannot open "${path}"`);
  }
}

class KvStore implements Store {
  readonly limits = kvLimits;
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async get(keys: readonly StoreKey[]): Promise<(StoreEntry | null)[]> {
    const entries: (StoreEntry | null)[] = [];
    for (let first = 0; first < keys.length; first += keysPerGetMax) {
      try {
        const found = await this.#kv.getMany<unknown[]>(keys.slice(first, first + keysPerGetMax));
        for (const entry of found) {
          entries.push(entry.versionstamp === null ? null : toStoreEntry(entry));
        }
      } catch (error) {
        throw translate(error, "Cannot read");
      }
    }
    return entries;
  }

  async commit(batch: StoreBatch): Promise<StoreCommitResult> {
    checkLimits(batch, this.limits);
    const atomic = this.#kv.atomic();
    for (const { key, revision } of batch.checks) atomic.check({ key, versionstamp: revision });
    for (const { key, value } of batch.sets) atomic.set(key, value);
    for (const key of batch.deletes) atomic.delete(key);
    try {
      const result = await atomic.commit();
      return result.ok ? { status: "ok", revision: result.versionstamp } : { status: "conflict" };
    } catch (error) {
      return { status: "unknown", error: translate(error, "Cannot commit") };
    }
  }

  async *list(prefix: StoreKey, range: StoreRange = {}): AsyncIterableIterator<StoreEntry> {
    const { start, end, batchEntries = listBatchEntries } = range;
    const selector: Deno.KvListSelector = start && end
      ? { start, end }
      : start
      ? { prefix, start }
      : end
      ? { prefix, end }
      : { prefix };
    try {
      for await (const entry of this.#kv.list(selector, { batchSize: batchEntries })) {
        yield toStoreEntry(entry);
      }
    } catch (error) {
      throw translate(error, "Cannot list");
    }
  }

  close(): void {
    this.#kv.close();
  }
}

function toStoreEntry(entry: Deno.KvEntry<unknown>): StoreEntry {
  const { key, value, versionstamp } = entry;
  if (!(value instanceof Uint8Array)) {
    throw new StoreError(`Cannot read ${String(key)}: its value is not bytes`, {
      reason: "foreign",
    });
  }
  const parts = key.map((part) => {
    assert(
      part instanceof Uint8Array || typeof part === "number" || typeof part === "string",
      "A key part of no known type",
    );
    return part;
  });
  return { key: parts, value, revision: versionstamp };
}

/** Gives SQLite's words a reason; the texts are those of `sqlite3_errstr`. */
function translate(error: unknown, action: string): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  let reason: StoreErrorReason = "other";
  if (/disk is full|no space left/i.test(text)) reason = "full";
  else if (/disk I\/O error/i.test(text)) reason = "io";
  else if (/malformed|not a database/i.test(text)) reason = "corrupt";
  return new StoreError(`${action}: ${text}`, { reason, cause: error });
}

/**
 * Looks at the first page, so that another program's file is never written to. Deno KV's own first
 * page names its tables, unless they are still in the WAL.
 */
async function refuseForeignFile(path: string): Promise<void> {
  const page = new Uint8Array(4_096);
  let bytes = 0;
  try {
    using file = await Deno.open(path, { read: true });
    bytes = (await file.read(page)) ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new StoreError(`Cannot open "${path}": ${(error as Error).message}`, {
      reason: "io",
      cause: error,
    });
  }
  if (bytes === 0) return;
  const text = new TextDecoder("latin1").decode(page.subarray(0, bytes));
  if (!text.startsWith("SQLite format 3\0")) {
    throw new StoreError(`Cannot open "${path}": not a database`, { reason: "foreign" });
  }
  if (!text.includes("CREATE TABLE kv") && !(await exists(`${path}-wal`))) {
    throw new StoreError(`Cannot open "${path}": another program's database`, {
      reason: "foreign",
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
