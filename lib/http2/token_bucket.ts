/**
 * A rate with bursts: what a peer may do often, but not for ever.
 *
 * @module
 */

/** Holds up to `burst` tokens, filled at `perSecond`; starts full. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  /** ≤ `#burst`; below 0 once more was taken than there was. */
  #tokens: number;
  #filledMs: number;

  constructor(options: { burst: number; perSecond: number; nowMs: number }) {
    this.#burst = options.burst;
    this.#perMs = options.perSecond / 1000;
    this.#tokens = options.burst;
    this.#filledMs = options.nowMs;
  }

  /** Whether more was taken than there was. */
  get isOverdrawn(): boolean {
    return this.#tokens < 0;
  }

  /** Takes one token. */
  take(nowMs: number): void {
    if (nowMs > this.#filledMs) this.#fill(nowMs);
    this.#tokens--;
  }

  /** Puts `count` tokens in, as a reward. */
  add(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }

  #fill(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledMs) * this.#perMs);
    this.#filledMs = nowMs;
  }
}
