/**
 * The door to TCP sockets: HTTP/2 with prior knowledge. With TLS it opens the other door.
 *
 * @module
 */
import {
  type ChannelAcceptor,
  ConnectionSet,
  type ListenerCounts,
  type ServeOptions,
} from "./grpc_listener.ts";
import type { ByteChannel } from "./pump.ts";
import { SocketAcceptor } from "./socket_acceptor.ts";
import { listenTls, type TlsCredentials } from "./tls_listener.ts";

/** Where to listen. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Several threads accept on the same port; needs `--unstable-net`. */
  readonly reusePort?: boolean;
}

/** A server port that is open. */
export interface GrpcListener {
  readonly addresses: readonly Deno.NetAddr[];
  /** Connections that are open now. */
  readonly connectionCount: number;
  /** Bytes of messages under way. */
  readonly bufferedBytes: number;
  readonly counts: ListenerCounts;
  /** Accepts no more, answers what is under way, closes; after `graceMs` ≥ 0 the rest is cut. */
  drain(graceMs: number): Promise<void>;
  /** Closes everything at once. */
  close(): void;
}

/**
 * Listens on every address, or on none. With `tls` peers must choose `h2` by ALPN.
 *
 * @throws {Deno.errors.AddrInUse} and what else `Deno.listen` and `Deno.listenTls` throw.
 */
export function serveHttp2(
  options: ServeOptions & {
    readonly listeners: readonly ListenAddress[];
    readonly tls?: TlsCredentials;
  },
): GrpcListener {
  const opened: { readonly acceptor: ChannelAcceptor; readonly addr: Deno.NetAddr }[] = [];
  try {
    for (const address of options.listeners) {
      const listenOptions = toListenOptions(address);
      const { tls } = options;
      opened.push(tls === undefined ? listenTcp(listenOptions) : listenTls(listenOptions, tls));
    }
  } catch (error) {
    for (const { acceptor } of opened) acceptor.close();
    throw error;
  }
  const set = new ConnectionSet(opened.map(({ acceptor }) => acceptor), options);
  return {
    addresses: opened.map(({ addr }) => addr),
    get connectionCount(): number {
      return set.connectionCount;
    },
    get bufferedBytes(): number {
      return set.bufferedBytes;
    },
    get counts(): ListenerCounts {
      return set.counts;
    },
    drain: (graceMs) => set.drain(graceMs),
    close: () => set.close(),
  };
}

function toListenOptions(
  address: ListenAddress,
): Deno.TcpListenOptions & { readonly port: number } {
  const { hostname, port } = address;
  // Absent is not the same as false: the mere option needs --unstable-net.
  return address.reusePort ? { hostname, port, reusePort: true } : { hostname, port };
}

function listenTcp(
  options: Deno.TcpListenOptions,
): { readonly acceptor: ChannelAcceptor; readonly addr: Deno.NetAddr } {
  const socket = Deno.listen(options);
  return { acceptor: new SocketAcceptor(socket, withoutNagle), addr: socket.addr };
}

/** Small replies must not wait for the peer's acknowledgements. */
function withoutNagle(connection: Deno.TcpConn): ByteChannel {
  try {
    connection.setNoDelay(true);
  } catch {
    // The peer is gone already; the first read will tell.
  }
  return connection;
}
