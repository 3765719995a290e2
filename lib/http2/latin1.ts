/**
 * Bytes as strings of one character each, as header fields are (RFC 9110 §5.5).
 *
 * @module
 */

/** Arguments of one call; engines bound them. */
const charactersPerCall = 4096;

/** `bytes[start, end)` as characters U+0000–U+00FF. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += charactersPerCall) {
    const piece = bytes.subarray(at, Math.min(end, at + charactersPerCall));
    text += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return text;
}

/**
 * The character of `text` at `index` as a byte.
 *
 * @throws {TypeError} if it is above U+00FF.
 */
export function latin1Code(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code > 0xff) {
    throw new TypeError(`Cannot encode header: character U+${code.toString(16).padStart(4, "0")}`);
  }
  return code;
}

/**
 * Writes `text` to `target` at `at`; returns the position after it.
 *
 * @throws {TypeError} if a character is above U+00FF.
 */
export function writeLatin1(text: string, target: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) target[at++] = latin1Code(text, i);
  return at;
}
