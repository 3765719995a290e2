/**
 * Encodes and decodes dense views on the wire: as they are, "zstd", or "lz4" as numcodecs frames it.
 *
 * The length of a view is known from the histogram. Nothing is allocated by what the peer says, and
 * decoding stops at the first byte too many.
 *
 *     zstd   Zstandard frames (RFC 8878); written: one, level 1, with its content size
 *     lz4    length:u32le, one LZ4 block
 *
 * The plain functions hold up the event loop for about 3 ms per MiB: above {@linkcode viewBytesSyncMax}
 * use the asynchronous ones, which go on step by step. (The callbacks of Deno's node:zlib do not: they
 * run the whole call on the loop.)
 *
 * @module
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import {
  constants,
  createZstdCompress,
  createZstdDecompress,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";

import { Lz4BlockDecoder, Lz4BlockEncoder, Lz4Error } from "../wire/mod.ts";
import { shorten } from "./errors.ts";
import { splitZstdFrames, type ZstdFrame } from "./zstd_frame.ts";

/** Larger views belong to the asynchronous functions. */
export const viewBytesSyncMax: number = 1 << 20;

/** Bytes between two turns of the event loop. */
const stepBytes = 1 << 20;
const chunkBytesMin = 64;
/** 8 MiB: what zstd's levels up to 19 need; more only for views that are larger. */
const windowLogMin = 23;
const windowLogMax = 27;
const lz4HeadBytes = 4;

/**
 * - `unsupported`: the codec is not one of ours.
 * - `damaged`: the bytes are not what the codec writes.
 * - `size`: the view has another length than the histogram asks for.
 */
export type CodecErrorReason = "unsupported" | "damaged" | "size";

/** The peer's view cannot be decoded, or its codec is unknown. */
export class CodecError extends RangeError {
  override readonly name = "CodecError";
  readonly reason: CodecErrorReason;

  constructor(message: string, options: { reason: CodecErrorReason; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/**
 * Decodes a view of exactly `expectedBytes`. For codec null that is `bytes` itself.
 *
 * @throws {CodecError}
 */
export function decodeDenseView(
  codec: string | null,
  bytes: Uint8Array,
  expectedBytes: number,
): Uint8Array {
  if (codec === null) return checkLength(bytes, expectedBytes);
  if (codec === "zstd") return decodeZstd(bytes, expectedBytes);
  if (codec === "lz4") {
    const { decoder, view } = startLz4(bytes, expectedBytes);
    runLz4(decoder, Infinity);
    return view;
  }
  throw unsupported("decode", codec);
}

/**
 * As {@linkcode decodeDenseView}, with turns for others in between. `bytes` must not change until then.
 *
 * @throws {CodecError} as a rejection
 */
export async function decodeDenseViewAsync(
  codec: string | null,
  bytes: Uint8Array,
  expectedBytes: number,
): Promise<Uint8Array> {
  if (codec === null) return checkLength(bytes, expectedBytes);
  if (codec === "zstd") return await decodeZstdAsync(bytes, expectedBytes);
  if (codec === "lz4") {
    const { decoder, view } = startLz4(bytes, expectedBytes);
    while (!runLz4(decoder, stepBytes)) await nextTurn();
    return view;
  }
  throw unsupported("decode", codec);
}

/** Tells whether views can be encoded so: lets a call be refused before there is work. */
export function isCodecSupported(codec: string | null): boolean {
  return codec === null || codec === "zstd" || codec === "lz4";
}

/** Most bytes that a view of `viewBytes` has when it is encoded: of what does not compress. */
export function encodedBytesMax(viewBytes: number): number {
  // LZ4: a byte for each 255 and 16. zstd: 1/256 of it and 64, less for large views (ZSTD_COMPRESSBOUND); its header.
  return viewBytes + Math.ceil(viewBytes / 128) + 128;
}

/**
 * Encodes a view. For codec null that is `view` itself.
 *
 * @throws {CodecError} if the codec is unknown.
 */
export function encodeDenseView(codec: string | null, view: Uint8Array): Uint8Array {
  if (codec === null) return view;
  if (codec === "zstd") return plain(zstdCompressSync(view, zstdOptions(view.length)));
  if (codec === "lz4") {
    const encoder = new Lz4BlockEncoder(view);
    encoder.run(Infinity);
    return frameLz4(view.length, encoder.take());
  }
  throw unsupported("encode", codec);
}

/**
 * As {@linkcode encodeDenseView}, with turns for others in between. `view` must not change until then.
 *
 * @throws {CodecError} as a rejection
 */
export async function encodeDenseViewAsync(
  codec: string | null,
  view: Uint8Array,
): Promise<Uint8Array> {
  if (codec === null) return view;
  if (codec === "zstd") return await encodeZstdAsync(view);
  if (codec === "lz4") {
    const encoder = new Lz4BlockEncoder(view);
    while (!encoder.run(stepBytes)) await nextTurn();
    return frameLz4(view.length, encoder.take());
  }
  throw unsupported("encode", codec);
}

function decodeZstd(bytes: Uint8Array, expectedBytes: number): Uint8Array {
  const frames = zstdFrames(bytes, expectedBytes);
  if (frames.length === 1) {
    return checkLength(decodeZstdFrame(frames[0]!, expectedBytes, expectedBytes), expectedBytes);
  }
  const view = new Uint8Array(expectedBytes);
  let offset = 0;
  for (const frame of frames) {
    const part = decodeZstdFrame(frame, expectedBytes, expectedBytes - offset);
    view.set(part, offset);
    offset += part.length;
  }
  checkLength(view.subarray(0, offset), expectedBytes);
  return view;
}

function decodeZstdFrame(frame: ZstdFrame, expectedBytes: number, leftBytes: number): Uint8Array {
  try {
    // A limit of 0 is not allowed: the caller finds the byte too many.
    const maxOutputLength = Math.max(leftBytes, 1);
    const options = { ...unzstdOptions(expectedBytes), maxOutputLength };
    const part = plain(zstdDecompressSync(frame.bytes, options));
    if (part.length > leftBytes) throw tooLong(expectedBytes);
    return part;
  } catch (cause) {
    throw zstdError(cause, expectedBytes);
  }
}

async function decodeZstdAsync(bytes: Uint8Array, expectedBytes: number): Promise<Uint8Array> {
  const frames = zstdFrames(bytes, expectedBytes);
  const view = new Uint8Array(expectedBytes);
  let offset = 0;
  for (const frame of frames) {
    const stream = createZstdDecompress(unzstdOptions(expectedBytes));
    stream.end(frame.bytes);
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        if (chunk.length > expectedBytes - offset) throw tooLong(expectedBytes);
        view.set(chunk, offset);
        offset += chunk.length;
        await nextTurn();
      }
    } catch (cause) {
      throw zstdError(cause, expectedBytes);
    }
  }
  checkLength(view.subarray(0, offset), expectedBytes);
  return view;
}

/** Checks what can be checked before anything is decompressed. */
function zstdFrames(bytes: Uint8Array, expectedBytes: number): ZstdFrame[] {
  const frames = splitZstdFrames(bytes);
  if (frames === null) throw damaged("zstd");
  let contentBytes = 0;
  let isKnown = true;
  for (const frame of frames) {
    contentBytes += frame.contentBytes ?? 0;
    isKnown &&= frame.contentBytes !== null;
  }
  if (isKnown && contentBytes !== expectedBytes) throw wrongSize(contentBytes, expectedBytes);
  if (contentBytes > expectedBytes) throw tooLong(expectedBytes);
  return frames;
}

async function encodeZstdAsync(view: Uint8Array): Promise<Uint8Array> {
  const stream = createZstdCompress(zstdOptions(view.length));
  const chunks: Uint8Array[] = [];
  const end = new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    stream.on("end", resolve);
    stream.on("error", reject);
  });
  for (let offset = 0; offset < view.length; offset += stepBytes) {
    const step = view.subarray(offset, offset + stepBytes);
    await new Promise<void>((resolve) => stream.write(step, () => resolve()));
    await nextTurn();
  }
  stream.end();
  await end;
  const encoded = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    encoded.set(chunk, offset);
    offset += chunk.length;
  }
  return encoded;
}

