/**
 * The binary: `histserv [serve] [options]`. Started again as a worker, this same module plays a thread of the
 * server, so that one bundled file holds everything.
 *
 * @module
 */

import {
  describeStartFailure,
  endWithLauncher,
  helpText,
  isThread,
  parseCommand,
  play,
  printError,
  printLine,
  readCapabilities,
  relaunch,
  serve,
  systemOptionSource,
  version,
} from "./lib/server/mod.ts";

if (isThread()) play();
else if (import.meta.main) Deno.exit(await runCommand(Deno.args));

/** Runs the command line and resolves to the exit code. */
async function runCommand(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(args, systemOptionSource);
    if (command.kind === "help") {
      printLine(helpText());
      return 0;
    }
    if (command.kind === "version") {
      printLine(`histserv ${version}`);
      return 0;
    }
    const { hasKv, hasReusePort } = readCapabilities();
    if (!hasKv || !hasReusePort) return await relaunch({ mainUrl: import.meta.url, args });
    const launcherPid = endWithLauncher();
    return await serve(command.options, { mainUrl: import.meta.url, launcherPid });
  } catch (error) {
    const { text, exitCode } = describeStartFailure(error);
    printError(text);
    return exitCode;
  }
}
