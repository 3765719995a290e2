/**
 * A futex on one shared 32-bit word: 0 free, 1 held, 2 held and waited for (Drepper, "Futexes Are Tricky", mutex 2).
 *
 * Taking and giving back a free lock costs about 20 ns. Critical sections are short: the longest copies one
 * histogram. A holder never waits for anything but the next lock in the order of ARCHITECTURE.md.
 *
 * @module
 */

import { assert } from "../base/mod.ts";

const SPINS = 100;
/** A lock that is held this long is a deadlock, which is a bug of ours: end the process, do not hang. */
const WAIT_MS_MAX = 60_000;

/** Waits until the lock at `words[index]` is free and takes it. Not reentrant. */
export function lock(words: Int32Array, index: number): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.compareExchange(words, index, 0, 1) === 0) return;
  }
  while (Atomics.exchange(words, index, 2) !== 0) {
    const outcome = Atomics.wait(words, index, 2, WAIT_MS_MAX);
    assert(outcome !== "timed-out", "A lock has been held for a minute");
  }
}

/** Gives the lock back and wakes one thread that waits for it. */
export function unlock(words: Int32Array, index: number): void {
  if (Atomics.exchange(words, index, 0) === 2) Atomics.notify(words, index, 1);
}
