/**
 * grpc.health.v1.Health, for load balancers and orchestrators: serving until the server drains.
 *
 * @module
 */

import type { ConnectRouter } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HistogrammerService,
} from "../wire/gen.ts";
import { HistogramService } from "../wire/gen_v1.ts";
import { Code, ServiceError, shorten, toConnectError } from "./errors.ts";

/** A request names one service. */
const REQUEST_BYTES_MAX = 4096;

/** What one thread tells about itself. It drains once, and never serves again. */
export class HealthState {
  /** Full names; "" is the server as a whole. */
  readonly serviceNames: ReadonlySet<string>;
  #isServing = true;
  /** Called once each. A promise for all would keep what waited on it. */
  readonly #watchers = new Set<() => void>();

  constructor(
    serviceNames: readonly string[] = [HistogrammerService.typeName, HistogramService.typeName],
  ) {
    this.serviceNames = new Set(["", ...serviceNames]);
  }

  /** False from {@linkcode drain} on. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Tells everyone who asks or watches that no new calls are taken; calls after the first do nothing. */
  drain(): void {
    this.#isServing = false;
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }

  /** Those who wait in {@linkcode untilDrained}. */
  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** Resolves when the server drains, or `signal` aborts. */
  async untilDrained(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.#isServing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#watchers.delete(resolve);
  }
}

/** Registers the health service. A watch ends after it told that the server drains, so as not to hold it up. */
export function registerHealth(router: ConnectRouter, health: HealthState): void {
  const status = () => health.isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  router.service(Health, {
    check({ service }) {
      if (!health.serviceNames.has(service)) {
        const message = `unknown service: ${shorten(service)}`;
        throw toConnectError(new ServiceError(Code.NotFound, message));
      }
      return { status: status() };
    },
    list() {
      const statuses = [...health.serviceNames].map((name) => [name, { status: status() }]);
      return { statuses: Object.fromEntries(statuses) };
    },
    async *watch({ service }, { signal }) {
      const isKnown = health.serviceNames.has(service);
      const wasServing = health.isServing;
      yield { status: isKnown ? status() : ServingStatus.SERVICE_UNKNOWN };
      if (!wasServing) return;
      await health.untilDrained(signal);
      if (isKnown && !signal.aborted) yield { status: status() };
    },
  }, { readMaxBytes: REQUEST_BYTES_MAX });
}
