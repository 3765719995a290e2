/**
 * Where a thread's answers wait until the epoch that holds their changes is on disk.
 *
 * One {@linkcode EpochGate} a thread; one `Atomics.waitAsync` for all that waits in it. Waiters are woken in the
 * order in which they came.
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import { changesRefused, durabilityOf, publishedEpoch } from "./epoch.ts";
import { WORD_EPOCH_PUBLISHED } from "./layout.ts";

/** An answer that waits. One of the two is called, once. */
export interface EpochWaiter {
  /** The epoch is on disk. */
  durable(): void;
  /** The disk refuses commits; the change may still reach it later. */
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
    return !this.#waits || epoch <= publishedEpoch(this.#arena);
  }

  /** Calls `waiter` when `epoch` is on disk, or the disk refuses: at once, or later in a turn of its own. */
  wait(epoch: number, waiter: EpochWaiter): void {
    if (this.isOpenFor(epoch)) return waiter.durable();
    // The wake-up that told of the refusal may be past: the next one comes when the disk is tried again.
    if (changesRefused(this.#arena)) return waiter.refused();
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
    if (this.#hasOpen()) queueMicrotask(() => this.#release());
    waiting.value.then(() => this.#wake());
  }

  #wake(): void {
    this.#isArmed = false;
    this.#release();
    if (this.#waiters.length > 0 && !this.#isArmed) this.#arm();
  }

  #hasOpen(): boolean {
    const published = publishedEpoch(this.#arena);
    return changesRefused(this.#arena) || this.#epochs.some((epoch) => epoch <= published);
  }

  #release(): void {
    const published = publishedEpoch(this.#arena);
    const refused = changesRefused(this.#arena);
    const epochs = this.#epochs;
    const waiters = this.#waiters;
    this.#epochs = [];
    this.#waiters = [];
    for (let i = 0; i < epochs.length; i++) {
      if (epochs[i]! <= published) waiters[i]!.durable();
      else if (refused) waiters[i]!.refused();
      else {
        this.#epochs.push(epochs[i]!);
        this.#waiters.push(waiters[i]!);
      }
    }
  }
}
