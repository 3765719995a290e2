/**
 * Init: makes a histogram from UHI JSON and maybe contents, all or nothing.
 *
 * @module
 */

import type { ChunkAddition } from "../accum/mod.ts";
import { checkCompatible } from "../hist/mod.ts";
import { decodeInit, encodeTextResponse } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { checkBudget, makeHistogram, readSpec } from "./new_histogram.ts";
import { readAdditions } from "./payload.ts";

const WHAT = "invalid init payload";

/** Answers with the new id. */
export function init(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Answer | Promise<Answer> {
  const { histJson: json, chunks, codec } = decodeInit(message);
  const spec = readSpec(json, { what: WHAT, field: `${WHAT}: hist_json`, check: checkCompatible });
  checkBudget(service, spec); // before anything is decoded for it
  const make = (additions: readonly ChunkAddition[]): Answer => {
    const { id, epoch } = makeHistogram(service, caller, { spec, json, additions });
    return { epoch, pieces: [encodeTextResponse(id)] };
  };
  const decodedBytesMax = service.messageBytesMax;
  const additions = readAdditions(spec, chunks, { codec, what: WHAT, decodedBytesMax });
  return additions instanceof Promise ? additions.then(make) : make(additions);
}
