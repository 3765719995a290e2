/**
 * The coarse clock by which idleness is measured: seconds that the server has been up, ticked by the main thread.
 * Time while the server is down does not pass.
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import { WORD_UPTIME_SECONDS } from "./layout.ts";

/** Sets the seconds since the start. */
export function tickUptime(arena: Arena, seconds: number): void {
  Atomics.store(arena.words, WORD_UPTIME_SECONDS, Math.floor(seconds));
}

/** Seconds since the start, whole. */
export function readUptime(arena: Arena): number {
  return Atomics.load(arena.words, WORD_UPTIME_SECONDS);
}
