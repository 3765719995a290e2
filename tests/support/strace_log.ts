/**
 * What `strace -f -yy -xx` wrote down: system calls in the order in which they began and ended.
 *
 * @module
 */

/** One system call. */
export interface SystemCall {
  readonly name: string;
  /** Arguments as printed, file descriptors with their paths or addresses. */
  readonly args: string;
  readonly result: number;
  /** Number of the line where it began; strace prints lines in the order of events. */
  readonly start: number;
  /** Number of the line where it ended; the same line if nothing happened between. */
  readonly end: number;
}

/** Parses the whole log; calls that never ended are left out. */
export function parseStraceLog(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { args: string; start: number }>();
  text.split("\n").forEach((line, number) => {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) return;
    const begun = /^(\w+)\((.*?)(?:,? )?<unfinished \.\.\.>$/.exec(rest);
    if (begun !== null) {
      unfinished.set(`${pid} ${begun[1]}`, { args: begun[2]!, start: number });
      return;
    }
    const resumed = /^<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/.exec(rest);
    const whole = /^(\w+)\((.*)\) += (-?\d+)/.exec(rest);
    if (resumed !== null) {
      const [, name, args, result] = resumed;
      const before = unfinished.get(`${pid} ${name}`);
      if (before === undefined) return;
      const call = { name: name!, args: before.args + args!, result: Number(result) };
      calls.push({ ...call, start: before.start, end: number });
    } else if (whole !== null) {
      const [, name, args, result] = whole;
      calls.push({ name: name!, args: args!, result: Number(result), start: number, end: number });
    }
  });
  return calls;
}

/** Path, or `TCP:[a->b]`, of the first argument; "" if it is no file descriptor with a name. */
export function targetOf(call: SystemCall): string {
  const name = /^\d+<(.*?)>(?:,|$|\()/.exec(call.args)?.[1] ?? "";
  return name.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** The bytes of all strings among the arguments, as many as the result says. */
export function bytesOf(call: SystemCall): Uint8Array {
  const hex = [...call.args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)]
    .map((match) => match[1]!.replaceAll("\\x", ""))
    .join("");
  return Uint8Array.fromHex(hex).subarray(0, Math.max(0, call.result));
}
