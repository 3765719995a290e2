/**
 * What all calls of histserv.v1 have in common: admit the caller, refuse changes while the disk does, run, and answer
 * when what the answer tells is on disk.
 *
 * @module
 */

import type { HandlerContext } from "@connectrpc/connect";
import { changesRefused } from "../../accum/mod.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { changesRefusedError, readRefusedError, ServiceError, toConnectError } from "../errors.ts";
import { toServiceError } from "../rpcs.ts";

/** What a call found or did, and the epoch that must be on disk before it may be told. */
export interface Finding<T> {
  readonly epoch: number;
  readonly value: T;
}

/** One kind of call. */
export interface CallAction<T> {
  /** Whether it changes anything. */
  readonly isChange: boolean;
  /** @throws {ServiceError} */
  readonly run: (caller: Caller) => Finding<T> | Promise<Finding<T>>;
}

/** Serves one call. @throws {ConnectError} for whatever the caller or the world did wrong. */
export async function answerCall<T>(
  service: ServiceContext,
  context: HandlerContext,
  action: CallAction<T>,
): Promise<T> {
  const refusal = action.isChange ? changesRefusedError : readRefusedError;
  try {
    const caller = service.guard.admit(context.requestHeader.get("x-histserv-token"));
    if (action.isChange && changesRefused(service.registry.arena)) throw changesRefusedError();
    const { epoch, value } = await action.run(caller);
    await service.gate.pass(epoch, refusal);
    return value;
  } catch (error) {
    const failure = toServiceError(service, error);
    if (!(error instanceof ServiceError && error === failure && failure.epoch === 0)) {
      await service.gate.pass(failure.epoch, refusal).catch(() => {});
    }
    throw toConnectError(failure);
  }
}
