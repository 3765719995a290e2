/**
 * What every server room needs and no domain noun: assertions, time, randomness.
 *
 * @module
 */

export { assert, AssertionError } from "./assert.ts";
export { type Clock, ManualClock, systemClock } from "./clock.ts";
export { type Prng, SeededPrng, systemPrng, uuid4Hex } from "./prng.ts";
