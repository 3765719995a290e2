/**
 * HPACK encoding (RFC 7541).
 *
 * @module
 */

import type { HeaderList } from "./events.ts";

/** Skeleton. */
export function encodeHeaderBlock(_headers: HeaderList): Uint8Array<ArrayBuffer> {
  return new Uint8Array(0);
}
