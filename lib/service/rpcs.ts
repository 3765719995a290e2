/**
 * All RPCs of HistogrammerService as one kind of thing: message bytes in, an answer out, once its epoch is on disk.
 *
 *     admit caller → count → refuse changes if the disk does → run → wait for the epoch → answer
 *
 * @module
 */

import { addToCounter, changesRefused, countForToken, type EpochWaiter } from "../accum/mod.ts";
import { WireError } from "../wire/mod.ts";
import type { Caller } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { ACTIVE_COUNTER, RPC_NAMES, type RpcName } from "./counters.ts";
import { remove, reset } from "./delete.ts";
import { describe } from "./describe.ts";
import {
  changesRefusedError,
  Code,
  invalidArgument,
  readRefusedError,
  ServiceError,
} from "./errors.ts";
import { exists } from "./exists.ts";
import { fill } from "./fill.ts";
import { fillMany } from "./fill_many.ts";
import { flush } from "./flush.ts";
import { init } from "./init.ts";
import { snapshot } from "./snapshot.ts";
import { stats } from "./stats.ts";
import { wasFilled } from "./was_filled.ts";

/** One RPC. */
export interface Rpc {
  readonly name: RpcName;
  readonly counter: number;
  /** Whether it may carry or answer with contents, and so has the large message limit. */
  readonly isLarge: boolean;
  /** Whether it changes anything, and so is refused while the disk refuses writes. */
  readonly isChange: boolean;
  readonly run: (
    service: ServiceContext,
    caller: Caller,
    message: Uint8Array,
  ) => Answer | Promise<Answer>;
}

/** Where a call is answered, once. */
export interface Reply {
  ok(pieces: readonly Uint8Array[]): void;
  fail(code: number, message: string): void;
}

/** Most bytes of a message that carries no contents. */
export const SMALL_MESSAGE_BYTES_MAX = 65_536;

const runs: { readonly [name in RpcName]: [run: Rpc["run"], isLarge: boolean, isChange: boolean] } =
  {
    Init: [init, true, true],
    Describe: [describe, false, false],
    Exists: [exists, false, false],
    WasFilledWithUniqueId: [wasFilled, false, false],
    Fill: [fill, true, true],
    FillMany: [fillMany, true, true],
    Snapshot: [snapshot, true, false],
    Delete: [remove, false, true],
    Reset: [reset, false, true],
    Flush: [flush, false, true],
    Stats: [stats, false, false],
  };

/** All RPCs, in the order of their counters. */
export const rpcs: readonly Rpc[] = RPC_NAMES.map((name, counter) => {
  const [run, isLarge, isChange] = runs[name];
  return { name, counter, run, isLarge, isChange };
});

/** Serves one call; `reply` is answered once, now or when the epoch is on disk. Never throws what a client caused. */
export function serveCall(
  service: ServiceContext,
  rpc: Rpc,
  call: { token: string | null; message: Uint8Array; reply: Reply },
): void {
  const { registry } = service;
  addToCounter(registry, rpc.counter, 1);
  addToCounter(registry, ACTIVE_COUNTER, 1);
  const pending = new PendingCall(service, rpc, call.reply);
  try {
    const caller = service.guard.admit(call.token);
    const isCounted = countForCaller(service, caller, rpc.counter);
    // Fills refuse by themselves: a repeated unique id is told even then.
    const isRefused = rpc.isChange && !isFill(rpc) && changesRefused(registry.arena);
    if (isRefused) throw changesRefusedError();
    const answer = rpc.run(service, caller, call.message);
    const wait = (done: Answer): void => {
      // A token's first histogram makes its counters: this very call is the first to be counted.
      if (!isCounted && rpc.name === "Init") countForCaller(service, caller, rpc.counter);
      pending.wait(done);
    };
    if (answer instanceof Promise) answer.then(wait, (error) => pending.refuse(error));
    else wait(answer);
  } catch (error) {
    pending.refuse(error);
  }
}

function isFill(rpc: Rpc): boolean {
  return rpc.name === "Fill" || rpc.name === "FillMany";
}

/** Counts a call that was refused before it was served; `caller` is null if it was not admitted. */
export function countRefused(service: ServiceContext, rpc: Rpc, caller: Caller | null): void {
  addToCounter(service.registry, rpc.counter, 1);
  if (caller) countForCaller(service, caller, rpc.counter);
}

/** Whether the caller's token has counters. */
function countForCaller(service: ServiceContext, caller: Caller, counter: number): boolean {
  if (!caller.digest) return false;
  const { registry } = service;
  if (caller.counters && countForToken(registry, caller.counters, counter)) return true;
  caller.counters = registry.findToken(caller.digest);
  return caller.counters !== null && countForToken(registry, caller.counters, counter);
}

/** What a failure is to the caller. A mistake of ours is reported and told as INTERNAL. */
export function toServiceError(service: ServiceContext, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof WireError) return invalidArgument(error.message, error);
  service.reportBug(error);
  return new ServiceError(Code.Internal, "unexpected server error; the server's log says more", {
    cause: error,
  });
}

/** A call between its change and its answer. */
class PendingCall implements EpochWaiter {
  readonly #service: ServiceContext;
  readonly #rpc: Rpc;
  readonly #reply: Reply;
  #pieces: readonly Uint8Array[] = [];
  #error: ServiceError | null = null;

  constructor(service: ServiceContext, rpc: Rpc, reply: Reply) {
    this.#service = service;
    this.#rpc = rpc;
    this.#reply = reply;
  }

  wait(answer: Answer): void {
    this.#pieces = answer.pieces;
    this.#service.gate.wait(answer.epoch, this);
  }

  refuse(error: unknown): void {
    this.#error = toServiceError(this.#service, error);
    this.#service.gate.wait(this.#error.epoch, this);
  }

  durable(): void {
    addToCounter(this.#service.registry, ACTIVE_COUNTER, -1);
    if (this.#error) this.#reply.fail(this.#error.code, this.#error.message);
    else this.#reply.ok(this.#pieces);
  }

  refused(): void {
    addToCounter(this.#service.registry, ACTIVE_COUNTER, -1);
    const error = this.#rpc.isChange ? changesRefusedError() : readRefusedError();
    this.#reply.fail(error.code, error.message);
  }
}
