/**
 * Acting on a histogram whatever layout it has by now: growing axes make old handles void.
 *
 * @module
 */

import type { HistogramHandle, Outcome, Registry } from "../accum/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import { unknownHistogram } from "./errors.ts";

/**
 * What `act` makes of the histogram. If its axes grew since it was looked up, it is looked up again; every further
 * turn needs another growth.
 *
 * @throws {ServiceError} NOT_FOUND, or what `act` throws.
 */
export function actOn<T extends Outcome>(
  registry: Registry,
  target: { readonly caller: Caller; readonly id: string },
  act: (handle: HistogramHandle) => T,
): { readonly handle: HistogramHandle; readonly outcome: T } {
  const { caller, id } = target;
  let handle = requireHistogram(registry, caller, id);
  for (;;) {
    const outcome = act(handle);
    if (outcome.status !== "gone") return { handle, outcome };
    const current = registry.find(id);
    if (!current || current.creation === handle.creation) throw unknownHistogram(id, outcome.epoch);
    handle = requireHistogram(registry, caller, id);
  }
}
