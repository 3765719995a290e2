/**
 * One process a data directory: an advisory lock that ends with the process, however that ends.
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";

const lockBytesMax = 1_024;

/** Another process holds the directory. */
export class LockError extends Error {
  override readonly name = "LockError";
  readonly path: string;
  /** `null` if the file does not tell. */
  readonly holderPid: number | null;

  constructor(path: string, holder: { pid: number | null; started: string | null }) {
    const who = holder.pid === null
      ? "another process"
      : `process ${holder.pid}${holder.started ? `, started ${holder.started},` : ""}`;
    super(`Cannot lock "${path}": ${who} holds it`);
    this.path = path;
    this.holderPid = holder.pid;
  }
}

/** A held lock. */
export interface DirectoryLock {
  readonly path: string;
  /** Releases it; the file stays. */
  release(): void;
}

/**
 * Locks the file at `path`, creating it, and writes this process's id and the time into it.
 *
 * @throws {LockError} if another process holds it.
 */
export function acquireLock(path: string, options: { clock: Clock }): DirectoryLock {
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  try {
    if (!file.tryLockSync(true)) throw new LockError(path, readHolder(file));
    const started = new Date(options.clock.wallMs()).toISOString();
    const bytes = new TextEncoder().encode(`${JSON.stringify({ pid: Deno.pid, started })}\n`);
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return { path, release: () => file.close() };
}

function readHolder(file: Deno.FsFile): { pid: number | null; started: string | null } {
  try {
    const bytes = new Uint8Array(lockBytesMax);
    const length = file.readSync(bytes) ?? 0;
    const { pid, started } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)));
    return {
      pid: Number.isSafeInteger(pid) ? pid : null,
      started: typeof started === "string" ? started : null,
    };
  } catch {
    // Not readable while locked (Windows), or not yet written: who it is stays unknown.
    return { pid: null, started: null };
  }
}
