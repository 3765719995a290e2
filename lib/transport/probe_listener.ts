/**
 * Asks whether an address can be listened on, without staying there.
 *
 * @module
 */

/**
 * The port if nobody listens on it, of any kind (0 finds a free one); null if somebody does or the machine lacks the
 * address.
 *
 * @throws what else `Deno.listen` throws, such as {@linkcode Deno.errors.NotCapable}.
 */
export function probePort(
  address: { readonly hostname: string; readonly port: number },
): number | null {
  try {
    const socket = Deno.listen({ hostname: address.hostname, port: address.port });
    const { port } = socket.addr;
    socket.close();
    return port;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.AddrNotAvailable) {
      return null;
    }
    throw error;
  }
}
