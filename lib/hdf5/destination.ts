/**
 * Where a client may have a file written: inside one folder, and nowhere else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/**
 * Why a destination is refused: `name`: it is empty, holds NUL, or does not end in .h5 or .hdf5; `outside`: it is not
 * inside the folder, maybe through a symbolic link; `no_directory`: its own folder does not exist;
 * `not_a_file`: it exists and is no regular file.
 */
export type DestinationErrorReason = "name" | "outside" | "no_directory" | "not_a_file";

/** What file systems take: of a path in characters, of a name in bytes. */
const pathLengthMax = 4096;
const nameBytesMax = 255;

/** A destination that is refused; the message quotes it as it was given. */
export class DestinationError extends RangeError {
  override readonly name = "DestinationError";
  readonly reason: DestinationErrorReason;

  constructor(message: string, options: { reason: DestinationErrorReason; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/**
 * The real path of `destination`, relative to `baseDirectory` or absolute, if it is inside that folder.
 *
 * Symbolic links are followed, in the folder's own path, too. It only looks: who can rename folders in there
 * can change the answer before the path is used.
 *
 * @returns an absolute path without symbolic links; its folder exists.
 * @throws {DestinationError} if it is refused.
 * @throws {Deno.errors.NotFound} if there is no `baseDirectory`; other errors of the file system likewise.
 */
export async function resolveInside(
  baseDirectory: string,
  destination: string,
): Promise<string> {
  const shown = JSON.stringify(destination.slice(0, 200));
  if (destination.includes("\0") || !/\.(h5|hdf5)$/.test(destination)) {
    throw new DestinationError(`Cannot write to ${shown}: it does not end in .h5 or .hdf5`, {
      reason: "name",
    });
  }
  if (
    destination.length > pathLengthMax || Buffer.byteLength(basename(destination)) > nameBytesMax
  ) {
    throw new DestinationError(`Cannot write to ${shown}: its name is too long`, {
      reason: "name",
    });
  }
  const base = await Deno.realPath(baseDirectory);
  const wanted = resolve(baseDirectory, destination);
  const directory = await realDirectory(dirname(wanted), { shown, base });
  const path = join(directory, basename(wanted));
  const info = await lstat(path);
  if (info === null || info.isFile) return path;
  if (!info.isSymlink) throw notAFile(shown);
  const target = await realTarget(path, { shown, base });
  requireInside(target, { shown, base });
  if (!(await Deno.stat(target)).isFile) throw notAFile(shown);
  return target;
}

interface Place {
  /** The destination for messages. */
  readonly shown: string;
  /** The folder's real path. */
  readonly base: string;
}

/** What is missing outside is told as outside: a client learns nothing about other folders. */
async function realDirectory(path: string, place: Place): Promise<string> {
  try {
    const directory = await Deno.realPath(path);
    requireInside(directory, place);
    if ((await Deno.stat(directory)).isDirectory) return directory;
    throw new Deno.errors.NotADirectory();
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    // The nearest folder above that exists tells on which side it would be.
    requireInside(await nearestReal(dirname(path)), place);
    throw new DestinationError(`Cannot write to ${place.shown}: its folder does not exist`, {
      reason: "no_directory",
      cause,
    });
  }
}

async function nearestReal(path: string): Promise<string> {
  for (let above = path;; above = dirname(above)) {
    try {
      return await Deno.realPath(above);
    } catch (error) {
      if (!isAbsent(error) || above === dirname(above)) throw error;
    }
  }
}

async function realTarget(path: string, place: Place): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    // A link to nothing: to follow it could make a file anywhere.
    throw new DestinationError(`Cannot write to ${place.shown}: it is not inside the folder`, {
      reason: "outside",
      cause,
    });
  }
}

function requireInside(path: string, place: Place): void {
  const way = relative(place.base, path);
  const isOutside = way === ".." || way.startsWith(`..${sep}`) || resolve(way) === way;
  if (!isOutside) return;
  throw new DestinationError(`Cannot write to ${place.shown}: it is not inside the folder`, {
    reason: "outside",
  });
}

function notAFile(shown: string): DestinationError {
  return new DestinationError(`Cannot write to ${shown}: it is no regular file`, {
    reason: "not_a_file",
  });
}

async function lstat(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Missing, below something that is no folder, or a link to itself. */
function isAbsent(error: unknown): boolean {
  const { NotFound, NotADirectory, FilesystemLoop } = Deno.errors;
  return error instanceof NotFound || error instanceof NotADirectory ||
    error instanceof FilesystemLoop;
}