/** The content size goes into the header: older numcodecs decode nothing without it. */
function zstdOptions(viewBytes: number) {
  return {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    pledgedSrcSize: viewBytes,
    chunkSize: chunkBytes(viewBytes),
  };
}

function unzstdOptions(expectedBytes: number) {
  const windowLog = Math.min(Math.max(bitLength(expectedBytes), windowLogMin), windowLogMax);
  return {
    params: { [constants.ZSTD_d_windowLogMax]: windowLog },
    chunkSize: chunkBytes(expectedBytes),
    // Of a stream: it stops until the last chunk is taken.
    readableHighWaterMark: 1,
  };
}

function chunkBytes(viewBytes: number): number {
  return Math.min(Math.max(viewBytes, chunkBytesMin), stepBytes);
}

function bitLength(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(value)) + 1;
}

function startLz4(
  bytes: Uint8Array,
  expectedBytes: number,
): { decoder: Lz4BlockDecoder; view: Uint8Array } {
  if (bytes.length <= lz4HeadBytes) throw damaged("lz4");
  const head = new DataView(bytes.buffer, bytes.byteOffset, lz4HeadBytes);
  const contentBytes = head.getUint32(0, true);
  if (contentBytes !== expectedBytes) throw wrongSize(contentBytes, expectedBytes);
  const view = new Uint8Array(expectedBytes);
  return { decoder: new Lz4BlockDecoder(bytes.subarray(lz4HeadBytes), view), view };
}

function runLz4(decoder: Lz4BlockDecoder, viewBytes: number): boolean {
  try {
    return decoder.run(viewBytes);
  } catch (cause) {
    if (cause instanceof Lz4Error) throw damaged("lz4", cause);
    throw cause;
  }
}

function frameLz4(viewBytes: number, block: Uint8Array): Uint8Array {
  const framed = new Uint8Array(lz4HeadBytes + block.length);
  new DataView(framed.buffer).setUint32(0, viewBytes, true);
  framed.set(block, lz4HeadBytes);
  return framed;
}

/** A Buffer as the plain array that it is. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checkLength(view: Uint8Array, expectedBytes: number): Uint8Array {
  if (view.length !== expectedBytes) throw wrongSize(view.length, expectedBytes);
  return view;
}

function zstdError(cause: unknown, expectedBytes: number): unknown {
  if (cause instanceof CodecError) return cause;
  if (cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") {
    return tooLong(expectedBytes);
  }
  return damaged("zstd", cause);
}

function wrongSize(bytes: number, expectedBytes: number): CodecError {
  return new CodecError(
    `Cannot decode dense view: it has ${bytes} bytes, expected ${expectedBytes}`,
    { reason: "size" },
  );
}

function tooLong(expectedBytes: number): CodecError {
  return new CodecError(
    `Cannot decode dense view: it has more than the expected ${expectedBytes} bytes`,
    { reason: "size" },
  );
}

function damaged(codec: string, cause?: unknown): CodecError {
  return new CodecError(`Cannot decode dense view: ${codec} data is damaged`, {
    reason: "damaged",
    cause,
  });
}

function unsupported(action: string, codec: string): CodecError {
  return new CodecError(
    `Cannot ${action} dense view: codec ${JSON.stringify(shorten(codec))} is not supported`,
    { reason: "unsupported" },
  );
}
