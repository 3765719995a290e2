/**
 * The seed of a simulation: `HISTSERV_SEED`, or a fresh one; a failure names it.
 *
 * @module
 */

import { systemPrng } from "../../lib/base/mod.ts";

/** A simulation failed; run it again with `HISTSERV_SEED`. Threads and sockets keep their own order. */
export class SimulationError extends RangeError {
  override readonly name = "SimulationError";
}

/** Runs `body` with a seed in [0, 2^32). @throws {SimulationError} that names the seed. */
export async function withSeed(body: (seed: number) => Promise<void>): Promise<void> {
  const text = Deno.env.get("HISTSERV_SEED");
  const seed = text === undefined ? systemPrng.u32() : Number(text) >>> 0;
  try {
    await body(seed);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimulationError(`Cannot pass with HISTSERV_SEED=${seed}: ${reason}`, { cause });
  }
}
