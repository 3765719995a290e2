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
    return await settle(service, await attempt(service, context, action), refusal);
  } catch (error) {
    throw toConnectError(toServiceError(service, error));
  }
}

/** The finding, or the refusal as one: both tell of an epoch. */
async function attempt<T>(
  service: ServiceContext,
  context: HandlerContext,
  action: CallAction<T>,
): Promise<Finding<T> | ServiceError> {
  try {
    const caller = service.guard.admit(context.requestHeader.get("x-histserv-token"));
    if (action.isChange && changesRefused(service.registry.arena)) throw changesRefusedError();
    return await action.run(caller);
  } catch (error) {
    return toServiceError(service, error);
  }
}

/** Waits until what is told is on disk. @throws {ServiceError} the finding if it is one, or `refusal`. */
async function settle<T>(
  service: ServiceContext,
  finding: Finding<T> | ServiceError,
  refusal: () => ServiceError,
): Promise<T> {
  await service.gate.pass(finding.epoch, refusal);
  if (finding instanceof ServiceError) throw finding;
  return finding.value;
}
