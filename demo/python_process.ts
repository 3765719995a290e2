/**
 * Runs Python to its end, line by line or as a whole.
 *
 * @module
 */

/** How a process ended. */
export interface PythonResult {
  readonly code: number;
  readonly output: string;
  /** What it wrote to standard error: the traceback, if it failed. */
  readonly errors: string;
}

/** Runs a command and returns what it printed. */
export async function runPython(command: readonly string[]): Promise<PythonResult> {
  const lines: string[] = [];
  const { code, errors } = await readLines(command, (line) => lines.push(line));
  return { code, output: lines.join("\n"), errors };
}

/** Runs a command and calls `onLine` for each line as it is printed. */
export async function readLines(
  command: readonly string[],
  onLine: (line: string) => void,
): Promise<Omit<PythonResult, "output">> {
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    env: { PYTHONUNBUFFERED: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let rest = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
  const { code } = await child.status;
  return { code, errors: await errors };
}
