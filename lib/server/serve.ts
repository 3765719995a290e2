/**
 * Runs the server until it is told to drain.
 *
 * @module
 */

import type { ServeOptions } from "./options.ts";
import { StartError } from "./start_error.ts";

/** What the main module knows and the server needs. */
export interface ServeContext {
  /** URL of the main module, which is the entry of every thread too. */
  readonly mainUrl: string;
  /** Process id of the launcher, if one started this process. */
  readonly launcherPid: number | null;
}

/**
 * Serves until SIGTERM or SIGINT; resolves to the exit code after the drain.
 *
 * @throws {StartError} if it cannot start.
 */
export function serve(_options: ServeOptions, _context: ServeContext): Promise<number> {
  return Promise.reject(new StartError("Cannot serve: the server's threads are not built yet"));
}
