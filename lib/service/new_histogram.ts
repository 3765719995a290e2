/**
 * Making a histogram of a client's UHI JSON, and maybe contents, all or nothing: what Init, Create and Import share.
 *
 * @module
 */

import {
  addInitialChunks,
  ArenaFullError,
  type ChunkAddition,
  type HistogramHandle,
  publishHistogram,
} from "../accum/mod.ts";
import { uuid4Hex } from "../base/mod.ts";
import { HistFormatError, type HistSpec, parseHistSpec } from "../hist/mod.ts";
import type { Caller } from "./caller.ts";
import type { ServiceContext } from "./context.ts";
import { Code, invalidArgument, memoryExhausted, ServiceError } from "./errors.ts";

/** A description longer than this is no description. */
const JSON_CHARACTERS_MAX = 64 * 2 ** 20;

/** A specification and the text it was read from. */
export interface Description {
  readonly spec: HistSpec;
  readonly json: string;
}

/**
 * Reads a description; `check` may refuse more. `what` begins the message of a refusal, `field` that of a length.
 *
 * @throws {ServiceError} INVALID_ARGUMENT with the path of the offending field.
 */
export function readSpec(
  json: string,
  reading: { what: string; field: string; check: (spec: HistSpec) => void },
): HistSpec {
  if (json.length > JSON_CHARACTERS_MAX) {
    throw invalidArgument(
      `${reading.field} has ${json.length} characters, the limit is ${JSON_CHARACTERS_MAX}`,
    );
  }
  try {
    const spec = parseHistSpec(json);
    reading.check(spec);
    return spec;
  } catch (error) {
    if (!(error instanceof HistFormatError)) throw error;
    throw invalidArgument(`${reading.what}: ${error.message}`, error);
  }
}

/**
 * A histogram of which not even one chunk would fit could never be filled.
 *
 * @throws {ServiceError} RESOURCE_EXHAUSTED
 */
export function checkBudget(service: ServiceContext, spec: HistSpec): void {
  const { arena } = service.registry;
  const left = Math.max(0, arena.budgetBytes - arena.usedBytes);
  if (spec.chunkBytes <= left) return;
  throw new ServiceError(
    Code.ResourceExhausted,
    `cannot make the histogram: one chunk needs ${spec.chunkBytes} bytes, ${left} of ${arena.budgetBytes} are free; ` +
      "delete histograms or raise --max-bytes",
  );
}

/**
 * A record for a new histogram, to be filled and published, or discarded.
 *
 * @throws {ServiceError} RESOURCE_EXHAUSTED
 */
export function prepareHistogram(
  service: ServiceContext,
  caller: Caller,
  description: Description,
): HistogramHandle {
  const { spec, json } = description;
  checkBudget(service, spec);
  try {
    const handle = service.registry.prepare({
      id: uuid4Hex(),
      tokenDigest: caller.digest,
      arithmetic: spec.cellKind === "weighted" ? "f64" : spec.cellKind,
      chunkBytes: spec.chunkBytes,
      createdWallMs: service.clock.wallMs(),
      name: spec.name,
      label: spec.label,
      categoryAxes: spec.categoryAxes.length,
      json,
    });
    handle.attachment = spec;
    return handle;
  } catch (error) {
    throw refuseMemory(error);
  }
}

/**
 * Makes a histogram with contents; answers with its id once `epoch` is on disk.
 *
 * @throws {ServiceError} RESOURCE_EXHAUSTED; nothing is left behind then.
 */
export function makeHistogram(
  service: ServiceContext,
  caller: Caller,
  made: Description & { readonly additions: readonly ChunkAddition[] },
): { readonly id: string; readonly epoch: number } {
  const { registry } = service;
  const handle = prepareHistogram(service, caller, made);
  try {
    addInitialChunks(registry, handle, made.additions);
    return { id: handle.metadata.id, epoch: publishHistogram(registry, handle).epoch };
  } catch (error) {
    if (error instanceof ArenaFullError) registry.discard(handle);
    throw refuseMemory(error);
  }
}

function refuseMemory(error: unknown): unknown {
  return error instanceof ArenaFullError
    ? memoryExhausted("cannot make the histogram", error)
    : error;
}
