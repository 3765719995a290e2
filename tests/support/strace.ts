/**
 * Attaches strace to a running process and all its threads.
 *
 * @module
 */

export interface Trace {
  /** Detaches, and gives the log. */
  end(): Promise<string>;
}

/** Resolves when strace is attached; `calls` are the names of the system calls to log. */
export async function traceProcess(strace: string, pid: number, calls: string): Promise<Trace> {
  const path = await Deno.makeTempFile();
  const child = new Deno.Command(strace, {
    args: [
      "-f",
      "-yy",
      "-xx",
      "-s",
      "1048576",
      "-e",
      `trace=${calls}`,
      "-o",
      path,
      "-p",
      String(pid),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/attached/.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new TypeError(`Cannot attach strace: ${text}`);
    text += value;
  }
  const rest = drain(reader);
  return {
    async end() {
      child.kill("SIGINT");
      await child.status;
      await rest;
      const log = await Deno.readTextFile(path);
      await Deno.remove(path);
      return log;
    },
  };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
