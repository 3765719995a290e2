/**
 * The server's end of one HTTP/2 connection (RFC 9113) as a state machine: bytes in, events and bytes out.
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";
import type { ConnectionEvents } from "./events.ts";
import type { Http2Limits } from "./limits.ts";

/** Skeleton. */
export class Connection {
  constructor(_events: ConnectionEvents, _options: { limits: Http2Limits; clock: Clock }) {}
  receive(_segment: Uint8Array): void {}
  takeOutput(): Uint8Array[] {
    return [];
  }
  get hasOutput(): boolean {
    return false;
  }
  get outputBytes(): number {
    return 0;
  }
  get readsPaused(): boolean {
    return false;
  }
  get isFinished(): boolean {
    return false;
  }
  get openStreams(): number {
    return 0;
  }
  drain(): void {}
  tick(_nowMs: number): void {}
  socketClosed(): void {}
}
