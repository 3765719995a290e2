/**
 * FillMany: adds dense views to several chunks, all or nothing, once for each unique id.
 *
 * @module
 */

import { decodeFillMany } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { applyFill } from "./fill.ts";

/** Answers with the empty message. */
export function fillMany(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Answer | Promise<Answer> {
  return applyFill(service, caller, {
    ...decodeFillMany(message),
    what: "invalid fill-many request",
  });
}
