/**
 * The files of this project, as a clean checkout has them.
 *
 * @module
 */

/** The project's folder, with a slash at the end. */
export const rootUrl: URL = new URL("../../", import.meta.url);

/** Made by tools, never committed. */
const ignoredNames = [".git", ".tools", "node_modules", "dist", "coverage", "__pycache__"];

/** Paths relative to the root, with slashes, sorted; what git ignores is left out. */
export function listTree(): string[] {
  return walk("").sort();
}

/** Text of a file of {@linkcode listTree}. */
export function readTreeFile(path: string): string {
  return Deno.readTextFileSync(new URL(path, rootUrl));
}

function walk(folder: string): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(new URL(folder, rootUrl))) {
    if (ignoredNames.includes(entry.name) || entry.name.startsWith(".venv-")) continue;
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) paths.push(...walk(`${path}/`));
    else if (entry.isFile) paths.push(path);
  }
  return paths;
}
