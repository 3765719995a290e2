/**
 * One consistent look at a histogram, whatever layout it has by now.
 *
 * @module
 */

import { type HistogramHandle, type HistogramView, readHistogram } from "../../accum/mod.ts";
import { type Caller, requireHistogram } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { ServiceError, unknownHistogram } from "../errors.ts";
import type { Finding } from "./call.ts";

/** What is looked at, and what for. */
export interface Look<T> {
  readonly histId: string;
  /** Runs under the histogram's lock. @throws {ServiceError} */
  readonly read: (view: HistogramView, handle: HistogramHandle) => T;
}

/**
 * Reads under the lock. A histogram whose axes grew in the meantime is looked up again. What `read` refuses tells of
 * the contents, too, so it waits for their epoch.
 *
 * @throws {ServiceError} NOT_FOUND, or what `read` throws.
 */
export function lookAt<T>(service: ServiceContext, caller: Caller, look: Look<T>): Finding<T> {
  const { registry } = service;
  const { histId } = look;
  let handle = requireHistogram(registry, caller, histId);
  for (;;) {
    const { epoch, value } = readHistogram(registry, handle, {
      read: (view) => attempt(() => look.read(view, handle)),
    });
    if (value?.isRefused === false) return { epoch, value: value.found };
    if (value) {
      const { code, message, cause } = value.refusal;
      throw new ServiceError(code, message, { epoch, cause });
    }
    const current = registry.find(histId);
    // Every further turn needs another growth.
    if (!current || current.creation === handle.creation) throw unknownHistogram(histId, epoch);
    handle = requireHistogram(registry, caller, histId);
  }
}

type Attempt<T> =
  | { readonly isRefused: false; readonly found: T }
  | { readonly isRefused: true; readonly refusal: ServiceError };

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { isRefused: false, found: read() };
  } catch (error) {
    if (error instanceof ServiceError) return { isRefused: true, refusal: error };
    throw error;
  }
}
