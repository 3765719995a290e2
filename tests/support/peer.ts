/**
 * The Python server of histserv 0.2.1 as a process: tests run against it, too, to show that they
 * state its behaviour rightly.
 *
 * @module
 */
import { pythonTool } from "./python.ts";
import { type ServerProcess, type ServerProgram, withServerProcess } from "./server_process.ts";
import { type Tool, toolPath } from "./tools.ts";

/** The interpreter whose environment holds the peer. */
export const peerTool: Tool = await pythonTool("0.2.1");

/** How {@linkcode withPeer} starts the Python server. */
export function peerProgram(): ServerProgram {
  return {
    command: ({ port }) => [toolPath(peerTool), "-m", "histserv", "--port", String(port)],
  };
}

/** Runs `body` with the Python server; it keeps nothing and has no dashboard here. */
export function withPeer(body: (server: ServerProcess) => Promise<void>): Promise<void> {
  return withServerProcess(peerProgram(), body);
}
