/**
 * gzip with a hard limit on what comes out: the decompressor stops at the limit, whatever the input
 * would become.
 *
 * @module
 */
import { promisify } from "node:util";
import { constants, gunzip, gunzipSync, gzip, type ZlibOptions } from "node:zlib";
import type { Compression } from "@connectrpc/connect/protocol";

/** Compressed bytes from which a head is made; at most 1,032 times as many come out. */
export const gzipHeadBytes = 1024;

/** Why bytes could not be decompressed. */
export class GzipError extends RangeError {
  override readonly name = "GzipError";
  readonly reason: "too_large" | "malformed";

  constructor(message: string, options: { reason: "too_large" | "malformed"; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/**
 * Decompresses a whole gzip file of one or more members to at most `maxBytes` ≥ 0; nothing stays nothing.
 *
 * Memory is bounded by about twice `maxBytes`.
 *
 * @throws {GzipError} if more would come out, or the input is not gzip or is cut.
 */
export function decompressGzip(bytes: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return new Uint8Array();
  let output: Uint8Array;
  try {
    // zlib asks for a limit of at least 1, so the limit 0 is checked afterwards.
    output = gunzipSync(bytes, { maxOutputLength: Math.max(maxBytes, 1) });
  } catch (error) {
    throw toGzipError(error, maxBytes);
  }
  if (output.length > maxBytes) throw tooLarge(maxBytes);
  return plainBytes(output);
}

/**
 * Decompresses the beginning of a gzip file, of which `head` holds the first bytes.
 *
 * @throws {GzipError} if it is not the beginning of a gzip file.
 */
export function decompressGzipHead(head: Uint8Array): Uint8Array {
  if (head.length === 0) return head;
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH };
    return plainBytes(gunzipSync(head.subarray(0, gzipHeadBytes), options));
  } catch (error) {
    throw toGzipError(error, Infinity);
  }
}

/**
 * gzip for connect-es' routers. `translate` turns our error into one that connect-es understands, with
 * a code: RESOURCE_EXHAUSTED for `too_large`, INVALID_ARGUMENT for `malformed`.
 */
export function createGzipCompression(translate: (error: GzipError) => Error): Compression {
  return {
    name: "gzip",
    compress: async (bytes) => plainBytes(await gzipAsync(bytes)),
    async decompress(bytes, readMaxBytes) {
      if (bytes.length === 0) return new Uint8Array();
      try {
        const options = { maxOutputLength: Math.max(readMaxBytes, 1) };
        return plainBytes(await gunzipAsync(bytes, options));
      } catch (error) {
        throw translate(toGzipError(error, readMaxBytes));
      }
    },
  };
}

const gzipAsync = promisify<Uint8Array, Uint8Array>(gzip);
const gunzipAsync = promisify<Uint8Array, ZlibOptions, Uint8Array>(gunzip);

function toGzipError(cause: unknown, maxBytes: number): GzipError {
  if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") return tooLarge(maxBytes);
  return new GzipError("Cannot decompress gzip: the input is malformed or cut", {
    reason: "malformed",
    cause,
  });
}

function tooLarge(maxBytes: number): GzipError {
  return new GzipError(`Cannot decompress gzip: more than ${maxBytes} bytes come out`, {
    reason: "too_large",
  });
}

/** Not a Buffer, whose `slice` shares memory where a Uint8Array's copies. */
function plainBytes(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
}
