/**
 * Builds one thread's service from its setting.
 *
 * @module
 */

import process from "node:process";
import { type ConnectRouter, createConnectRouter } from "@connectrpc/connect";
import { Arena, EpochGate, readUptime, Registry } from "../accum/mod.ts";
import { AssertionError, systemClock } from "../base/mod.ts";
import {
  CallerGuard,
  compressionFailure,
  guardInterceptor,
  HealthState,
  registerHealth,
  registerHistogrammer,
  registerHistogramService,
  registerReflection,
  type ServiceContext,
} from "../service/mod.ts";
import { createGzipCompression, routeUniversal, type ServerRoutes } from "../transport/mod.ts";
import { readFile } from "./import_thread.ts";
import { createLogger, type Logger } from "./log.ts";
import type { ThreadSetting } from "./thread.ts";

/** What a thread serves with. */
export interface ThreadService {
  readonly service: ServiceContext;
  readonly health: HealthState;
  readonly universal: ServerRoutes["universal"];
  readonly log: Logger;
}

/** Attaches to the shared memory and makes the thread's own half of everything. */
export function createThreadService(setting: ThreadSetting): ThreadService {
  const log = createLogger({
    level: setting.logLevel,
    format: setting.logFormat,
    clock: systemClock,
  });
  const arena = new Arena(setting.buffer);
  const guard = new CallerGuard(setting.tokenDigests);
  const service: ServiceContext = {
    registry: new Registry(arena, { threadIndex: setting.threadIndex }),
    gate: new EpochGate(arena),
    guard,
    clock: systemClock,
    messageBytesMax: setting.messageBytesMax,
    flushDir: setting.flushDir,
    version: setting.version,
    startedWallMs: setting.startedWallMs,
    uptimeSeconds: () => readUptime(arena),
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return { user: user / 1e6, system: system / 1e6 };
    },
    readFile: (file) => readFile(file, { mainUrl: setting.mainUrl }),
    reportBug: (error) => reportBug(log, error),
  };
  const health = new HealthState();
  const router: ConnectRouter = createConnectRouter({
    interceptors: [guardInterceptor(guard)],
    acceptCompression: [
      createGzipCompression((error) =>
        compressionFailure(error.message, error.reason === "too_large")
      ),
    ],
  });
  registerHistogrammer(router, service);
  registerHistogramService(router, service, { health });
  registerHealth(router, health);
  registerReflection(router);
  return { service, health, universal: routeUniversal(router.handlers), log };
}

/** A broken invariant ends the process; any other mistake is logged. The call is answered INTERNAL. */
function reportBug(log: Logger, error: unknown): void {
  // Thrown where nobody can catch it: not connect-es, which answers for its handlers, nor Deno.serve.
  if (error instanceof AssertionError) {
    queueMicrotask(() => {
      throw error;
    });
  }
  log.error("a call failed by a mistake of the server", {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
