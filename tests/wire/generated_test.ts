import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generate, toolPackages } from "../../protos/generate.ts";
import { projectRoot } from "../support/project.ts";
import { runCommandOrThrow } from "../support/run_command.ts";
import { findTool, testWith } from "../support/tools.ts";

const npx = await findTool("install Node.js, and reach the npm registry once", async () => {
  const packages = toolPackages.flatMap((name) => ["--package", name]);
  await runCommandOrThrow(["npx", "--yes", ...packages, "buf", "--version"]);
  return "npx";
});

testWith([npx], "lib/wire/gen: is what protos/ generates, byte by byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "histserv-gen-"));
  try {
    await generate(folder);
    assert.deepEqual(await readTexts(folder), await readTexts(join(projectRoot, "lib/wire/gen")));
  } finally {
    await rm(folder, { recursive: true });
  }
});

testWith(
  [npx],
  "protos/: buf lint has nothing to say of our own contract (STANDARD, comments)",
  async () => {
    const packages = toolPackages.flatMap((name) => ["--package", name]);
    const command = ["npx", "--yes", ...packages, "buf", "lint"];
    await runCommandOrThrow(command, { cwd: join(projectRoot, "protos") });
  },
);

async function readTexts(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    texts[path.slice(folder.length + 1)] = await readFile(path, "utf8");
  }
  return texts;
}
