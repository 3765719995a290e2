/**
 * The file behind `--token-file`: one token a line, `#` comments, blank lines.
 *
 * A token is never part of a message, a log line or an error.
 *
 * @module
 */

import { OptionError } from "./start_error.ts";

/** Longer lines are a wrong file, not a token. */
const tokenCharsMax = 1024;

/**
 * The tokens in `text`; `path` names the file in errors.
 *
 * Spaces around a token do not belong to it. A token travels as a gRPC metadata value, so it is printable
 * ASCII without spaces (RFC 9110 §5.5).
 *
 * @throws {OptionError} if there is none, or a line cannot be one. Names the line's number, never its text.
 */
export function parseTokenFile(text: string, path: string): ReadonlySet<string> {
  const tokens = new Set<string>();
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) {
    const token = line.trim();
    if (token === "" || token.startsWith("#")) continue;
    if (token.length > tokenCharsMax || !/^[\x21-\x7e]+$/.test(token)) {
      throw new OptionError(
        `Cannot use --token-file "${path}": line ${index + 1} is no token ` +
          `(1 to ${tokenCharsMax} printable ASCII characters, no spaces)`,
      );
    }
    tokens.add(token);
  }
  if (tokens.size === 0) {
    throw new OptionError(
      `Cannot use --token-file "${path}": it holds no token, so nobody could use the server`,
    );
  }
  return tokens;
}

/**
 * Reads and parses a token file.
 *
 * @throws {OptionError} if it cannot be read or holds no token.
 */
export function readTokenFile(path: string): ReadonlySet<string> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new OptionError(`Cannot read --token-file "${path}": ${reason}`, { cause });
  }
  return parseTokenFile(text, path);
}
