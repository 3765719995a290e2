/**
 * The service for tests: one thread over an arena of its own, called as a transport calls it, and a disk that writes
 * an epoch when the test says so.
 *
 * @module
 */

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { acceptChanges, EpochGate, refuseChanges, Registry } from "../../lib/accum/mod.ts";
import { ManualClock } from "../../lib/base/mod.ts";
import type { ServiceContext } from "../../lib/service/mod.ts";
import {
  CallerGuard,
  digestToken,
  type DirectRpc,
  directRpcs,
  readHistogramFile,
} from "../../lib/service/mod.ts";
import { type Durability, readCounters } from "../../lib/accum/mod.ts";
import { ACTIVE_COUNTER, type RpcName } from "../../lib/service/counters.ts";
import { FakeDisk, makeRegistry } from "../accum/support.ts";
import { initMessage, type PayloadFields, snapshotChunks } from "../support/hist_messages.ts";
import { snapshotMessage } from "../support/hist_messages.ts";
import { parseFields } from "../support/wire_bytes.ts";

/** gRPC statuses by their name (grpc/grpc doc/statuscodes.md). */
export const Status = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** How a call was answered. */
export interface CallAnswer {
  /** 0 is OK. */
  readonly status: number;
  /** Of a failure, else empty. */
  readonly message: string;
  /** The response message. */
  readonly body: Uint8Array;
}

/** A call that may still wait. */
export class TestCall {
  answer: CallAnswer | null = null;
  readonly #done = Promise.withResolvers<CallAnswer>();

  settle(answer: CallAnswer): void {
    assert.equal(this.answer, null, "a call was answered twice");
    this.answer = answer;
    this.#done.resolve(answer);
  }

  /** Resolves with the answer. Atomics.waitAsync alone would not keep the event loop alive. */
  async done(): Promise<CallAnswer> {
    const alive = setInterval(() => {}, 1000);
    try {
      return await this.#done.promise;
    } finally {
      clearInterval(alive);
    }
  }

  /** Fails the test if the call is answered already, or in the next turns of the event loop. */
  async assertWaits(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    assert.equal(this.answer, null, "answered before its epoch was on disk");
  }
}

/** What a test may choose. */
export interface TestServiceOptions {
  readonly durability?: Durability;
  readonly budgetBytes?: number;
  readonly messageBytesMax?: number;
  /** The only tokens that may use the server. */
  readonly tokens?: readonly string[];
  /** Where Flush writes; without it there is no such folder. */
  readonly flushDir?: string;
  /** A thread more over the memory and disk of this service. */
  readonly beside?: TestService;
  /** Memory that was there before, as after a restart. */
  readonly registry?: Registry;
  readonly disk?: FakeDisk;
}

/** One thread's service. */
export class TestService {
  readonly registry: Registry;
  readonly disk: FakeDisk;
  readonly clock = new ManualClock(1_795_000_000_000);
  readonly context: ServiceContext;
  readonly guard: CallerGuard;
  /** What was reported as a mistake of ours. */
  readonly bugs: unknown[] = [];
  readonly #rpcs: ReadonlyMap<string, DirectRpc>;

  constructor(options: TestServiceOptions = {}) {
    this.registry = options.beside
      ? new Registry(options.beside.registry.arena, { threadIndex: 1 })
      : options.registry ?? makeRegistry(options);
    this.disk = options.beside?.disk ?? options.disk ?? new FakeDisk();
    this.guard = new CallerGuard(
      options.tokens?.map((token) => digestToken(token).toHex()) ?? null,
    );
    this.context = {
      registry: this.registry,
      gate: new EpochGate(this.registry.arena),
      guard: this.guard,
      clock: this.clock,
      messageBytesMax: options.messageBytesMax ?? 16 * 2 ** 20,
      flushDir: options.flushDir ?? "/dev/null/exports",
      version: "1.2.3",
      startedWallMs: this.clock.wallMs(),
      uptimeSeconds: () => 42,
      cpuSeconds: () => ({ user: 1.5, system: 0.5 }),
      readFile: readHistogramFile,
      reportBug: (error) => this.bugs.push(error),
    };
    this.#rpcs = directRpcs(this.context);
  }

