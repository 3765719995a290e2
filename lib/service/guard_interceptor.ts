/**
 * Tokens for services that do not look at them themselves, such as reflection. Health stays open.
 *
 * @module
 */

import type { Interceptor } from "@connectrpc/connect";
import { Health, HistogrammerService } from "../wire/gen.ts";
import type { CallerGuard } from "./caller.ts";
import { ServiceError, toConnectError } from "./errors.ts";

/** Refuses callers whom the guard does not admit. HistogrammerService admits its own. */
export function guardInterceptor(guard: CallerGuard): Interceptor {
  return (next) => (request) => {
    const { typeName } = request.service;
    if (typeName !== Health.typeName && typeName !== HistogrammerService.typeName) {
      try {
        guard.admit(request.header.get("x-histserv-token"));
      } catch (error) {
        throw error instanceof ServiceError ? toConnectError(error) : error;
      }
    }
    return next(request);
  };
}
