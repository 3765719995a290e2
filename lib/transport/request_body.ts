/**
 * A request's body as an async iterable: flow control is credited when the handler takes a piece.
 *
 * @module
 */
import type { MessageBuffers } from "./message_buffers.ts";

/** One reader. What waits is limited by the stream's window, and by the budget of the listener. */
export class RequestBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, void> {
  readonly #buffers: MessageBuffers;
  readonly #credit: (bytes: number) => void;
  /** What waits, at the beginning; one buffer, so that a peer's tiny frames cost no more than their bytes. */
  #buffer = new Uint8Array(0);
  #waitingBytes = 0;
  #isEnded = false;
  #isDiscarding = false;
  #failure: { readonly reason: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(options: {
    readonly buffers: MessageBuffers;
    readonly credit: (bytes: number) => void;
  }) {
    this.#buffers = options.buffers;
    this.#credit = options.credit;
  }

  /** The peer sent the end of the body, or will never send it. */
  get isEnded(): boolean {
    return this.#isEnded || this.#failure !== null;
  }

  /** Copies `data`; false if the budget has no room. */
  push(data: Uint8Array): boolean {
    if (this.#isDiscarding) {
      this.#credit(data.length);
      return true;
    }
    if (data.length === 0) return true;
    if (!this.#buffers.reserve(data.length)) return false;
    const waitingBytes = this.#waitingBytes + data.length;
    if (waitingBytes > this.#buffer.length) {
      const larger = new Uint8Array(this.#waitingBytes === 0 ? data.length : 2 * waitingBytes);
      larger.set(this.#buffer.subarray(0, this.#waitingBytes));
      this.#buffer = larger;
    }
    this.#buffer.set(data, this.#waitingBytes);
    this.#waitingBytes = waitingBytes;
    this.#wakeReader();
    return true;
  }

  end(): void {
    this.#isEnded = true;
    this.#wakeReader();
  }

  /** What waits is lost; the reader gets `reason`. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#take();
    this.#wakeReader();
  }

  /** Nobody reads any more: what waits and what comes is thrown away. */
  discard(): void {
    this.#isDiscarding = true;
    const bytes = this.#take().length;
    if (bytes > 0) this.#credit(bytes);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    while (this.#waitingBytes === 0) {
      if (this.#failure !== null) throw this.#failure.reason;
      if (this.#isEnded || this.#isDiscarding) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const value = this.#take();
    this.#credit(value.length);
    return { done: false, value };
  }

  return(): Promise<IteratorResult<Uint8Array, void>> {
    this.discard();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(_reason?: unknown): Promise<IteratorResult<Uint8Array, void>> {
    return this.return();
  }

  /** All that waits as one piece: connect-es sums its pieces up at every read. */
  #take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#waitingBytes);
    this.#buffers.unreserve(bytes.length);
    this.#buffer = new Uint8Array(0);
    this.#waitingBytes = 0;
    return bytes;
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
