/**
 * Runs a command to its end and gives back what it printed.
 *
 * @module
 */

export interface CommandResult {
  /** Exit code; 128 + number after a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** Ends the command with SIGKILL: a limit on what a broken server can cost, not a timed assertion. */
  readonly timeoutSeconds?: number;
}

/** Runs `command[0]` with the rest as arguments. Never throws for an exit code. */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [file, ...args] = command;
  const signal = AbortSignal.timeout((options.timeoutSeconds ?? 600) * 1000);
  const child = new Deno.Command(file!, {
    args,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const abort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", abort);
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const output = await child.output();
  signal.removeEventListener("abort", abort);
  const decoder = new TextDecoder();
  const timedOut = signal.aborted ? `\nended after ${options.timeoutSeconds ?? 600} s` : "";
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr) + timedOut,
  };
}

/**
 * Like {@linkcode runCommand}, but an exit code other than 0 is an error that shows the output.
 *
 * @throws {CommandError}
 */
export async function runCommandOrThrow(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, options);
  if (result.code !== 0) throw new CommandError(command, result);
  return result;
}

/** A command that ended with another exit code than 0. */
export class CommandError extends TypeError {
  readonly result: CommandResult;

  constructor(command: readonly string[], result: CommandResult) {
    const tail = `${result.stdout}\n${result.stderr}`.trim().slice(-4000);
    super(`Cannot run ${JSON.stringify(command.join(" "))}: exit code ${result.code}\n${tail}`);
    this.name = "CommandError";
    this.result = result;
  }
}
