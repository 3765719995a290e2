/**
 * All connections of a server port: accepts them up to a cap, ticks them, drains and closes them.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";
import { defaultLimits, type Http2Limits } from "../http2/mod.ts";
import { DeadlineWheel } from "./deadline_wheel.ts";
import type { ServerRoutes } from "./direct_method.ts";
import { MessageBuffers } from "./message_buffers.ts";
import { type ByteChannel, Pump } from "./pump.ts";
import type { ServerState } from "./stream_owner.ts";

const tickMs = 500;
/** While draining, so that the last connection is not waited for longer than it needs. */
const drainTickMs = 20;
const acceptBackoffMsMin = 10;
const acceptBackoffMsMax = 1_000;

/** A place where connections arrive: a socket's listener, or a queue in tests. */
export interface ChannelAcceptor {
  /** The next connection; null when the acceptor is closed. Rejects for what may pass, such as EMFILE. */
  accept(): Promise<ByteChannel | null>;
  close(): void;
}

/** How a listener serves; the defaults suit an open network. */
export interface ServeOptions {
  readonly routes: ServerRoutes;
  readonly clock: Clock;
  readonly limits?: Http2Limits;
  /** More are accepted and closed at once; ≥ 1, default 1,024. */
  readonly connectionsMax?: number;
  /** Announced lengths beyond it are refused at the prefix; default 64 MiB. */
  readonly messageBytesMax?: number;
  /** Bytes of messages under way on all streams together; default 1 GiB. */
  readonly bufferedBytesMax?: number;
  /** Told of failures to accept, and of what universal handlers threw. Nobody is told by default. */
  readonly onConnectionError?: (error: unknown) => void;
}

/** What a listener has done since it began. */
export interface ListenerCounts {
  readonly accepted: number;
  /** Above the cap. */
  readonly refused: number;
  readonly acceptErrors: number;
}

/** Serves whatever its acceptors accept. */
export class ConnectionSet {
  readonly #acceptors: readonly ChannelAcceptor[];
  readonly #options: ServeOptions;
  readonly #state: ServerState;
  readonly #pumps = new Set<Pump>();
  #accepted = 0;
  #refused = 0;
  #acceptErrors = 0;
  #isClosed = false;
  #timer: ReturnType<typeof setInterval>;
  #onAllClosed: (() => void) | null = null;
  #drained: Promise<void> | null = null;

  constructor(acceptors: readonly ChannelAcceptor[], options: ServeOptions) {
    const { routes, clock, onConnectionError } = options;
    this.#acceptors = acceptors;
    this.#options = options;
    this.#state = {
      routes,
      clock,
      deadlines: new DeadlineWheel(clock),
      buffers: new MessageBuffers(options.bufferedBytesMax ?? 2 ** 30),
      messageBytesMax: options.messageBytesMax ?? 64 * 2 ** 20,
      onHandlerError: (error) => onConnectionError?.(error),
    };
    this.#timer = setInterval(() => this.tick(), tickMs);
    for (const acceptor of acceptors) void this.#acceptAll(acceptor);
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#pumps.size;
  }

  /** Bytes of messages under way. */
  get bufferedBytes(): number {
    return this.#state.buffers.usedBytes;
  }

  get counts(): ListenerCounts {
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      acceptErrors: this.#acceptErrors,
    };
  }

  /** Timeouts of all connections; a timer calls it, and so do tests. */
  tick(): void {
    const nowMs = this.#state.clock.monotonicMs();
    for (const pump of this.#pumps) pump.tick(nowMs);
  }

  /**
   * Accepts no more, says GOAWAY, and waits until the calls under way are answered and all
   * connections closed; after `graceMs` ≥ 0 the rest is closed. A second call joins the first.
   */
  drain(graceMs: number): Promise<void> {
    this.#drained ??= this.#drain(graceMs);
    return this.#drained;
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#stopAccepting();
    const allClosed = new Promise<void>((resolve) => this.#onAllClosed = resolve);
    const endMs = this.#state.clock.monotonicMs() + graceMs;
    for (const pump of this.#pumps) pump.drain();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#state.clock.monotonicMs() >= endMs) this.close();
      else this.tick();
    }, drainTickMs);
    if (this.#pumps.size > 0) await allClosed;
    this.close();
  }

  /** Closes everything at once; calls under way are cancelled. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopAccepting();
    clearInterval(this.#timer);
    for (const pump of this.#pumps) pump.close();
    this.#state.deadlines.close();
    this.#onAllClosed?.();
  }

  #stopAccepting(): void {
    for (const acceptor of this.#acceptors) acceptor.close();
  }

  async #acceptAll(acceptor: ChannelAcceptor): Promise<void> {
    let backoffMs = acceptBackoffMsMin;
    for (;;) {
      try {
        const channel = await acceptor.accept();
        if (channel === null) return;
        backoffMs = acceptBackoffMsMin;
        this.#serve(channel);
      } catch (error) {
        this.#acceptErrors++;
        this.#options.onConnectionError?.(error);
        await new Promise((resolve) => setTimeout(resolve, backoffMs));
        backoffMs = Math.min(backoffMs * 2, acceptBackoffMsMax);
      }
    }
  }

  #serve(channel: ByteChannel): void {
    const connectionsMax = this.#options.connectionsMax ?? 1024;
    if (this.#isClosed || this.#pumps.size >= connectionsMax) {
      this.#refused++;
      channel.close();
      return;
    }
    this.#accepted++;
    const pump = new Pump(channel, {
      state: this.#state,
      limits: this.#options.limits ?? defaultLimits,
      onClosed: (closed) => this.#forget(closed),
    });
    this.#pumps.add(pump);
    // A rejection is a bug of ours and ends the process, as any uncaught error does.
    void pump.run();
  }

  #forget(pump: Pump): void {
    this.#pumps.delete(pump);
    if (this.#pumps.size === 0) this.#onAllClosed?.();
  }
}
