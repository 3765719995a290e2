/**
 * Where the project, its own tools and the shared facts lie.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder of `main.ts`, without a slash at the end. */
export const projectRoot: string = join(import.meta.dirname!, "..", "..");

/** Ignored by git: what tests build or fetch for themselves. */
export const toolsDirectory: string = join(projectRoot, ".tools");

/** `CI=true` turns every missing tool into a failure, and allows Debian packages to be installed. */
export const isContinuousIntegration: boolean = Deno.env.get("CI") === "true";

/**
 * The folder of harness, bench and golden files beside the project (`HISTSERV_SHARED_DIR` names
 * another), or null where there is none.
 */
export const sharedDirectory: string | null = findSharedDirectory();

function findSharedDirectory(): string | null {
  const path = Deno.env.get("HISTSERV_SHARED_DIR") ?? join(projectRoot, "..", "shared");
  return existsSync(join(path, "harness")) ? path : null;
}
