/**
 * What a histogram is by now: its specification with the categories seen, made anew only when there are new ones.
 *
 * @module
 */

import { durabilityOf, type HistogramHandle, type HistogramView } from "../../accum/mod.ts";
import type { HistSpec } from "../../hist/mod.ts";
import type { ServiceContext } from "../context.ts";
import { specOf } from "../payload.ts";
import { withCategories } from "./manage.ts";

interface SeenSpec {
  readonly incarnation: number;
  /** Categories seen, by axis. */
  readonly counts: readonly number[];
  readonly spec: HistSpec;
}

/** Of one thread; a handle lives until the histogram is deleted or grows. */
export class CurrentSpecs {
  readonly #service: ServiceContext;
  readonly #seen = new WeakMap<HistogramHandle, SeenSpec>();

  constructor(service: ServiceContext) {
    this.#service = service;
  }

  /** Runs under the histogram's lock. Cheap unless there are categories that were not there at the last call. */
  specOf(view: HistogramView, handle: HistogramHandle): HistSpec {
    const made = specOf(handle);
    if (made.categoryAxes.length === 0) return made;
    const { incarnation } = view;
    const counts = made.categoryAxes.map((_, axis) => view.categoryCount(axis));
    const known = this.#seen.get(handle);
    if (
      known?.incarnation === incarnation && counts.every((count, i) => count === known.counts[i])
    ) return known.spec;
    const spec = withCategories(made, counts.map((_, axis) => view.categories(axis)));
    // What is not on disk may be taken back, and others may come in its place. Between two intervals nobody waits
    // for the disk, so there is no telling.
    if (durabilityOf(this.#service.registry.arena) === "interval") return spec;
    this.#service.gate.wait(view.epoch, {
      durable: () => this.#seen.set(handle, { incarnation, counts, spec }),
      refused: () => {},
    });
    return spec;
  }
}
