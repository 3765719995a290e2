/**
 * The door to TLS sockets: HTTP/2 by ALPN (RFC 9113 §3.2).
 *
 * Deno cannot ask for client certificates, so there is no mutual TLS here.
 *
 * @module
 */
import type { ChannelAcceptor } from "./grpc_listener.ts";
import type { ByteChannel } from "./pump.ts";
import { SocketAcceptor } from "./socket_acceptor.ts";

/** A server's certificate chain and its private key, both PEM. */
export interface TlsCredentials {
  readonly cert: string;
  readonly key: string;
}

/**
 * Listens with TLS.
 *
 * @throws {Deno.errors.InvalidData} if certificate or key is not PEM or they do not belong together.
 */
export function listenTls(
  address: Deno.TcpListenOptions & { readonly port: number },
  credentials: TlsCredentials,
): { readonly acceptor: ChannelAcceptor; readonly addr: Deno.NetAddr } {
  const { cert, key } = credentials;
  const socket = Deno.listenTls({ ...address, cert, key, alpnProtocols: ["h2"] });
  return {
    acceptor: new SocketAcceptor(socket, (connection) => new TlsChannel(connection)),
    addr: socket.addr,
  };
}

/**
 * A connection that may still be shaking hands: reads and writes wait for it, so that one slow peer does not
 * hold up the next. http2's time limit for the preface covers the handshake.
 */
class TlsChannel implements ByteChannel {
  readonly #connection: Deno.TlsConn;
  readonly #ready: Promise<void>;
  #isReady = false;

  constructor(connection: Deno.TlsConn) {
    this.#connection = connection;
    this.#ready = this.#shakeHands();
    // Who waits for it is told; nobody may be waiting yet.
    this.#ready.catch(() => {});
  }

  async read(target: Uint8Array): Promise<number | null> {
    if (!this.#isReady) await this.#ready;
    return await this.#connection.read(target);
  }

  async write(source: Uint8Array): Promise<number> {
    if (!this.#isReady) await this.#ready;
    return await this.#connection.write(source);
  }

  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  close(): void {
    this.#connection.close();
  }

  async #shakeHands(): Promise<void> {
    const { alpnProtocol } = await this.#connection.handshake();
    if (alpnProtocol !== "h2") {
      throw new TypeError(`Cannot speak HTTP/2: the peer chose "${alpnProtocol ?? ""}" by ALPN`);
    }
    this.#isReady = true;
  }
}
