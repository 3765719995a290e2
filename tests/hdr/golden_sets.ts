/**
 * The data sets of the golden files, each from its seed; every step is exact in doubles (tests/data/hdr/README.md).
 *
 * @module
 */

/** A value and how often it is recorded. */
export type Recorded = readonly [value: bigint, count: bigint];

/** The linear congruential generator of the golden files. */
export class GoldenLcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    return this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
  }

  /** Lognormal, to the base 2: e is normal, the value is 2^floor(e) * (1 + fraction of e). */
  logNormal(mu: number, sigma: number): number {
    let z = -6;
    for (let n = 0; n < 12; n++) z += this.next() / 2 ** 32;
    const e = Math.max(0, mu + sigma * z);
    const k = Math.floor(e);
    return Math.floor(2 ** k * (1 + (e - k)));
  }
}

/** The set called `name`, its values at most `highest`. */
export function goldenSet(name: string, highest: bigint): Recorded[] {
  const cap = (value: bigint) => value < highest ? value : highest;
  const draw = (seed: number, length: number, mu: number): Recorded[] => {
    const lcg = new GoldenLcg(seed);
    return Array.from({ length }, () => [cap(BigInt(lcg.logNormal(mu, 1.5))), 1n]);
  };
  switch (name) {
    case "empty":
      return [];
    case "lognormal":
      return draw(42, 100_000, 13);
    case "small":
      return draw(11, 1000, 10);
    case "equal":
      return [[cap(12345n), 10_000n]];
    case "sparse":
      return [[1n, 3n], [cap(1_000_000n), 2n], [highest, 1n]];
    case "edges": {
      const values = [0n];
      for (let b = 0n; b <= 61n; b++) values.push(2n ** b - 1n, 2n ** b, 2n ** b + 1n);
      return [...values.filter((value) => value <= highest), highest].map((value) => [value, 1n]);
    }
    case "co": {
      const lcg = new GoldenLcg(7);
      return Array.from({ length: 10_000 }, (_, i) => {
        const value = lcg.logNormal(10, 1.5);
        return [cap(BigInt(i % 1000 === 999 ? 1_000_000 + lcg.next() % 1_000_000 : value)), 1n];
      });
    }
    case "counts": {
      const lcg = new GoldenLcg(3);
      return Array.from({ length: 200 }, () => {
        const value = cap(BigInt(lcg.logNormal(13, 1.5)));
        return [value, 2n ** BigInt(lcg.next() % 41)];
      });
    }
    case "bigcounts":
      return [[1000n, 2n ** 53n + 1n], [2000n, 2n ** 60n], [3000n, 1n], [50_000n, 2n ** 32n + 1n]];
    default:
      throw new RangeError(`Cannot make a set: there is no "${name}"`);
  }
}
