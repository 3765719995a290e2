/**
 * Runs pytest with the plugin that hands the address of a running server to the tests.
 *
 * @module
 */
import { join } from "node:path";

import { projectRoot } from "./project.ts";
import { runCommand } from "./run_command.ts";
import type { ServerAddress } from "./server_process.ts";

/** Python scripts and the plugin. */
export const pythonScripts: string = join(projectRoot, "tests", "integration", "python");

export interface PytestReport {
  /** passed, skipped or failed for each test function: the worst of its cases. */
  readonly outcomes: Readonly<Record<string, string>>;
  readonly output: string;
}

/** Runs the test file `file` in `folder` with the interpreter `python`; temporary folders go to `baseFolder`, if told. */
export async function runPytest(
  python: string,
  options: { folder: string; file: string; baseFolder?: string; server: ServerAddress },
): Promise<PytestReport> {
  const report = await Deno.makeTempFile();
  // pytest empties what it is given, and the server has its folder open.
  const base = options.baseFolder === undefined
    ? []
    : ["--basetemp", join(options.baseFolder, "pytest")];
  const command = [python, "-m", "pytest", "-q", "--noconftest", "--tb=short"];
  const plugins = ["-p", "external_server", "-p", "no:cacheprovider"];
  const result = await runCommand([...command, ...plugins, ...base, options.file], {
    cwd: options.folder,
    env: {
      PYTHONPATH: pythonScripts,
      PYTHONDONTWRITEBYTECODE: "1",
      HISTSERV_TEST_ADDRESS: `${options.server.host}:${options.server.port}`,
      HISTSERV_TEST_REPORT: report,
    },
  });
  const text = await Deno.readTextFile(report);
  await Deno.remove(report);
  return {
    outcomes: JSON.parse(text || "{}") as Record<string, string>,
    output: result.stdout + result.stderr,
  };
}
