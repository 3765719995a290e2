/**
 * Makes something slow once for all test processes: a file lock keeps two from making it at the
 * same time, and a marker file, written last, says that it was finished and from what.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

import { toolsDirectory } from "./project.ts";

/** Of the run of all test files: a failure is remembered so long, so that they do not all wait for it. */
const runId = Deno.pid;

/**
 * Calls `make`, unless `marker` says that it ran to its end with the same `fingerprint`.
 *
 * @throws whatever `make` throws, or a {@linkcode MakeError} with the message of a failure of
 * this run.
 */
export async function makeOnce(
  marker: string,
  options: { fingerprint: string; make: () => Promise<void> },
): Promise<void> {
  const fingerprint = createHash("sha256").update(options.fingerprint).digest("hex");
  if (await readText(marker) === fingerprint) return;
  const locks = join(toolsDirectory, "locks");
  await Deno.mkdir(locks, { recursive: true });
  const name = `${basename(dirname(marker))}-${basename(marker)}`;
  using lock = await Deno.open(join(locks, name), { create: true, write: true });
  await lock.lock(true);
  if (await readText(marker) === fingerprint) return;
  const failure = join(locks, `${name}.failed`);
  await throwRememberedFailure(failure, fingerprint);
  try {
    await options.make();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await Deno.writeTextFile(failure, JSON.stringify({ fingerprint, runId, message }));
    throw error;
  }
  await Deno.mkdir(dirname(marker), { recursive: true });
  await Deno.writeTextFile(marker, fingerprint);
}

/** What another test file tried a moment ago, without success. */
export class MakeError extends TypeError {
  override readonly name = "MakeError";
}

async function throwRememberedFailure(path: string, fingerprint: string): Promise<void> {
  const text = await readText(path);
  if (text === null) return;
  const remembered = JSON.parse(text) as { fingerprint: string; runId: number; message: string };
  if (remembered.runId === runId && remembered.fingerprint === fingerprint) {
    throw new MakeError(remembered.message);
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
