/**
 * What stands between a stream of HTTP/2 and whoever serves it: the callbacks of an owner, and what the
 * owners of one connection share.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";
import type { Stream } from "../http2/mod.ts";
import type { DeadlineWheel } from "./deadline_wheel.ts";
import type { ServerRoutes } from "./direct_method.ts";
import type { MessageBuffers } from "./message_buffers.ts";

/** The part of a stream that this room uses; tests put their own in its place. */
export type ServerStream = Pick<
  Stream,
  | "owner"
  | "respondBlock"
  | "respond"
  | "send"
  | "unaryReply"
  | "reset"
  | "credit"
  | "queuedBytes"
  | "isClosed"
>;

/** Receives the events of one stream; kept in `stream.owner`. */
export interface StreamOwner {
  /** `data` is borrowed: valid only during the call. */
  data(data: Uint8Array, endStream: boolean): void;
  /** The request ended with trailers. */
  trailers(): void;
  /** The stream is dead. */
  reset(): void;
  /** Queued output fell below the low-water mark. */
  writable(): void;
}

/** What all connections of a listener share. */
export interface ServerState {
  readonly routes: ServerRoutes;
  readonly clock: Clock;
  readonly deadlines: DeadlineWheel;
  readonly buffers: MessageBuffers;
  /** Refused at the prefix beyond it, whatever a method would admit. */
  readonly messageBytesMax: number;
  /** Told of what a universal handler threw; the call itself is answered. */
  readonly onHandlerError: (error: unknown) => void;
}

/** Writes the output of a connection soon: once for all that is produced in one turn. */
export interface Flusher {
  scheduleFlush(): void;
}
