/**
 * A store in memory for tests and simulations: faults by script, and a crash at any operation.
 *
 * Contents are shared by {@linkcode MemoryStore.reopen}, as a file is by the processes that open it
 * one after the other.
 *
 * @module
 */

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
import { kvLimits } from "./kv_store.ts";

/** What goes wrong, and when. */
export interface StoreFault {
  /** The number of the operation (get, commit, one listed entry or a listing's end), from 1. */
  readonly operation: number;
  /** "refuse": fails, nothing applied. "lose-answer": a commit is applied, then fails. */
  readonly effect: "refuse" | "lose-answer";
  /** How many operations in a row fail. Default 1; `Infinity`: the process died there. */
  readonly times?: number;
  /** Default "io". */
  readonly reason?: StoreErrorReason;
}

/** A {@linkcode Store} in memory. Values are copied in and out. */
export class MemoryStore implements Store {
  readonly limits: StoreLimits;
  readonly #contents: Contents;
  #operations = 0;
  #faults: readonly StoreFault[] = [];

  constructor(limits: StoreLimits = kvLimits, contents: Contents = new Contents()) {
    this.limits = limits;
    this.#contents = contents;
  }

  /** Operations so far. */
  get operations(): number {
    return this.#operations;
  }

  /** Replaces the script. Operations are counted from now. */
  script(faults: readonly StoreFault[]): void {
    this.#operations = 0;
    this.#faults = faults;
  }

  /** A store of the same contents without faults: what a restart after a crash finds. */
  reopen(): MemoryStore {
    return new MemoryStore(this.limits, this.#contents);
  }

  /** A store of a copy of the contents. */
  clone(): MemoryStore {
    return new MemoryStore(this.limits, this.#contents.clone());
  }

  async get(keys: readonly StoreKey[]): Promise<(StoreEntry | null)[]> {
    if (keys.length === 0) return [];
    await Promise.resolve();
    this.#throwFault();
    return keys.map((key) => copyEntry(this.#contents.entries.get(orderedKey(key)) ?? null));
  }

  async commit(batch: StoreBatch): Promise<StoreCommitResult> {
    checkLimits(batch, this.limits);
    await Promise.resolve();
    const fault = this.#nextFault();
    if (fault?.effect === "refuse") return { status: "unknown", error: toError(fault) };
    const result = this.#contents.apply(batch);
    return fault && result.status === "ok" ? { status: "unknown", error: toError(fault) } : result;
  }

  async *list(prefix: StoreKey, range: StoreRange = {}): AsyncIterableIterator<StoreEntry> {
    const start = orderedKey(range.start ?? prefix);
    const end = range.end ? orderedKey(range.end) : orderedKey(prefix) + "\uffff";
    const own = orderedKey(prefix);
    for (const [ordered, entry] of this.#contents.sorted()) {
      if (ordered < start || ordered >= end || ordered === own) continue;
      await Promise.resolve();
      this.#throwFault();
      yield copyEntry(entry)!;
    }
    this.#throwFault();
  }

  close(): void {}

  #nextFault(): StoreFault | undefined {
    const operation = ++this.#operations;
    return this.#faults.find((fault) =>
      operation >= fault.operation && operation < fault.operation + (fault.times ?? 1)
    );
  }

  #throwFault(): void {
    const fault = this.#nextFault();
    if (fault) throw toError(fault);
  }
}

/** The durable part: what a crash leaves. */
class Contents {
  readonly entries: Map<string, StoreEntry>;
  #revision: number;
  #sorted: [string, StoreEntry][] | null = null;

  constructor(entries = new Map<string, StoreEntry>(), revision = 0) {
    this.entries = entries;
    this.#revision = revision;
  }

  clone(): Contents {
    return new Contents(new Map(this.entries), this.#revision);
  }

  sorted(): readonly [string, StoreEntry][] {
    return this.#sorted ??= [...this.entries].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  }

  apply(batch: StoreBatch): StoreCommitResult {
    for (const { key, revision } of batch.checks) {
      if ((this.entries.get(orderedKey(key))?.revision ?? null) !== revision) {
        return { status: "conflict" };
      }
    }
    const revision = (++this.#revision).toString(16).padStart(20, "0");
    for (const { key, value } of batch.sets) {
      this.entries.set(orderedKey(key), { key, value: value.slice(), revision });
    }
    for (const key of batch.deletes) this.entries.delete(orderedKey(key));
    this.#sorted = null;
    return { status: "ok", revision };
  }
}

function copyEntry(entry: StoreEntry | null): StoreEntry | null {
  return entry && { ...entry, value: entry.value.slice() };
}

function toError(fault: StoreFault): StoreError {
  const reason = fault.reason ?? "io";
  return new StoreError(`Cannot commit: scripted fault "${reason}"`, { reason });
}

/** A string that compares as the key does: a kind, then the part, then an end below every byte. */
function orderedKey(key: StoreKey): string {
  let ordered = "";
  for (const part of key) {
    if (typeof part === "number") ordered += "\u0004" + orderedNumber(part);
    else if (typeof part === "string") ordered += "\u0003" + hexUtf8(part) + "\u0001";
    else ordered += "\u0002" + part.toHex() + "\u0001";
  }
  return ordered;
}

function hexUtf8(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

/** IEEE 754 bits, big-endian; the sign bit flipped, or all bits for a negative number. */
function orderedNumber(number: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  view.setBigUint64(0, bits >> 63n ? ~bits : bits | 1n << 63n);
  return new Uint8Array(view.buffer).toHex();
}
