/**
 * Our server as a process, started as a user starts it.
 *
 * @module
 */
import { join } from "node:path";

import { projectRoot } from "./project.ts";
import {
  type Launch,
  type ServerProcess,
  type ServerProgram,
  withServerProcess,
} from "./server_process.ts";

export interface ServerOptions {
  /** Further arguments of the command line. */
  readonly args?: readonly string[];
}

/** The command line of `main.ts` for `launch`. */
export function serverCommand(launch: Launch, options: ServerOptions = {}): readonly string[] {
  return [
    Deno.execPath(),
    "run",
    "-A",
    join(projectRoot, "main.ts"),
    ...serverFlags(launch, options),
  ];
}

/** The flags that say where to listen and what to keep. */
export function serverFlags(launch: Launch, options: ServerOptions = {}): readonly string[] {
  return [
    "--port",
    String(launch.port),
    "--dashboard-port",
    String(launch.dashboardPort),
    "--data",
    launch.dataDirectory,
    ...(options.args ?? []),
  ];
}

/** How {@linkcode withServer} starts our server. */
export function serverProgram(options: ServerOptions = {}): ServerProgram {
  return { command: (launch) => serverCommand(launch, options) };
}

/** Runs `body` with our server on free ports and an empty data directory. */
export function withServer(
  body: (server: ServerProcess) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  return withServerProcess(serverProgram(options), body);
}
