/**
 * Stats: counts, bytes, calls and processor time, of the server and of the caller's token.
 *
 * @module
 */

import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { readCounters, readTokenCounters, readUsage, type TokenHandle } from "../accum/mod.ts";
import { StatsResponseSchema, TokenScopedStatsSchema } from "../wire/gen.ts";
import { decodeEmpty } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { ACTIVE_COUNTER, RPC_NAMES } from "./counters.ts";
import { Code, ServiceError } from "./errors.ts";

/** Answers with a StatsResponse. */
export function stats(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  decodeEmpty(message);
  const token = caller.digest ? service.registry.findToken(caller.digest) : null;
  if (caller.digest && !token) {
    throw new ServiceError(Code.NotFound, "unknown token: it has no histograms on this server");
  }
  const { arena } = service.registry;
  const usage = readUsage(arena, null);
  const counters = readCounters(arena);
  const cpu = service.cpuSeconds();
  const response = create(StatsResponseSchema, {
    histogramCount: BigInt(usage.histograms),
    histogramBytes: usage.chunkBytes,
    activeRpcs: BigInt(Math.max(0, counters[ACTIVE_COUNTER]!)),
    version: service.version,
    uptimeSeconds: BigInt(Math.floor(service.uptimeSeconds())),
    userCpuSeconds: cpu.user,
    systemCpuSeconds: cpu.system,
    rpcCallsTotal: callsByName(counters),
    observedAt: timestampFromMs(service.clock.wallMs()),
  });
  if (token) response.tokenScoped = tokenScoped(service, token);
  return { epoch: 0, pieces: [toBinary(StatsResponseSchema, response)] };
}

function tokenScoped(service: ServiceContext, token: TokenHandle) {
  const { arena } = service.registry;
  const usage = readUsage(arena, token);
  return create(TokenScopedStatsSchema, {
    histogramCount: BigInt(usage.histograms),
    histogramBytes: usage.chunkBytes,
    rpcCallsTotal: callsByName(readTokenCounters(arena, token)),
  });
}

/** Only RPCs that were called, as Python's histserv. */
function callsByName(counters: Float64Array): Record<string, bigint> {
  const calls: Record<string, bigint> = {};
  for (const [i, name] of RPC_NAMES.entries()) {
    if (counters[i]! > 0) calls[name] = BigInt(counters[i]!);
  }
  return calls;
}
