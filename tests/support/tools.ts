/**
 * What a test needs beside Deno, and what becomes of the test where it is missing: it is ignored
 * and its name says why, or, under `CI=true`, it fails.
 *
 * @module
 */
import { isContinuousIntegration, sharedDirectory } from "./project.ts";

/** Something that a test needs and that this machine may lack. */
export type Tool = AvailableTool | MissingTool;

export interface AvailableTool {
  readonly available: true;
  /** An executable, or a folder of them. */
  readonly path: string;
}

export interface MissingTool {
  readonly available: false;
  readonly reason: string;
  readonly howToGet: string;
}

/** Turns what `find` throws into a {@linkcode MissingTool}. */
export async function findTool(howToGet: string, find: () => Promise<string>): Promise<Tool> {
  try {
    return { available: true, path: await find() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { available: false, reason, howToGet };
  }
}

/** The harness and the benchmarks beside the project. */
export const sharedTool: Tool = sharedDirectory === null
  ? {
    available: false,
    reason: "there is no folder ../shared with the harness",
    howToGet: "set HISTSERV_SHARED_DIR",
  }
  : { available: true, path: sharedDirectory };

/** The path of a tool that {@linkcode testWith} was given. */
export function toolPath(tool: Tool): string {
  if (!tool.available) throw new TypeError(`Cannot use a missing tool: ${tool.reason}`);
  return tool.path;
}

/** Registers a test that needs `tools`. Without one of them it is ignored, or fails under CI=true. */
export function testWith(
  tools: readonly Tool[],
  name: string,
  fn: (context: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = tools.find((tool) => !tool.available);
  if (missing === undefined || missing.available) return Deno.test(name, fn);
  const remedy = `${firstLine(missing.reason)}; to get it: ${missing.howToGet}`;
  if (!isContinuousIntegration) {
    return Deno.test({ name: `${name} [skipped: ${remedy}]`, ignore: true, fn });
  }
  Deno.test(name, () => {
    throw new TypeError(
      `Cannot run without a tool: ${missing.reason}; to get it: ${missing.howToGet}`,
    );
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
