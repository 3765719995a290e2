/**
 * Generates lib/wire/gen from the contracts in this folder: `deno task generate`.
 *
 * The tools are pinned and live outside of the import map: `buf` and `protoc-gen-es`, run by npx.
 * The result is committed, and tests/wire/generated_test.ts compares it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Run by npx, never imported. */
export const toolPackages = ["@bufbuild/buf@1.70.0", "@bufbuild/protoc-gen-es@2.17.0"];

const protosFolder = new URL("./", import.meta.url);

/** Writes the TypeScript code of every contract to `targetFolder`, which must be empty or absent. */
export async function generate(targetFolder: string): Promise<void> {
  const arguments_ = ["--yes", ...toolPackages.flatMap((name) => ["--package", name])];
  const template = JSON.stringify({
    version: "v2",
    plugins: [{
      local: "protoc-gen-es",
      out: targetFolder,
      opt: ["target=ts", "import_extension=ts", "erasable_syntax=true"],
    }],
  });
  await promisify(execFile)(
    "npx",
    [...arguments_, "buf", "generate", "--template", template],
    { cwd: fileURLToPath(protosFolder) },
  );
}

if (import.meta.main) {
  const target = fileURLToPath(new URL("../lib/wire/gen", import.meta.url));
  await rm(target, { recursive: true, force: true });
  await generate(target);
}
