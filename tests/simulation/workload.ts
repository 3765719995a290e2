/**
 * Clients that work on the same histograms at the same time, and models that judge every answer.
 *
 * A client behaves like a careful user: it sends an operation again, with the same unique id, until it is answered;
 * some give up after a kill, so that the fate of their fill stays open.
 *
 * @module
 */

import type { SeededPrng } from "../../lib/base/mod.ts";
import { HistogrammerService } from "../../lib/wire/gen/hist_pb.ts";
import type { HostPort } from "../support/h2_client.ts";
import { type HistLayout, histLayouts } from "./hist_layout.ts";
import { HistModel, LogicalClock, ModelViolation } from "./hist_model.ts";
import { initHist, type KnownHist, operations } from "./operations.ts";
import { Session, type SessionOptions } from "./session.ts";

/** How often each operation comes, relative to the others. */
export type OperationWeights = Readonly<Record<keyof typeof operations, number>>;

/** Who works on what. */
export interface WorkloadOptions {
  readonly server: HostPort;
  readonly prng: SeededPrng;
  /** Connections. */
  readonly clientCount: number;
  /** Operations that each connection has in flight. */
  readonly loopsPerClient: number;
  readonly histogramCount: number;
  readonly weights: OperationWeights;
}

/** One of the `histogramCount` places; the histogram in it changes. */
interface Place {
  readonly layout: HistLayout;
  hist: KnownHist | null;
  initializing: Promise<void> | null;
}

/** The clients of one test. */
export class Workload {
  readonly #options: WorkloadOptions;
  readonly #clock = new LogicalClock();
  readonly #places: Place[];
  readonly #sessionOptions: SessionOptions;
  #lostInitCount = 0;
  #answeredCount = 0;
  #lostAnswerCount = 0;
  #isStopping = false;
  #waiting: { count: number; resolve: () => void }[] = [];
  #up = Promise.withResolvers<void>();

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.histogramCount }, (_, k) => ({
      layout: histLayouts[k % histLayouts.length]!,
      hist: null,
      initializing: null,
    }));
    this.#sessionOptions = {
      server: options.server,
      clock: this.#clock,
      prng: options.prng,
      untilUp: () => this.#up.promise,
      onLostAnswer: () => this.#lostAnswerCount++,
    };
    this.#up.resolve();
  }

  /** Attempts whose answer a kill took: what proves something about kills. */
  get lostAnswerCount(): number {
    return this.#lostAnswerCount;
  }

  /** Works until {@linkcode stop}. @throws {ModelViolation} */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.clientCount }, () => this.#runClient()));
  }

  /** Lets every client finish its operation. */
  stop(): void {
    this.#isStopping = true;
  }

  /** From here on a lost connection is no surprise. */
  serverGoesDown(): void {
    this.#up = Promise.withResolvers<void>();
  }

  serverIsUp(): void {
    this.#up.resolve();
  }

  /** Resolves when `count` more operations were answered. */
  untilAnswered(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ count: this.#answeredCount + count, resolve });
    return promise;
  }

  /** Compares every histogram with its model, and their number with the server's. */
  async checkAll(): Promise<void> {
    const session = new Session(this.#sessionOptions);
    let alive = 0;
    for (const { hist } of this.#places) {
      if (hist === null) continue;
      await operations.snapshot(session, hist);
      if (!hist.model.isGone) alive++;
    }
    const answer = await session.attempt(
      new HistModel(this.#clock).begin(),
      (client) => client.unary(HistogrammerService.method.stats, {}),
    );
    await session.close();
    const count = answer.outcome === "ok" ? Number(answer.output.histogramCount) : -1;
    if (count < alive || count > alive + this.#lostInitCount) {
      throw new ModelViolation(`the server has ${count} histograms, the model ${alive}`);
    }
  }

  async #runClient(): Promise<void> {
    const session = new Session(this.#sessionOptions);
    const loops = Array.from({ length: this.#options.loopsPerClient }, async () => {
      while (!this.#isStopping) await this.#step(session);
    });
    try {
      await Promise.all(loops);
    } finally {
      this.#isStopping = true;
      await session.close();
    }
  }

  async #step(session: Session): Promise<void> {
    const { prng } = this.#options;
    const place = this.#places[prng.int(0, this.#places.length)]!;
    if (place.hist?.model.isGone === true) place.hist = null;
    if (place.hist === null) await (place.initializing ??= this.#init(session, place));
    else {
      const name = place.hist.model.isFull ? "snapshotDelete" : this.#pick();
      await operations[name](session, place.hist, prng);
    }
    this.#countAnswer();
  }

  async #init(session: Session, place: Place): Promise<void> {
    const { hist, lostCount } = await initHist(session, {
      layout: place.layout,
      clock: this.#clock,
    });
    this.#lostInitCount += lostCount;
    place.hist = hist;
    place.initializing = null;
  }

  #pick(): keyof OperationWeights {
    const entries = Object.entries(this.#options.weights) as [keyof OperationWeights, number][];
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    let rest = this.#options.prng.uniform() * total;
    for (const [name, weight] of entries) {
      rest -= weight;
      if (rest < 0) return name;
    }
    return "fill";
  }

  #countAnswer(): void {
    this.#answeredCount++;
    for (const { resolve } of this.#waiting.filter((w) => w.count <= this.#answeredCount)) {
      resolve();
    }
    this.#waiting = this.#waiting.filter((w) => w.count > this.#answeredCount);
  }
}
