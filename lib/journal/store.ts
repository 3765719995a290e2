/**
 * What the journal needs of a database: tuple keys in order, byte values, and one atomic commit.
 *
 * The interface is small so that another engine can stand behind it. Two rules for every engine: a
 * commit is applied wholly or not at all, and its effect is on disk when it answers "ok".
 *
 * @module
 */

/** A tuple; compared part by part: bytes before strings before numbers, as Deno KV orders them. */
export type StoreKey = readonly (string | number | Uint8Array)[];

/** A key, its value and the revision that wrote it. */
export interface StoreEntry {
  readonly key: StoreKey;
  readonly value: Uint8Array;
  /** Opaque; differs after every write of the key. */
  readonly revision: string;
}

/** The key must be at this revision (`null`: absent), or the whole commit is a conflict. */
export interface StoreCheck {
  readonly key: StoreKey;
  readonly revision: string | null;
}

/** A value to set. The bytes belong to the store until the commit answers. */
export interface StoreSet {
  readonly key: StoreKey;
  readonly value: Uint8Array;
}

/** One atomic commit; the keys of `sets` and `deletes` are distinct. */
export interface StoreBatch {
  readonly checks: readonly StoreCheck[];
  readonly sets: readonly StoreSet[];
  readonly deletes: readonly StoreKey[];
}

/**
 * What became of a commit. "unknown": the store failed and may have applied it or not; the caller
 * reads back to learn which.
 */
export type StoreCommitResult =
  | { readonly status: "ok"; readonly revision: string }
  | { readonly status: "conflict" }
  | { readonly status: "unknown"; readonly error: StoreError };

/** A part of a prefix's range, in key order. */
export interface StoreRange {
  /** First key, inclusive; it must begin with the prefix. */
  readonly start?: StoreKey;
  /** End key, exclusive; it must begin with the prefix. */
  readonly end?: StoreKey;
  /** Entries read at once, in [1, 1000]; what a listing holds in memory. Default 64. */
  readonly batchEntries?: number;
}

/** The most that one call may carry. */
export interface StoreLimits {
  readonly keyBytesMax: number;
  readonly valueBytesMax: number;
  /** Keys and values of one commit together; the key of a set counts twice. */
  readonly commitBytesMax: number;
  /** Sets and deletes of one commit together. */
  readonly mutationsMax: number;
  readonly checksMax: number;
}

/** A key-value store with atomic commits. */
export interface Store {
  readonly limits: StoreLimits;
  /**
   * Reads `keys`, in their order; `null` for an absent one. Any number; more than ten are not read at
   * one moment.
   *
   * @throws {StoreError} if the store fails.
   */
  get(keys: readonly StoreKey[]): Promise<(StoreEntry | null)[]>;
  /**
   * Applies `batch` wholly or not at all; on disk when it answers "ok".
   *
   * @throws {RangeError} if the batch is beyond {@linkcode limits}.
   */
  commit(batch: StoreBatch): Promise<StoreCommitResult>;
  /**
   * The entries whose keys are longer than `prefix` and begin with it, ascending. Not a snapshot:
   * what is committed meanwhile may or may not be seen.
   *
   * @throws {StoreError} if the store fails.
   */
  list(prefix: StoreKey, range?: StoreRange): AsyncIterableIterator<StoreEntry>;
  close(): void;
}

/** Why a store failed. "foreign": the file is another program's. */
export type StoreErrorReason = "full" | "io" | "corrupt" | "foreign" | "other";

/** The world's fault below the store: disk, file or engine. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly reason: StoreErrorReason;

  constructor(message: string, options: { reason: StoreErrorReason; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/** The bytes that `set` counts against the limit of a commit: Deno KV counts its key twice. */
export function setBytes(set: StoreSet): number {
  return 2 * keyBytes(set.key) + set.value.length;
}

/** The bytes that `key` counts against the limits, never less than an engine's own encoding. */
export function keyBytes(key: StoreKey): number {
  let bytes = 0;
  for (const part of key) {
    if (typeof part === "number") bytes += 9;
    else if (typeof part === "string") bytes += 2 + part.length * 3;
    else bytes += 2 + part.length * 2;
  }
  return bytes;
}

/** A key for people: `["hs",1,"r",12,0]`. */
export function formatKey(key: StoreKey): string {
  return JSON.stringify(key, (_, part) => part instanceof Uint8Array ? part.toHex() : part);
}

/** @throws {RangeError} if `batch` is beyond `limits`. */
export function checkLimits(batch: StoreBatch, limits: StoreLimits): void {
  let bytes = 0;
  for (const set of batch.sets) {
    const { key, value } = set;
    if (value.length > limits.valueBytesMax) {
      throw new RangeError(
        `Cannot set ${formatKey(key)}: ${value.length} bytes, limit ${limits.valueBytesMax}`,
      );
    }
    checkKey(key, limits);
    bytes += setBytes(set);
  }
  for (const key of batch.deletes) bytes += checkKey(key, limits);
  for (const { key } of batch.checks) bytes += checkKey(key, limits);
  const mutations = batch.sets.length + batch.deletes.length;
  if (mutations > limits.mutationsMax) {
    throw new RangeError(`Cannot commit: ${mutations} mutations, limit ${limits.mutationsMax}`);
  }
  if (batch.checks.length > limits.checksMax) {
    throw new RangeError(`Cannot commit: ${batch.checks.length} checks, limit ${limits.checksMax}`);
  }
  if (bytes > limits.commitBytesMax) {
    throw new RangeError(`Cannot commit: ${bytes} bytes, limit ${limits.commitBytesMax}`);
  }
}

function checkKey(key: StoreKey, limits: StoreLimits): number {
  const bytes = keyBytes(key);
  if (key.length === 0 || bytes > limits.keyBytesMax) {
    throw new RangeError(
      `Cannot use key ${formatKey(key)}: ${bytes} bytes, limit ${limits.keyBytesMax}`,
    );
  }
  return bytes;
}
