/**
 * One client of a simulation: a connection that is made anew when the server is up again, and calls that are sent
 * until they are answered.
 *
 * @module
 */

import type { SeededPrng } from "../../lib/base/mod.ts";
import type { HostPort } from "../support/h2_client.ts";
import { GrpcStatusError, Status, UnaryClient } from "../support/unary_client.ts";
import { type LogicalClock, ModelViolation, type Operation } from "./hist_model.ts";

/** What a call ended with; "abandoned": the client gave up after a lost answer. */
export type Answer<O> = { readonly outcome: "ok"; readonly output: O } | {
  readonly outcome: "notFound" | "alreadyExists" | "abandoned";
};

/** What the sessions of one simulation share. */
export interface SessionOptions {
  readonly server: HostPort;
  readonly clock: LogicalClock;
  readonly prng: SeededPrng;
  /** Resolves when the server should answer. */
  untilUp(): Promise<void>;
  /** Called when a connection ended before the answer to an attempt. */
  onLostAnswer(): void;
}

const connectAttemptsMax = 100;
const abandonOneIn = 8;

/** One client; several operations may be in flight on its connection. */
export class Session {
  readonly #options: SessionOptions;
  #client: Promise<UnaryClient> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Sends until there is an answer.
   *
   * @throws {ModelViolation} for a status that no operation may have.
   */
  async attempt<O>(
    operation: Operation,
    send: (client: UnaryClient) => Promise<O>,
    options: { mayAbandon: boolean } = { mayAbandon: false },
  ): Promise<Answer<O>> {
    for (;;) {
      const client = await this.#connected();
      operation.attempts++;
      operation.lastSentAt = this.#options.clock.next();
      try {
        return { outcome: "ok", output: await send(client) };
      } catch (error) {
        if (!(error instanceof GrpcStatusError)) throw error;
        if (error.code === Status.notFound) return { outcome: "notFound" };
        if (error.code === Status.alreadyExists) return { outcome: "alreadyExists" };
        if (error.code !== Status.unavailable) {
          throw new ModelViolation(`a call ended with status ${error.code}: ${error.message}`);
        }
        this.#options.onLostAnswer();
        if (options.mayAbandon && this.#options.prng.int(0, abandonOneIn) === 0) {
          return { outcome: "abandoned" };
        }
      }
    }
  }

  async close(): Promise<void> {
    await (await this.#client)?.close();
  }

  async #connected(): Promise<UnaryClient> {
    for (;;) {
      const pending = this.#client ??= this.#connect();
      const client = await pending;
      if (!client.isClosed) return client;
      if (this.#client === pending) this.#client = null;
    }
  }

  async #connect(): Promise<UnaryClient> {
    for (let attempt = 1;; attempt++) {
      await this.#options.untilUp();
      try {
        return await UnaryClient.open(this.#options.server);
      } catch (error) {
        if (attempt === connectAttemptsMax) throw error;
      }
    }
  }
}
