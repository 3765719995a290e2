/**
 * Watch: a query answered at once, and again after changes, as often as the caller wants at most.
 *
 *     look ──changed, on disk──▶ answer ──▶ wait 1 / rate ──▶ peek at the version ──changed──▶ look …
 *      ▲──────taken back───────┘                               ▲──same, wait a little──┘
 *
 * A stream ends with OK when the server drains, so as not to hold it up, and with the query's refusal when there is no
 * answer any more: NOT_FOUND after a deletion, INVALID_ARGUMENT if a reset removed a category that was asked for.
 * A change after a quiet time is seen within 0.1 s; a query that takes long is not asked all the time. A stream needs a
 * timer, but no memory for what changed: a slow reader gets the newest answer when it asks for the next one.
 *
 * @module
 */

import type { HandlerContext } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { peekVersion } from "../../accum/mod.ts";
import {
  type QueryResponse,
  type WatchRequest,
  type WatchResponse,
  WatchResponseSchema,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { Code, invalidArgument, ServiceError } from "../errors.ts";
import type { HealthState } from "../health.ts";
import { answerCall, type Finding } from "./call.ts";
import type { Querier } from "./query.ts";

/** Streams that one thread serves at a time. */
export const WATCHES_MAX = 1000;
const RATE_HZ_DEFAULT = 4;
const RATE_HZ_MAX = 60;
/** Longest time between two peeks. */
const PEEK_MS_MAX = 100;
/** Longest timer. */
const PAUSE_MS_MAX = 60_000;
/** After a query that took a while, a stream rests so many times as long. */
const REST_FACTOR = 4;

/** The watches of one thread. */
export class WatchRoom {
  readonly #service: ServiceContext;
  readonly #health: HealthState;
  readonly #querier: Querier;
  #open = 0;

  constructor(service: ServiceContext, parts: { health: HealthState; querier: Querier }) {
    this.#service = service;
    this.#health = parts.health;
    this.#querier = parts.querier;
  }

  /** Streams that are open. */
  get open(): number {
    return this.#open;
  }

  /** Serves one stream. */
  async *watch(
    request: WatchRequest,
    context: HandlerContext,
  ): AsyncGenerator<WatchResponse, void, void> {
    const isTooMany = this.#open >= WATCHES_MAX;
    this.#open++;
    try {
      const ending = new Ending(this.#health.untilDrained(context.signal));
      const stream = new WatchStream(this.#service, { request, ending, querier: this.#querier });
      for (;;) {
        const answer = await answerCall(this.#service, context, {
          isChange: false,
          run: async (caller) => {
            if (isTooMany) throw tooMany();
            return { epoch: 0, value: await stream.next(caller) };
          },
        });
        if (!answer) return;
        yield answer;
      }
    } finally {
      this.#open--;
    }
  }
}

function tooMany(): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    `this thread serves ${WATCHES_MAX} watches already, the limit; retry later`,
  );
}

/** One stream's answers. */
class WatchStream {
  readonly #service: ServiceContext;
  readonly #querier: Querier;
  readonly #request: WatchRequest;
  readonly #ending: Ending;
  /** Of the answer before; -1 before the first. */
  #version = -1;
  /** Until the next peek; grows while nothing changes. */
  #peekMs = PEEK_MS_MAX;
  /** How long the last query took. */
  #lookMs = 0;
  /** The next answer is not due before, by the monotonic clock. */
  #dueMs = -Infinity;

  constructor(
    service: ServiceContext,
    parts: { request: WatchRequest; ending: Ending; querier: Querier },
  ) {
    this.#service = service;
    this.#querier = parts.querier;
    this.#request = parts.request;
    this.#ending = parts.ending;
  }

  /** Resolves with the next answer, or null when the stream is over. @throws {ServiceError} */
  async next(caller: Caller): Promise<WatchResponse | null> {
    const intervalMs = 1000 / readRate(this.#request.rateHz);
    const { clock } = this.#service;
    while (!this.#ending.hasCome) {
      const earlyMs = this.#dueMs - clock.monotonicMs();
      if (earlyMs > 0) {
        await this.#pause(earlyMs);
        continue;
      }
      const observedAt = timestampFromMs(clock.wallMs());
      const result = this.#hasChanged() ? await this.#look(caller) : null;
      if (result) {
        this.#version = Number(result.version);
        this.#peekMs = Math.min(intervalMs, PEEK_MS_MAX);
        this.#dueMs = clock.monotonicMs() + Math.max(intervalMs, REST_FACTOR * this.#lookMs);
        return create(WatchResponseSchema, { result, observedAt });
      }
      await this.#pause(this.#peekMs);
      this.#peekMs = Math.min(2 * this.#peekMs, PEEK_MS_MAX);
    }
    return null;
  }

  /** Also true if only a look can tell. */
  #hasChanged(): boolean {
    if (this.#version < 0) return true;
    const { registry } = this.#service;
    const handle = registry.find(this.#request.histId);
    return !handle || peekVersion(registry, handle) !== this.#version;
  }

  /** Null if what was found, or that there is nothing, did not reach the disk. @throws {ServiceError} */
  async #look(caller: Caller): Promise<QueryResponse | null> {
    const { clock } = this.#service;
    const startMs = clock.monotonicMs();
    let finding: Finding<QueryResponse>;
    try {
      finding = this.#querier.query(caller, this.#request);
      this.#lookMs = clock.monotonicMs() - startMs;
    } catch (error) {
      if (error instanceof ServiceError && !await this.#isDurable(error.epoch)) return null;
      throw error;
    }
    return await this.#isDurable(finding.epoch) ? finding.value : null;
  }

  /** Resolves to false if it was taken back, or the stream ended first. */
  async #isDurable(epoch: number): Promise<boolean> {
    let isDurable = false;
    await this.#ending.orUntil((resolve) => {
      this.#service.gate.wait(epoch, {
        durable: () => {
          isDurable = true;
          resolve();
        },
        refused: resolve,
      });
    });
    return isDurable;
  }

  async #pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await this.#ending.orUntil((resolve) => {
      timer = setTimeout(resolve, Math.min(Math.ceil(ms), PAUSE_MS_MAX));
    });
    clearTimeout(timer);
  }
}

/** @throws {ServiceError} INVALID_ARGUMENT */
function readRate(rateHz: number): number {
  if (rateHz === 0) return RATE_HZ_DEFAULT;
  if (rateHz > 0 && rateHz <= RATE_HZ_MAX) return rateHz;
  throw invalidArgument(
    `rate_hz is ${rateHz}; it must be in (0, ${RATE_HZ_MAX}], or 0 for ${RATE_HZ_DEFAULT}`,
  );
}

/** The end of a stream, which cuts short whatever it waits for. One promise of many waits would remember them all. */
class Ending {
  #hasCome = false;
  #resolve: (() => void) | null = null;

  constructor(end: Promise<void>) {
    end.then(() => {
      this.#hasCome = true;
      this.#resolve?.();
    });
  }

  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** Resolves when `start`'s callback is called or the end has come. One at a time. */
  async orUntil(start: (resolve: () => void) => void): Promise<void> {
    if (this.#hasCome) return;
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      start(resolve);
    });
    this.#resolve = null;
  }
}
