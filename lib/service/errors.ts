/**
 * How a call fails: a gRPC status and a plain sentence. The only room that speaks Connect's codes.
 *
 * Messages say what was asked, then the state; they never hold a token, a stack or another program's words.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import type { ArenaFullError } from "../accum/mod.ts";

export { Code, ConnectError };

/** A call that is refused. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: Code;
  /** The refusal tells of this epoch, so it waits until the epoch is on disk; 0 = of none. */
  readonly epoch: number;

  constructor(code: Code, message: string, options: { epoch?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.epoch = options.epoch ?? 0;
  }
}

/** The histogram does not exist, or is somebody else's: nobody learns which. */
export function unknownHistogram(id: string, epoch = 0): ServiceError {
  return new ServiceError(Code.NotFound, `unknown histogram id: ${shorten(id)}`, { epoch });
}

/** The request contradicts itself or its histogram. */
export function invalidArgument(message: string, cause?: unknown): ServiceError {
  return new ServiceError(Code.InvalidArgument, message, { cause });
}

/** The disk refuses changes at present. */
export function changesRefusedError(): ServiceError {
  return new ServiceError(
    Code.Unavailable,
    "cannot store changes at present: the disk refuses writes; retry with the same unique_id",
  );
}

/** What a read would show is not on disk, and the disk refuses it at present. */
export function readRefusedError(): ServiceError {
  return new ServiceError(
    Code.Unavailable,
    "cannot show the histogram at present: the disk refuses its latest changes; retry later",
  );
}

/** The same failure for connect-es. */
export function toConnectError(error: ServiceError): ConnectError {
  return new ConnectError(error.message, error.code);
}

/** How connect-es is told that a compressed message cannot be taken. */
export function compressionFailure(message: string, isTooLarge: boolean): ConnectError {
  return new ConnectError(message, isTooLarge ? Code.ResourceExhausted : Code.InvalidArgument);
}

/** RESOURCE_EXHAUSTED with a sentence that says how to get more. */
export function memoryExhausted(action: string, cause: ArenaFullError): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    `${action}: ${cause.message[0]!.toLowerCase()}${
      cause.message.slice(1)
    }; delete histograms or raise --max-bytes`,
    { cause },
  );
}

/** At most 64 characters of what a client sent, for a message. */
export function shorten(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 61)}...`;
}
