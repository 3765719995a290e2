/**
 * One consistent look at a histogram, whatever layout it has by now.
 *
 * @module
 */

import { type HistogramHandle, type HistogramView, readHistogram } from "../../accum/mod.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { actOn } from "../current.ts";
import { ServiceError } from "../errors.ts";
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
  const { outcome: { epoch, value } } = actOn(
    registry,
    { caller, id: look.histId },
    (handle) =>
      readHistogram(registry, handle, { read: (view) => attempt(() => look.read(view, handle)) }),
  );
  const looked = value!; // there is one unless the histogram is gone, which actOn refuses
  if (!looked.isRefused) return { epoch, value: looked.found };
  const { code, message, cause } = looked.refusal;
  throw new ServiceError(code, message, { epoch, cause });
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
