/**
 * The only door to randomness: a seeded generator for simulations and tests, and the machine's for ids.
 *
 * @module
 */

/** A source of uniform 32-bit numbers. */
export interface Prng {
  /** In [0, 2^32). */
  u32(): number;
}

/**
 * The linear congruential generator of the golden vectors: s ← (1664525·s + 1013904223) mod 2^32
 * (Numerical Recipes, ranqd1). Repeatable, not for secrets.
 */
export class SeededPrng implements Prng {
  #state: number;

  /** `seed` in [0, 2^32). */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  u32(): number {
    this.#state = (Math.imul(1664525, this.#state) + 1013904223) >>> 0;
    return this.#state;
  }

  /** In [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.u32() / 4294967296;
  }

  /** An integer in [low, high), from the upper 16 bits; high − low ≤ 65,536. */
  int(low: number, high: number): number {
    return low + (this.u32() >>> 16) % (high - low);
  }
}

/** The machine's random numbers. */
export const systemPrng: Prng = {
  u32: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
};

/** A version 4 UUID as 32 lower-case hexadecimal digits, as Python's `uuid.uuid4().hex` (RFC 9562 §5.4). */
export function uuid4Hex(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
