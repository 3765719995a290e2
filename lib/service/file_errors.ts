/**
 * What a caller is told when a file cannot be written: what the caller can change, never a path of the server's.
 *
 * @module
 */

import { DestinationError, Hdf5Error } from "../hdf5/mod.ts";
import { Code, ServiceError } from "./errors.ts";

const { PermissionDenied, NotCapable, NotFound, NotADirectory, AlreadyExists } = Deno.errors;
/** What whoever runs the server must mend. */
const folderErrors = [PermissionDenied, NotCapable, NotFound, NotADirectory, AlreadyExists];

/** `error` as a {@linkcode ServiceError}; what is no matter of files and their contents stays as it is. */
export function toFileError(error: unknown, action: string): unknown {
  if (error instanceof DestinationError) {
    const code = error.reason === "no_directory" ? Code.FailedPrecondition : Code.InvalidArgument;
    const message = `invalid destination: ${uncapitalize(error.message)}; ` +
      "the folder is the server's --flush-dir, relative paths begin there";
    return new ServiceError(code, message, { cause: error });
  }
  if (error instanceof Hdf5Error) {
    const message = `${action}: ${uncapitalize(error.message)}; the histogram is kept`;
    return new ServiceError(Code.FailedPrecondition, message, { cause: error });
  }
  if (folderErrors.some((kind) => error instanceof kind)) {
    const message = `${action}: the server cannot write to its folder, see --flush-dir; ` +
      "the histogram is kept";
    return new ServiceError(Code.FailedPrecondition, message, { cause: error });
  }
  const code = systemCode(error);
  if (code === null) return error;
  const isFull = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
  const message = isFull
    ? `${action}: there is no space left for the file; the histogram is kept`
    : `${action}: the server's disk refuses the file (${code}); the histogram is kept`;
  return new ServiceError(isFull ? Code.ResourceExhausted : Code.Unavailable, message, {
    cause: error,
  });
}

/** Like "EIO"; null if it is no error of the system. */
function systemCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : null;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

function uncapitalize(text: string): string {
  return text[0]!.toLowerCase() + text.slice(1);
}
