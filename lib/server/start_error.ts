/**
 * What keeps the program from starting, told to the person who started it: one sentence and an exit code.
 *
 * @module
 */

/** A start that cannot go on, for a reason that the user can mend. Printed without a stack. */
export class StartError extends Error {
  override readonly name: string = "StartError";
  /** In [1, 125]: 1 = the world refused (port, disk, lock), 2 = the command line is wrong. */
  readonly exitCode: number;

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** An option, an environment variable or a command that means nothing. Exit code 2, as by convention. */
export class OptionError extends StartError {
  override readonly name = "OptionError";

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: 2 });
  }
}

/**
 * The text for standard error and the exit code for whatever ended the start.
 *
 * A {@linkcode StartError} and the refusals of the operating system are told in a sentence; anything else is
 * our own mistake and keeps its stack.
 */
export function describeStartFailure(error: unknown): { text: string; exitCode: number } {
  if (error instanceof StartError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof Deno.errors.NotCapable) {
    return {
      text: `Cannot start: a permission is missing (${error.message}). ` +
        "Start it with `deno task start`, `deno run -P=serve main.ts`, or `deno run -A`",
      exitCode: 1,
    };
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return {
      text:
        `Cannot listen: ${error.message}. Another program holds the port; choose one with --port`,
      exitCode: 1,
    };
  }
  if (error instanceof Error) {
    return { text: `Cannot go on: ${error.stack ?? error.message}`, exitCode: 70 };
  }
  return { text: `Cannot go on: ${String(error)}`, exitCode: 70 };
}
