/**
 * Several connections that fill one histogram without pause, and the sum of what was acked.
 *
 * @module
 */
import assert from "node:assert/strict";

import { GrpcConnectionError, Status } from "./grpc_client.ts";
import {
  doublesOf,
  doubleView,
  fillMessage,
  initMessage,
  snapshotChunks,
  snapshotMessage,
} from "./hist_messages.ts";
import type { ServerProcess } from "./server_process.ts";
import { textOf } from "./wire_bytes.ts";

/** Each fill adds 1 to the first cell. */
const oneMore = doubleView(Array.from({ length: 32 }, (_, cell) => cell === 0 ? 1 : 0));

/** Fills that run until the server refuses or ends, or {@linkcode FillLoad.stop} is called. */
export class FillLoad {
  readonly histId: string;
  #acked = 0;
  #unanswered = 0;
  #isStopped = false;
  #runs: Promise<void>[] = [];
  readonly #waiters: { count: number; resolve: () => void }[] = [];

  private constructor(histId: string) {
    this.histId = histId;
  }

  /** Makes a histogram, and starts `connectionCount` connections that fill it. */
  static async start(
    server: ServerProcess,
    options: { histJson: string; connectionCount: number },
  ): Promise<FillLoad> {
    const client = await server.connect();
    const made = await client.call("Init", initMessage(options.histJson));
    assert.equal(made.status, Status.OK, made.message);
    client.close();
    const load = new FillLoad(textOf(made.body, 1));
    load.#runs = Array.from({ length: options.connectionCount }, () => load.#fill(server));
    return load;
  }

  /** Resolves when so many fills were acked. */
  acked(count: number): Promise<void> {
    if (this.#acked >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  /** Resolves when all connections have ended. */
  async stop(): Promise<{ acked: number; unanswered: number }> {
    this.#isStopped = true;
    await Promise.all(this.#runs);
    return { acked: this.#acked, unanswered: this.#unanswered };
  }

  /** The server must show every acked fill, and of the unanswered ones any. */
  async check(server: ServerProcess): Promise<void> {
    const { acked, unanswered } = await this.stop();
    const client = await server.connect();
    const snapshot = await client.call("Snapshot", snapshotMessage(this.histId));
    client.close();
    assert.equal(snapshot.status, Status.OK, snapshot.message);
    const view = snapshotChunks(snapshot.body).get("");
    const count = view === undefined ? 0 : doublesOf(view)[0]!;
    assert.ok(count >= acked, `${acked} fills were acked, ${count} are there`);
    assert.ok(count <= acked + unanswered, `${count} fills are there, ${acked} were acked`);
  }

  async #fill(server: ServerProcess): Promise<void> {
    const client = await server.connect();
    while (!this.#isStopped) {
      try {
        const answer = await client.call("Fill", fillMessage(this.histId, { view: oneMore }));
        if (answer.status !== Status.OK) break; // refused: not counted
        this.#acked++;
      } catch (error) {
        if (!(error instanceof GrpcConnectionError)) throw error;
        this.#unanswered++;
        break;
      }
      for (const { count, resolve } of this.#waiters) if (this.#acked >= count) resolve();
    }
    client.close();
  }
}
