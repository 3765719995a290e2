/**
 * FillMany: adds dense views to several chunks, all or nothing, once for each unique id.
 *
 * @module
 */

import { decodeFillMany } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { Code, ServiceError } from "./errors.ts";
import { applyFill } from "./fill.ts";
import { checkAddition, specOf } from "./payload.ts";

const WHAT = "invalid fill-many request";

/** Answers with the empty message. */
export function fillMany(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const request = decodeFillMany(message);
  return applyFill(service, caller, {
    histId: request.histId,
    uniqueId: request.uniqueId,
    additions: (handle) => {
      const spec = specOf(handle);
      const decodedBytes = request.chunks.length * spec.chunkBytes;
      if (request.codec !== null && decodedBytes > service.messageBytesMax) {
        throw new ServiceError(
          Code.ResourceExhausted,
          `${WHAT}: its dense views have ${decodedBytes} bytes when decoded, the limit is ${service.messageBytesMax}`,
        );
      }
      return request.chunks.map((chunk) =>
        checkAddition(spec, chunk, { codec: request.codec, what: WHAT })
      );
    },
  });
}
