/**
 * Where a thread's answers wait until the epoch that holds their changes is on disk.
 *
 * One {@linkcode EpochGate} a thread; one `Atomics.waitAsync` for all that waits in it. Waiters are woken in the
 * order in which they came.
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import { durabilityOf, publishedEpoch } from "./epoch.ts";
import { WORD_EPOCH_PUBLISHED } from "./layout.ts";
import { isVoidEpoch } from "./void_epochs.ts";

/** An answer that waits. One of the two is called, once. */
export interface EpochWaiter {
  /** The epoch is on disk. */
  durable(): void;
  /** The disk refused the epoch, and its changes were taken back. */
  refused(): void;
}

/** The waiting room of one thread. */
export class EpochGate {
  readonly #arena: Arena;
  readonly #waits: boolean;
  #epochs: number[] = [];
  #waiters: EpochWaiter[] = [];
  #isArmed = false;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#waits = durabilityOf(arena) === "commit";
  }

  /** Answers that wait. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether what `epoch` holds may be shown now. Always, unless the durability is `commit`. */
  isOpenFor(epoch: number): boolean {
    return this.#judge(epoch, publishedEpoch(this.#arena)) === "durable";
  }

  /** Calls `waiter` when `epoch` is on disk, or was taken back: at once, or later in a turn of its own. */
  wait(epoch: number, waiter: EpochWaiter): void {
    const verdict = this.#judge(epoch, publishedEpoch(this.#arena));
    if (verdict !== "open") return waiter[verdict]();
    this.#epochs.push(epoch);
    this.#waiters.push(waiter);
    if (!this.#isArmed) this.#arm();
  }

  /** Like {@linkcode EpochGate.wait}; rejects with what `refusal` makes. */
  pass(epoch: number, refusal: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      this.wait(epoch, { durable: resolve, refused: () => reject(refusal()) });
    });
  }

  #arm(): void {
    this.#isArmed = true;
    const { words } = this.#arena;
    const seen = Atomics.load(words, WORD_EPOCH_PUBLISHED);
    const waiting = Atomics.waitAsync(words, WORD_EPOCH_PUBLISHED, seen);
    if (!waiting.async) {
      queueMicrotask(() => this.#wake());
      return;
    }
    // An epoch published between the caller's look and `seen` sends no further wake-up: look again.
    if (this.#hasVerdict()) queueMicrotask(() => this.#release());
    waiting.value.then(() => this.#wake());
  }

  #wake(): void {
    this.#isArmed = false;
    this.#release();
    if (this.#waiters.length > 0 && !this.#isArmed) this.#arm();
  }

  #hasVerdict(): boolean {
    const published = publishedEpoch(this.#arena);
    return this.#epochs.some((epoch) => this.#judge(epoch, published) !== "open");
  }

  #release(): void {
    const published = publishedEpoch(this.#arena);
    const epochs = this.#epochs;
    const waiters = this.#waiters;
    this.#epochs = [];
    this.#waiters = [];
    for (let i = 0; i < epochs.length; i++) {
      const verdict = this.#judge(epochs[i]!, published);
      if (verdict !== "open") waiters[i]![verdict]();
      else {
        this.#epochs.push(epochs[i]!);
        this.#waiters.push(waiters[i]!);
      }
    }
  }

  /** A void epoch may be below a later one that is published, so it is looked for first. */
  #judge(epoch: number, published: number): "durable" | "refused" | "open" {
    if (!this.#waits) return "durable";
    if (isVoidEpoch(this.#arena, epoch)) return "refused";
    return epoch <= published ? "durable" : "open";
  }
}
