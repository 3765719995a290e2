/**
 * Programs of Debian packages: used where they are; installed only under `CI=true`.
 *
 * @module
 */
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { makeOnce } from "./make_once.ts";
import { isContinuousIntegration, toolsDirectory } from "./project.ts";
import { runCommandOrThrow } from "./run_command.ts";
import { findTool, type Tool } from "./tools.ts";

/** The program `name` on the PATH, which Debian's `packageName` brings. */
export function debianTool(name: string, packageName: string): Promise<Tool> {
  return findTool(`apt-get install ${packageName}`, async () => {
    const found = await findOnPath(name);
    if (found !== null) return found;
    if (!isContinuousIntegration) throw new TypeError(`"${name}" is not on the PATH`);
    await installDebianPackage(packageName);
    const installed = await findOnPath(name);
    if (installed === null) throw new TypeError(`"${packageName}" brought no "${name}"`);
    return installed;
  });
}

/** Installs a package with apt-get; the caller has checked that this is a CI machine. */
export async function installDebianPackage(packageName: string): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"];
  const markers = join(toolsDirectory, "debian");
  await makeOnce(join(markers, "updated"), {
    fingerprint: String(Math.floor(Date.now() / 86_400_000)),
    make: async () => void await runCommandOrThrow(["apt-get", ...options, "update"], { env }),
  });
  await runCommandOrThrow(
    ["apt-get", ...options, "install", "--no-install-recommends", packageName],
    { env },
  );
}

/** The path of an executable, or null. */
export async function findOnPath(name: string): Promise<string | null> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
