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
  #pieces: Uint8Array[] = [];
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
    this.#waitingBytes += data.length;
    this.#pieces.push(data.slice());
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
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#buffers.unreserve(this.#waitingBytes);
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    if (pieces.length === 1) return pieces[0]!;
    const joined = new Uint8Array(bytes);
    let offset = 0;
    for (const piece of pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return joined;
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
