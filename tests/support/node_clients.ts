/**
 * Node with the JavaScript clients of `tests/integration/node/package-lock.json`.
 *
 * @module
 */
import { join } from "node:path";

import { findOnPath } from "./debian.ts";
import { makeOnce } from "./make_once.ts";
import { projectRoot } from "./project.ts";
import { runCommandOrThrow } from "./run_command.ts";
import { findTool, type Tool } from "./tools.ts";

/** The folder of the scripts that Node runs. */
export const nodeScripts: string = join(projectRoot, "tests", "integration", "node");

/** The `node` that runs the scripts; its clients are installed. */
export function nodeTool(): Promise<Tool> {
  return findTool("install Node >= 20 with npm, and let it reach a registry", async () => {
    const node = await findOnPath("node");
    const npm = await findOnPath("npm");
    if (node === null || npm === null) throw new TypeError("node and npm are not on the PATH");
    await makeOnce(join(nodeScripts, "node_modules", ".finished"), {
      fingerprint: await Deno.readTextFile(join(nodeScripts, "package-lock.json")),
      make: async () => {
        const command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        await runCommandOrThrow(command, { cwd: nodeScripts });
      },
    });
    return node;
  });
}
