/**
 * A socket of which the test is the peer: it feeds reads, and lets writes through when it likes.
 *
 * @module
 */
import type { ByteChannel } from "../../lib/transport/pump.ts";

/** In memory; writes succeed at once unless `holdsWrites`. */
export class FakeChannel implements ByteChannel {
  /** What was written, joined. */
  written: Uint8Array = new Uint8Array(0);
  /** Calls of `write`, done or under way. */
  writeCount = 0;
  writesUnderWay = 0;
  writesUnderWayMax = 0;
  holdsWrites = false;
  /** Most bytes that one write takes. */
  writeBytesMax = Infinity;
  isWriteClosed = false;
  isClosed = false;
  #input: (Uint8Array | null)[] = [];
  #wakeReader: (() => void) | null = null;
  #held: (() => void)[] = [];

  /** Lets the next reads have `bytes`; null is the end of the stream. */
  feed(bytes: Uint8Array | null): void {
    this.#input.push(bytes);
    this.#wakeReader?.();
  }

  /** Bytes fed and not read yet. */
  get unreadBytes(): number {
    return this.#input.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  }

  /** Lets the writes that are held through. */
  releaseWrites(): void {
    this.holdsWrites = false;
    for (const release of this.#held.splice(0)) release();
  }

  async read(target: Uint8Array): Promise<number | null> {
    while (this.#input.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    if (this.isClosed) throw new TypeError("closed");
    const bytes = this.#input[0]!;
    if (bytes === null) return null;
    const count = Math.min(bytes.length, target.length);
    target.set(bytes.subarray(0, count));
    if (count === bytes.length) this.#input.shift();
    else this.#input[0] = bytes.subarray(count);
    return count;
  }

  async write(source: Uint8Array): Promise<number> {
    this.writeCount++;
    this.writesUnderWay++;
    this.writesUnderWayMax = Math.max(this.writesUnderWayMax, this.writesUnderWay);
    if (this.holdsWrites) await new Promise<void>((resolve) => this.#held.push(resolve));
    this.writesUnderWay--;
    if (this.isClosed) throw new TypeError("closed");
    const count = Math.min(source.length, this.writeBytesMax);
    const joined = new Uint8Array(this.written.length + count);
    joined.set(this.written);
    joined.set(source.subarray(0, count), this.written.length);
    this.written = joined;
    return count;
  }

  closeWrite(): Promise<void> {
    this.isWriteClosed = true;
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wakeReader?.();
    this.releaseWrites();
  }
}
