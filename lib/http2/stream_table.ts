/**
 * The streams of a connection: the open ones, and how the last ones were closed (RFC 9113 §5.1).
 *
 * @module
 */

import type { Inbound } from "./inbound.ts";
import type { ServerStream } from "./server_stream.ts";

/** How a stream was closed: which decides what a late frame on it means. */
export const Closing = {
  /** Unknown: long ago, or never opened because a higher id came first. */
  FORGOTTEN: 0,
  /** By END_STREAM from both sides. */
  ENDED: 1,
  RESET_BY_PEER: 2,
  /** By us; the peer may not know yet. */
  RESET_BY_US: 3,
} as const;

/** Closed streams that are remembered; a power of two. */
const rememberedMax = 512;

/** Streams by id. */
export class StreamTable {
  readonly #open = new Map<number, ServerStream>();
  readonly #inbound: Inbound;
  /** Ring of closed ids and how they were closed; made when the first is. */
  #closedIds: Int32Array | null = null;
  #closings: Uint8Array = new Uint8Array(0);
  #closedCount = 0;
  /** The highest id that the peer used; 0 at first. */
  lastId = 0;

  constructor(inbound: Inbound) {
    this.#inbound = inbound;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** The open streams. Closing one while iterating is allowed. */
  open(): IterableIterator<ServerStream> {
    return this.#open.values();
  }

  get(id: number): ServerStream | undefined {
    return this.#open.get(id);
  }

  add(stream: ServerStream): void {
    this.#open.set(stream.id, stream);
  }

  /** Whether the peer has not used `id`, nor a higher one; ids that are ours to open always are idle (RFC 9113 §5.1.1). */
  isIdle(id: number): boolean {
    return id > this.lastId || (id & 1) === 0;
  }

  /** Closes an open stream: what its owner did not credit is credited to the connection. */
  close(stream: ServerStream, closing: number): void {
    stream.isClosed = true;
    stream.queue = null;
    this.#open.delete(stream.id);
    this.remember(stream.id, closing);
    if (stream.uncreditedBytes > 0) {
      this.#inbound.credit(stream.uncreditedBytes);
      stream.uncreditedBytes = 0;
    }
  }

  /** Forgets the open streams: the connection has ended. */
  clear(): void {
    this.#open.clear();
  }

  /** Notes how `id` was closed, for a stream that never was in the table, too. */
  remember(id: number, closing: number): void {
    if (this.#closedIds === null) {
      this.#closedIds = new Int32Array(rememberedMax);
      this.#closings = new Uint8Array(rememberedMax);
    }
    const slot = this.#closedCount++ & (rememberedMax - 1);
    this.#closedIds[slot] = id;
    this.#closings[slot] = closing;
  }

  /** How the stream `id`, which is neither open nor idle, was closed: one of {@linkcode Closing}. */
  closingOf(id: number): number {
    const slot = this.#closedIds?.indexOf(id) ?? -1;
    return slot < 0 ? Closing.FORGOTTEN : this.#closings[slot]!;
  }
}
