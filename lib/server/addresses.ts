/**
 * Which addresses and which port the I/O threads share.
 *
 * @module
 */

import type { ServeOptions } from "./options.ts";
import { StartError } from "./start_error.ts";
import { probePort } from "../transport/mod.ts";

const TRIES_MAX = 20;

/** The hosts of the options; by default those loopback addresses that the machine has. */
export function loopbackHosts(options: ServeOptions): readonly string[] {
  if (!options.areHostsDefault) return options.hosts;
  const present = options.hosts.filter((hostname) => probePort({ hostname, port: 0 }) !== null);
  if (present.length === 0) {
    throw new StartError("Cannot listen: the machine has neither 127.0.0.1 nor ::1");
  }
  return present;
}

/**
 * A port that is free on all hosts: the one asked for, or any for 0.
 *
 * The threads listen with SO_REUSEPORT, which would let two servers share a port in silence; so each address is
 * first opened for itself alone.
 *
 * @throws {StartError} if another program holds the port.
 */
export function choosePort(hosts: readonly string[], port: number): number {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const candidate = port === 0 ? probePort({ hostname: hosts[0]!, port: 0 })! : port;
    const taken = hosts.find((hostname) => probePort({ hostname, port: candidate }) === null);
    if (taken === undefined) return candidate;
    if (port !== 0) {
      throw new StartError(
        `Cannot listen on ${taken} port ${port}: another program holds it; choose one with --port`,
      );
    }
  }
  throw new StartError("Cannot listen: found no port that is free on all addresses");
}
