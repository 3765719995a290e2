/**
 * The door to HTTP/1.1 and HTTP/2 sockets of `Deno.serve`: the port for browsers.
 *
 * @module
 */

/** An HTTP port that is open. */
export interface HttpListener {
  readonly addresses: readonly Deno.NetAddr[];
  /** Accepts no more and resolves when all requests are answered; after `graceMs` ≥ 0 the rest is cut. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Serves `handler` on every address, or on none. With port 0 all of them get the port that the first one gets.
 *
 * @throws {Deno.errors.AddrInUse} and what else `Deno.serve` throws.
 */
export function serveHttp(options: {
  readonly listeners: readonly { readonly hostname: string; readonly port: number }[];
  readonly handler: (request: Request) => Response | Promise<Response>;
  readonly onError: (error: unknown) => Response;
}): HttpListener {
  const controller = new AbortController();
  const servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  try {
    for (const { hostname, port } of options.listeners) {
      servers.push(Deno.serve({
        hostname,
        port: port === 0 && servers.length > 0 ? servers[0]!.addr.port : port,
        signal: controller.signal,
        onListen: () => {},
        onError: options.onError,
      }, options.handler));
    }
  } catch (error) {
    controller.abort();
    throw error;
  }
  return {
    addresses: servers.map((server) => server.addr),
    async drain(graceMs) {
      const timer = setTimeout(() => controller.abort(), graceMs);
      await Promise.all(servers.map((server) => server.shutdown()));
      clearTimeout(timer);
    },
  };
}
