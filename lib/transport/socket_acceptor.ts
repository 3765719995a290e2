/**
 * Accepts from a socket's listener until it is closed.
 *
 * @module
 */
import type { ChannelAcceptor } from "./grpc_listener.ts";
import type { ByteChannel } from "./pump.ts";

/** What `Deno.listen` and `Deno.listenTls` give. */
export interface SocketListener<Connection> {
  accept(): Promise<Connection>;
  close(): void;
}

/** Turns a listener's connections into channels. */
export class SocketAcceptor<Connection> implements ChannelAcceptor {
  readonly #socket: SocketListener<Connection>;
  readonly #toChannel: (connection: Connection) => ByteChannel;
  #isClosed = false;

  constructor(
    socket: SocketListener<Connection>,
    toChannel: (connection: Connection) => ByteChannel,
  ) {
    this.#socket = socket;
    this.#toChannel = toChannel;
  }

  async accept(): Promise<ByteChannel | null> {
    if (this.#isClosed) return null;
    try {
      return this.#toChannel(await this.#socket.accept());
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}
