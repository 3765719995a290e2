/**
 * Init: makes a histogram from UHI JSON and maybe contents, all or nothing.
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
import { checkCompatible, HistFormatError, type HistSpec, parseHistSpec } from "../hist/mod.ts";
import { decodeInit, encodeTextResponse } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { Code, invalidArgument, ServiceError } from "./errors.ts";
import { readAdditions } from "./payload.ts";

const WHAT = "invalid init payload";
/** A description longer than this is no description. */
const JSON_CHARACTERS_MAX = 64 * 2 ** 20;

/** Answers with the new id. */
export function init(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Answer | Promise<Answer> {
  const { histJson: json, chunks, codec } = decodeInit(message);
  const spec = readSpec(json);
  checkBudget(service, spec);
  const additions = readAdditions(spec, chunks, {
    codec,
    what: WHAT,
    decodedBytesMax: service.messageBytesMax,
  });
  if (!(additions instanceof Promise)) return make(service, caller, { spec, json, additions });
  return additions.then((decoded) => make(service, caller, { spec, json, additions: decoded }));
}

function make(
  service: ServiceContext,
  caller: Caller,
  request: { spec: HistSpec; json: string; additions: readonly ChunkAddition[] },
): Answer {
  const { registry } = service;
  const { spec, json, additions } = request;
  const id = uuid4Hex();
  let handle: HistogramHandle | null = null;
  try {
    handle = registry.prepare({
      id,
      tokenDigest: caller.digest,
      arithmetic: spec.cellKind === "i64" ? "i64" : "f64",
      chunkBytes: spec.chunkBytes,
      createdWallMs: service.clock.wallMs(),
      name: spec.name,
      label: spec.label,
      categoryAxes: spec.categoryAxes.length,
      json,
    });
    handle.attachment = spec;
    addInitialChunks(registry, handle, additions);
    return { epoch: publishHistogram(registry, handle).epoch, pieces: [encodeTextResponse(id)] };
  } catch (error) {
    if (!(error instanceof ArenaFullError)) throw error;
    if (handle) registry.discard(handle);
    throw memoryExhausted("cannot make the histogram", error);
  }
}

/** RESOURCE_EXHAUSTED with a sentence that says how to get more. */
export function memoryExhausted(action: string, cause: ArenaFullError): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    `${action}: ${cause.message[0]!.toLowerCase()}${
      cause.message.slice(1)
    }; delete histograms or raise --max-bytes`,
    { cause },
  );
}

function readSpec(json: string): HistSpec {
  if (json.length > JSON_CHARACTERS_MAX) {
    throw invalidArgument(
      `${WHAT}: hist_json has ${json.length} characters, the limit is ${JSON_CHARACTERS_MAX}`,
    );
  }
  try {
    const spec = parseHistSpec(json);
    checkCompatible(spec);
    return spec;
  } catch (error) {
    if (!(error instanceof HistFormatError)) throw error;
    throw invalidArgument(`${WHAT}: ${error.message}`, error);
  }
}

/** A histogram of which not even one chunk would fit could never be filled. */
function checkBudget(service: ServiceContext, spec: HistSpec): void {
  const { arena } = service.registry;
  const left = Math.max(0, arena.budgetBytes - arena.usedBytes);
  if (spec.chunkBytes <= left) return;
  throw new ServiceError(
    Code.ResourceExhausted,
    `cannot make the histogram: one chunk needs ${spec.chunkBytes} bytes, ${left} of ${arena.budgetBytes} are free; ` +
      "delete histograms or raise --max-bytes",
  );
}
