/**
 * Starting the program again with the flags that it needs.
 *
 * The server needs Deno KV and `reusePort`. Both are behind flags, which `"unstable"` in the deno.json beside
 * main.ts sets; where there is no such file (`deno run -A jsr:@histserv/cli`, one bundled file, `--no-config`) the
 * process that the user started becomes a *launcher*: it runs Deno again with the flags and passes on arguments,
 * output, signals and the exit code. Its child holds the reading end of a pipe whose writing end only the launcher
 * has: when the launcher ends, even by kill -9, the pipe ends and so does the child, and port and data are free.
 *
 *     user ──signals──▶ launcher ──signals, pipe on stdin──▶ server ──▶ stdout, stderr of the launcher
 *
 * @module
 */

import { StartError } from "./start_error.ts";

/** Tells the child its launcher's process id, and so not to launch again. */
const launcherVariable = "HISTSERV_LAUNCHER_PID";

const permissionNames = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/** What Deno was started with, as far as it matters here. */
export interface Capabilities {
  readonly hasKv: boolean;
  /** Of `--unstable-net`, and so `reusePort` in `Deno.listen`. */
  readonly hasReusePort: boolean;
}

/**
 * What this process can do.
 *
 * Calling `Deno.listen` with `reusePort` without the flag ends the process with code 70, so the flag is seen by
 * another of its functions, `Deno.listenDatagram`, which is there only with the flag (Deno 2.9.6, in workers too).
 */
export function readCapabilities(): Capabilities {
  const runtime: { openKv?: unknown; listenDatagram?: unknown } = Deno;
  return {
    hasKv: typeof runtime.openKv === "function",
    hasReusePort: typeof runtime.listenDatagram === "function",
  };
}

/** How the launcher starts its child. */
export interface RelaunchOptions {
  /** URL of the main module: a file, a bundle, or a module of the web. */
  readonly mainUrl: string;
  readonly args: readonly string[];
}

/**
 * Runs this program again with the flags and resolves to its exit code (128 + n if signal n ended it).
 *
 * @throws {StartError} if it runs again already and still lacks them, or may not start programs.
 */
export async function relaunch(options: RelaunchOptions): Promise<number> {
  if (readVariable() !== null || Deno.build.standalone) {
    throw new StartError(
      "Cannot start: Deno KV or reusePort is missing. Use Deno 2.9 with --unstable-kv --unstable-net",
    );
  }
  const granted = await queryGranted();
  if (!granted.has("run")) {
    throw new StartError(
      "Cannot start: Deno runs without its flags and may not start itself again. " +
        "Start it with `deno run -A`, or add --unstable-kv --unstable-net",
    );
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: relaunchArgs(options, granted),
    env: { [launcherVariable]: String(Deno.pid) },
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
    // A session of its own: Ctrl-C reaches the launcher only, and the child once, through it.
    detached: Deno.build.os !== "windows",
  }).spawn();
  const stopForwarding = forwardSignals(child);
  // The pipe must not be collected while the child lives, and is never written to.
  const pipe = child.stdin;
  const status = await child.status;
  stopForwarding();
  await pipe.abort().catch(() => {});
  return status.code;
}

/** The command line of the child. Permissions are never more than this process has. */
export function relaunchArgs(options: RelaunchOptions, granted: ReadonlySet<string>): string[] {
  const permissions = permissionNames.every((name) => granted.has(name))
    ? ["-A"]
    : permissionNames.filter((name) => granted.has(name)).map((name) => `--allow-${name}`);
  // A source tree needs the deno.json beside it for its imports; a bundle or a published module needs none, and
  // must not pick up a stranger's from the current folder.
  const isSource = options.mainUrl.startsWith("file:") && options.mainUrl.endsWith(".ts");
  const config = isSource ? [] : ["--no-config"];
  return [
    "run",
    "--no-prompt",
    ...permissions,
    "--unstable-kv",
    "--unstable-net",
    "--unstable-no-legacy-abort",
    ...config,
    options.mainUrl,
    ...options.args,
  ];
}

/**
 * In a launched child: ends this process as soon as its launcher has ended, with the code of kill -9.
 *
 * There is no drain: whoever kills the launcher so expects port and data to be free at once, and what was
 * acknowledged is on disk. Returns the launcher's process id, or null if nobody launched this process.
 */
export function endWithLauncher(): number | null {
  const launcherPid = readVariable();
  if (launcherPid === null) return null;
  // Not for the eyes of programs that this one may start.
  Deno.env.delete(launcherVariable);
  void awaitEndOfInput().finally(() => Deno.exit(137));
  return launcherPid;
}

async function awaitEndOfInput(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
}

function readVariable(): number | null {
  try {
    const text = Deno.env.get(launcherVariable);
    return text === undefined ? null : Number(text);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

async function queryGranted(): Promise<ReadonlySet<string>> {
  const granted = new Set<string>();
  for (const name of permissionNames) {
    const status = await Deno.permissions.query({ name });
    if (status.state === "granted" && !status.partial) granted.add(name);
  }
  return granted;
}

/** Passes on the signals that end a server; returns how to stop. */
function forwardSignals(child: Deno.ChildProcess): () => void {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  const stops = signals.map((signal) => {
    const listener = (): void => {
      try {
        child.kill(signal);
      } catch {
        // It has ended already; its status is on the way.
      }
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => stops.forEach((stop) => stop());
}
