/**
 * Where the data live when nobody says: the platform's directory for a user's data.
 *
 * @module
 */

import { OptionError, StartError } from "./start_error.ts";

/** What the choice depends on. */
export interface DataDirSource {
  readonly os: typeof Deno.build.os;
  /** An environment variable, or undefined. */
  env(name: string): string | undefined;
}

/**
 * The platform's data directory for histserv.
 *
 * Linux and others: `$XDG_DATA_HOME/histserv`, else `~/.local/share/histserv` (XDG Base Directory Specification
 * 0.8: relative values are ignored). macOS: `~/Library/Application Support/histserv`. Windows:
 * `%LOCALAPPDATA%\histserv`.
 *
 * @throws {OptionError} if the environment does not tell where home is.
 */
export function defaultDataDir(source: DataDirSource): string {
  if (source.os === "windows") {
    const base = source.env("LOCALAPPDATA");
    if (base) return `${base}\\histserv`;
    throw new OptionError(
      "Cannot choose a data directory: LOCALAPPDATA is not set; give one with --data",
    );
  }
  const dataHome = source.env("XDG_DATA_HOME");
  if (source.os !== "darwin" && dataHome?.startsWith("/")) return `${dataHome}/histserv`;
  const home = source.env("HOME");
  if (!home) {
    throw new OptionError(
      "Cannot choose a data directory: HOME is not set, or may not be read; give one with --data",
    );
  }
  return source.os === "darwin"
    ? `${home}/Library/Application Support/histserv`
    : `${home}/.local/share/histserv`;
}

/**
 * Makes the directory and its parents, readable by its owner only; one that is there stays as it is.
 *
 * @throws {StartError} if it cannot be made or is a file.
 */
export function createDataDir(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    if (Deno.statSync(path).isDirectory) return;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`Cannot make the data directory "${path}": ${reason}`, { cause });
  }
  throw new StartError(`Cannot use the data directory "${path}": it is not a directory`);
}
