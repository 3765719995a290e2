/**
 * The only way to change what counts: a compare-and-set of the manifest, with whatever belongs to it in
 * the same atomic commit.
 *
 * A commit whose answer was lost is told from one that never happened by reading the manifest back: its
 * seq and its writer say whose it is.
 *
 * @module
 */

import { assert, uuid4Hex } from "../base/mod.ts";
import { JournalError, toJournalError } from "./journal_error.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";
import type { Store, StoreBatch, StoreCheck, StoreKey } from "./store.ts";

/** Holds the manifest as it is on disk. */
export class ManifestWriter {
  readonly #store: Store;
  readonly #key: StoreKey;
  readonly #writer = uuid4Hex();
  #current: Manifest;
  #revision: string | null;
  /** Committed, but nobody knows whether. */
  #uncertain: Manifest | null = null;

  /** `revision` is `null` if `current` is not stored yet. */
  constructor(
    store: Store,
    options: { key: StoreKey; current: Manifest; revision: string | null },
  ) {
    this.#store = store;
    this.#key = options.key;
    this.#current = options.current;
    this.#revision = options.revision;
  }

  /** The last manifest known to be on disk. */
  get current(): Manifest {
    return this.#current;
  }

  /** A change was tried, and the store could not say whether it happened. */
  get isUncertain(): boolean {
    return this.#uncertain !== null;
  }

  /** Makes a commit conditional on nobody else having written. */
  get check(): StoreCheck {
    return { key: this.#key, revision: this.#revision };
  }

  /**
   * Applies `change` to the manifest together with `batch`. Not while {@linkcode isUncertain}.
   *
   * @throws {JournalError} "full" or "io" if it did not happen, or nobody knows ({@linkcode
   * isUncertain}); "conflict" if another process wrote.
   */
  async advance(change: Partial<Manifest>, batch: Omit<StoreBatch, "checks">): Promise<void> {
    assert(!this.isUncertain, "A change before the last one was settled");
    const next = {
      ...this.#current,
      ...change,
      seq: this.#current.seq + 1,
      writer: this.#writer,
    };
    const result = await this.#store.commit({
      checks: [this.check],
      sets: [{ key: this.#key, value: encodeManifest(next) }, ...batch.sets],
      deletes: batch.deletes,
    });
    if (result.status === "ok") {
      this.#current = next;
      this.#revision = result.revision;
      return;
    }
    if (result.status === "conflict") throw this.#conflict();
    this.#uncertain = next;
    if (!await this.settle()) {
      throw toJournalError(result.error, { action: `Cannot commit epoch ${next.lastEpoch}` });
    }
  }

  /**
   * Finds out what became of an uncertain change; true if it happened.
   *
   * @throws {JournalError} "io" if the store cannot be read either, "conflict" if another wrote.
   */
  async settle(): Promise<boolean> {
    const uncertain = this.#uncertain;
    if (!uncertain) return false;
    let entry;
    try {
      [entry] = await this.#store.get([this.#key]);
    } catch (error) {
      throw toJournalError(error, { action: "Cannot read the manifest back" });
    }
    if ((entry?.revision ?? null) === this.#revision) {
      this.#uncertain = null;
      return false;
    }
    const found = entry && decodeManifest(entry.value, this.#key);
    if (found?.seq !== uncertain.seq || found.writer !== uncertain.writer) throw this.#conflict();
    this.#uncertain = null;
    this.#current = uncertain;
    this.#revision = entry!.revision;
    return true;
  }

  #conflict(): JournalError {
    return new JournalError("Cannot commit: another process writes to the store", {
      reason: "conflict",
      key: this.#key,
    });
  }
}
