/**
 * A server that a test runs as a process of its own: started on free ports and an empty data
 * directory, ready when it answers, ended by its pid.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";

import { GrpcClient } from "./grpc_client.ts";

/** What a test may know of the server, whichever it is. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** HTTP/1.1 and HTTP/2 port of the dashboard; the Python peer has none. */
  readonly dashboardPort: number;
}

/** Where and on what a server starts. */
export interface Launch extends ServerAddress {
  readonly dataDirectory: string;
}

export interface ServerProgram {
  /** Command and arguments. */
  command(launch: Launch): readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** How long a server may take before a test calls it broken, in ms. */
const startTimeoutMs = 60_000;

/** A running server process. */
export class ServerProcess implements ServerAddress {
  readonly host: string = "127.0.0.1";
  readonly port: number;
  readonly dashboardPort: number;
  readonly dataDirectory: string;
  readonly #program: ServerProgram;
  #child!: Deno.ChildProcess;
  #pipes: Promise<void>[] = [];
  #output = "";
  #exit: Deno.CommandStatus | null = null;

  private constructor(program: ServerProgram, launch: Launch) {
    this.#program = program;
    this.port = launch.port;
    this.dashboardPort = launch.dashboardPort;
    this.dataDirectory = launch.dataDirectory;
  }

  /** Starts `program`; resolves when it answers a Stats call, with or without a token. */
  static async start(
    program: ServerProgram,
    options: { port?: number } = {},
  ): Promise<ServerProcess> {
    const [freePort, dashboardPort] = freePorts(2);
    const dataDirectory = await Deno.makeTempDir({ prefix: "histserv-test-" });
    const server = new ServerProcess(program, {
      host: "127.0.0.1",
      port: options.port ?? freePort!,
      dashboardPort: dashboardPort!,
      dataDirectory,
    });
    await server.start();
    return server;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it has printed on both streams, of all its starts. */
  get output(): string {
    return this.#output;
  }

  /** Starts it again after {@linkcode kill}, on the same ports and data. */
  async start(): Promise<void> {
    const [file, ...args] = this.#program.command(this);
    this.#exit = null;
    this.#child = new Deno.Command(file!, {
      args,
      ...(this.#program.cwd === undefined ? {} : { cwd: this.#program.cwd }),
      ...(this.#program.env === undefined ? {} : { env: this.#program.env }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    void this.#child.status.then((status) => this.#exit = status);
    this.#pipes = [this.#collect(this.#child.stdout), this.#collect(this.#child.stderr)];
    await this.#untilItAnswers();
  }

  /** Sends a signal, and waits for the end of the process. */
  async kill(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    if (this.#exit === null) this.#child.kill(signal);
    const status = await this.#child.status;
    await Promise.all(this.#pipes);
    return status;
  }

  /** `kill(signal)` and `start()`. */
  async restart(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  /** Resolves when the process ends by itself, or by a signal sent elsewhere. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  connect(): Promise<GrpcClient> {
    return GrpcClient.connect(this);
  }

  /** Ends it at once and removes its data. */
  async stop(): Promise<void> {
    await this.kill("SIGKILL");
    await Deno.remove(this.dataDirectory, { recursive: true });
  }

  async #untilItAnswers(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline) {
      if (this.#exit !== null) {
        await Promise.all(this.#pipes);
        throw new ServerStartError(`it ended with code ${this.#exit.code}`, this.#output);
      }
      if (await this.#answers()) return;
      await delay(20);
    }
    await this.kill("SIGKILL");
    throw new ServerStartError(`no answer in ${startTimeoutMs} ms`, this.#output);
  }

  async #answers(): Promise<boolean> {
    try {
      const client = await this.connect();
      await client.call("Stats", new Uint8Array());
      client.close();
      return true;
    } catch {
      return false;
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const piece of stream) this.#output += Buffer.from(piece).toString();
  }
}

/** The server under test did not start; the message holds what it printed. */
export class ServerStartError extends TypeError {
  constructor(state: string, output: string) {
    super(`Cannot start the server: ${state}; it printed:\n${output}`);
    this.name = "ServerStartError";
  }
}

/** Runs `body` with a fresh server; when it fails, the server's output is shown with the error. */
export async function withServerProcess(
  program: ServerProgram,
  body: (server: ServerProcess) => Promise<void>,
  options: { port?: number } = {},
): Promise<void> {
  const server = await ServerProcess.start(program, options);
  try {
    await body(server);
  } catch (error) {
    const text = new TextEncoder().encode(`\n--- the server printed ---\n${server.output}\n---\n`);
    Deno.stderr.writeSync(text);
    throw error;
  } finally {
    await server.stop();
  }
}

/** TCP ports that were free on 127.0.0.1 a moment ago, all different. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
