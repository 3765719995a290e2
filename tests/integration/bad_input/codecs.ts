/**
 * Compressed forms of dense views and messages.
 *
 * @module
 */
import { gzipSync, zstdCompressSync } from "node:zlib";

import { concat } from "../../support/wire_bytes.ts";

/** A gRPC message compressed as a whole. */
export function encodeGzip(message: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(message));
}

/** A plain zstd frame, as numcodecs makes it. */
export function encodeZstd(view: Uint8Array): Uint8Array {
  return new Uint8Array(zstdCompressSync(view));
}

/** numcodecs' LZ4: four bytes of size, then a raw block; here a block of literals only. */
export function encodeLz4Literals(view: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, view.length, true);
  const lengthBytes: number[] = [];
  for (let rest = view.length - 15; rest >= 0; rest -= 255) lengthBytes.push(Math.min(rest, 255));
  const token = Uint8Array.of(0xf0, ...lengthBytes);
  return concat(size, token, view);
}
