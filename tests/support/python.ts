/**
 * Virtual environments with the Python packages of one histserv version: `.venv-<version>` in the
 * project's root, made once from `requirements-<version>.txt` beside this file.
 *
 * @module
 */
import { join } from "node:path";

import { findOnPath, installDebianPackage } from "./debian.ts";
import { makeOnce } from "./make_once.ts";
import { isContinuousIntegration, projectRoot } from "./project.ts";
import { runCommand, runCommandOrThrow } from "./run_command.ts";
import { findTool, type Tool } from "./tools.ts";

/** The versions of the Python package whose clients must work unchanged. */
export type HistservVersion = "0.2.1" | "0.1.9";

const pythonNames = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/** The interpreter of the environment with histserv `version`, its client and our test tools. */
export function pythonTool(version: HistservVersion): Promise<Tool> {
  const howToGet = "install Python >= 3.10 with its venv module, and let pip reach an index";
  return findTool(howToGet, async () => {
    const base = await findBasePython();
    const directory = join(projectRoot, `.venv-${version}`);
    const requirements = join(import.meta.dirname!, `requirements-${version}.txt`);
    const python = join(directory, "bin", "python");
    const pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"];
    await makeOnce(join(directory, ".finished"), {
      fingerprint: await Deno.readTextFile(requirements) + base.version,
      make: async () => {
        await runCommandOrThrow([base.path, "-m", "venv", "--clear", directory]);
        await runCommandOrThrow([...pip, "-r", requirements], { timeoutSeconds: 1200 });
      },
    });
    return python;
  });
}

async function findBasePython(): Promise<{ path: string; version: string }> {
  const probe = "import sys; assert sys.version_info >= (3, 10); print(sys.version)";
  for (const name of pythonNames) {
    const path = await findOnPath(name);
    if (path === null) continue;
    const result = await runCommand([path, "-c", probe]);
    if (result.code !== 0) continue;
    const venv = await runCommand([path, "-c", "import ensurepip, venv"]);
    if (venv.code !== 0) {
      if (!isContinuousIntegration) continue;
      await installDebianPackage(`${name}-venv`);
    }
    return { path, version: result.stdout };
  }
  throw new TypeError("no Python >= 3.10 with the venv module is on the PATH");
}