  /** Calls as lib/transport does: admission by the first bytes, then the message, which is void after the call. */
  call(name: RpcName, message: Uint8Array, token: string | null = null): TestCall {
    const call = new TestCall();
    const fail = (status: number, text: string): void =>
      call.settle({ status, message: text, body: new Uint8Array(0) });
    const rpc = this.#rpcs.get(`/HistogrammerService/${name}`)!;
    const borrowed = message.slice();
    const admission = rpc.admit(borrowed.subarray(0, 64), { token });
    if ("code" in admission) fail(admission.code, admission.message);
    else if (message.length > admission.maxBytes) {
      fail(Status.resourceExhausted, `limit ${admission.maxBytes}`);
    } else {
      rpc.call(borrowed, { token }, {
        ok: (pieces) => {
          const body = new Uint8Array(pieces.flatMap((piece) => [...piece]));
          call.settle({ status: Status.ok, message: "", body });
        },
        fail,
      });
    }
    borrowed.fill(0xa5);
    return call;
  }

  /** Calls, commits, and gives the answer. */
  async ask(name: RpcName, message: Uint8Array, token: string | null = null): Promise<CallAnswer> {
    const call = this.call(name, message, token);
    while (call.answer === null && this.context.gate.waiting === 0) await nextTurn();
    this.commit();
    return await call.done();
  }

  /** Makes a histogram; resolves to its id. */
  async init(
    json: string,
    options: PayloadFields & { token?: string } = {},
  ): Promise<string> {
    const answer = await this.ask("Init", initMessage(json, options), options.token ?? null);
    assert.deepEqual([answer.status, answer.message], [Status.ok, ""]);
    return textOf(answer.body);
  }

  /** The cells of all chunks by key, its parts separated by "|". */
  async contents(id: string, token: string | null = null): Promise<Record<string, number[]>> {
    const { body, status, message } = await this.ask("Snapshot", snapshotMessage(id), token);
    assert.deepEqual([status, message], [Status.ok, ""]);
    return cellsOf(body);
  }

  /** Writes the open epoch to disk and tells all threads. */
  commit(): void {
    this.disk.commit(this.registry);
    acceptChanges(this.registry.arena);
  }

  /** The disk refuses the open epoch, which is taken back, and all changes until the next commit. */
  refuse(): void {
    refuseChanges(this.registry.arena);
    this.disk.refuse(this.registry);
  }

  /** Calls that run, of all threads. */
  get activeRpcs(): number {
    return readCounters(this.registry.arena)[ACTIVE_COUNTER]!;
  }
}

/** Field 1 of a response, a text. */
export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(parseFields(body).get(1)?.at(-1) as Uint8Array | undefined);
}

/** Field 1 of a response, a truth value. */
export function flagOf(body: Uint8Array): boolean {
  return parseFields(body).get(1)?.at(-1) === 1n;
}

/** The binary64 cells of a SnapshotResponse without codec. */
export function cellsOf(body: Uint8Array): Record<string, number[]> {
  return Object.fromEntries(
    [...snapshotChunks(body)].map(([key, view]) => [
      key,
      [...new Float64Array(view.slice().buffer)],
    ]),
  );
}

/** UHI JSON: a regular axis `x` of `cells` bins without flow, and category axes by name. */
export function histJson(
  options: {
    readonly cells?: number;
    readonly strings?: readonly string[];
    readonly integers?: readonly string[];
    readonly storage?: string;
  } = {},
): string {
  const { cells = 2, strings = [], integers = [], storage = "double" } = options;
  const named = (name: string) => ({ metadata: { name } });
  return JSON.stringify({
    uhi_schema: 1,
    axes: [
      ...strings.map((name) => ({
        type: "category_str",
        categories: [],
        flow: false,
        ...named(name),
      })),
      ...integers.map((name) => ({
        type: "category_int",
        categories: [],
        flow: false,
        ...named(name),
      })),
      {
        type: "regular",
        lower: 0,
        upper: cells,
        bins: cells,
        underflow: false,
        overflow: false,
        circular: false,
        ...named("x"),
      },
    ],
    storage: { type: storage },
    metadata: {},
  });
}
