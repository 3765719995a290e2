/**
 * The only door to time. Everything else takes a {@linkcode Clock} as a parameter.
 *
 * @module
 */

/** Two clocks: one that never jumps, for durations, and one that people read. */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back, does not follow wall-clock jumps. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z; may jump in either direction. */
  wallMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** A clock that only moves when told to. Both readings start at `startMs`. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  /** Moves both readings on by `ms` ≥ 0. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
