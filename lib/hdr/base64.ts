/**
 * Base64 (RFC 4648 §4), as logs of histograms hold it; strict, because it comes from strangers.
 *
 * @module
 */

import { HdrDecodeError } from "./hdr_errors.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Uint8Array(128).fill(255);
for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;

/** `bytes` as text, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = bytes[at]! << 16 | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0);
    parts.push(
      alphabet[bits >> 18]! + alphabet[bits >> 12 & 63] +
        (at + 1 < bytes.length ? alphabet[bits >> 6 & 63] : "=") +
        (at + 2 < bytes.length ? alphabet[bits & 63] : "="),
    );
  }
  return parts.join("");
}

/** The bytes of `text`. @throws {HdrDecodeError} with the offset of the first character that may not be there. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  if (text.length % 4 !== 0) fail(`a length of ${text.length}`, text.length);
  const bytes = new Uint8Array(text.length / 4 * 3 - padding);
  let bits = 0;
  let at = 0;
  for (let n = 0; n < digits; n++) {
    const code = text.charCodeAt(n);
    const value = code < 128 ? values[code]! : 255;
    if (value === 255) fail("a character outside of the alphabet", n);
    bits = bits << 6 | value;
    if ((n & 3) !== 0) bytes[at++] = bits >> (6 - 2 * (n & 3)) & 255;
  }
  return bytes;
}

function fail(problem: string, offset: number): never {
  throw new HdrDecodeError(`Cannot decode base64: ${problem}`, { reason: "base64", offset });
}
