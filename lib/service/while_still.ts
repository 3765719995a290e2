/**
 * Long work on a histogram that stands still: begun anew whenever somebody changes it, a few times.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { type Caller, requireHistogram } from "./caller.ts";
import type { ServiceContext } from "./context.ts";
import { Code, ServiceError } from "./errors.ts";
import { HistogramChangedError, StillView, type StillViewOptions } from "./still_view.ts";

/** Between the tries: so many there are, and one more. */
const PAUSES_MS: readonly number[] = [1, 10, 50, 200];

/** What to do. */
export interface StillWork<T> extends StillViewOptions {
  readonly histId: string;
  /** Begins the message of a refusal. */
  readonly action: string;
  /** Undoes what it did if it throws; a {@linkcode HistogramChangedError} of the view passes through. */
  readonly run: (view: StillView) => Promise<T>;
}

/** @throws {ServiceError} NOT_FOUND, or ABORTED if it was changed in every try; whatever `run` throws. */
export async function whileStill<T>(
  service: ServiceContext,
  caller: Caller,
  work: StillWork<T>,
): Promise<T> {
  for (let tries = 0;; tries++) {
    // Its axes may have grown: then it has another handle.
    const handle = requireHistogram(service.registry, caller, work.histId);
    try {
      return await work.run(await StillView.open(service.registry, handle, work));
    } catch (error) {
      if (!(error instanceof HistogramChangedError)) throw error;
    }
    if (tries === PAUSES_MS.length) break;
    await pause(PAUSES_MS[tries]!);
  }
  throw new ServiceError(
    Code.Aborted,
    `${work.action}: the histogram was changed during each of ${PAUSES_MS.length + 1} tries; ` +
      "it is kept: stop filling it first",
  );
}
