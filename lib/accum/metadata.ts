/**
 * A histogram's metadata as bytes: member 0 of its group in the journal, and a block in the arena.
 *
 *     u8 version = 1   u8 flags   u16 bytes of the name   u32 bytes of the JSON   f64 bytes of a chunk
 *     f64 created, wall clock ms   16 bytes id   32 bytes SHA-256 of the token   u16 bytes of the label
 *     u8 category axes   u8 0   name   label   JSON, all UTF-8
 *
 * Flags: bit 0 has a token; bits 1 and 2 the arithmetic of the cells, in the order of {@linkcode ARITHMETICS}.
 *
 * All numbers little-endian. The token itself is never stored.
 *
 * @module
 */

import { ARITHMETICS, type CellArithmetic } from "./cells.ts";

/** What a histogram is, without its contents. */
export interface HistogramMetadata {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** SHA-256 of its token, 32 bytes; null without one. */
  readonly tokenDigest: Uint8Array | null;
  readonly arithmetic: CellArithmetic;
  /** Bytes of a chunk: cells times 8 (or 16 for weighted ones), flow bins included. */
  readonly chunkBytes: number;
  readonly createdWallMs: number;
  /** For finding it; at most {@linkcode TEXT_BYTES_MAX} bytes of each are kept. */
  readonly name: string;
  readonly label: string;
  /** Components of a chunk key, in [0, 255]. */
  readonly categoryAxes: number;
  /** What the client said the histogram is, verbatim. */
  readonly json: string;
}

/** Metadata that cannot be read back. */
export class MetadataError extends RangeError {
  override readonly name = "MetadataError";
}

/** Bytes of a name or label that are kept. */
export const TEXT_BYTES_MAX = 1024;

const VERSION = 1;
const FLAG_TOKEN = 1;
const HEADER_BYTES = 76;
const LABEL_AT = 72;
const ID_AT = 24;
const TOKEN_AT = 40;

/** The bytes of the layout above. */
export function encodeMetadata(metadata: HistogramMetadata): Uint8Array {
  const json = new TextEncoder().encode(metadata.json);
  const name = encodeText(metadata.name);
  const label = encodeText(metadata.label);
  const bytes = new Uint8Array(HEADER_BYTES + name.length + label.length + json.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = (metadata.tokenDigest ? FLAG_TOKEN : 0) |
    (ARITHMETICS.indexOf(metadata.arithmetic) << 1);
  view.setUint16(2, name.length, true);
  view.setUint32(4, json.length, true);
  view.setFloat64(8, metadata.chunkBytes, true);
  view.setFloat64(16, metadata.createdWallMs, true);
  bytes.set(idBytes(metadata.id), ID_AT);
  if (metadata.tokenDigest) bytes.set(metadata.tokenDigest, TOKEN_AT);
  view.setUint16(LABEL_AT, label.length, true);
  bytes[LABEL_AT + 2] = metadata.categoryAxes;
  bytes.set(name, HEADER_BYTES);
  bytes.set(label, HEADER_BYTES + name.length);
  bytes.set(json, HEADER_BYTES + name.length + label.length);
  return bytes;
}

/** UTF-8, cut between characters. */
function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(TEXT_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}

/** Bytes of name and label within encoded metadata: where they begin and end. */
export function textRange(
  bytes: Uint8Array,
  at: number,
): { nameEnd: number; start: number; end: number } {
  const start = at + HEADER_BYTES;
  const nameEnd = start + (bytes[at + 2]! | (bytes[at + 3]! << 8));
  return {
    start,
    nameEnd,
    end: nameEnd + (bytes[at + LABEL_AT]! | (bytes[at + LABEL_AT + 1]! << 8)),
  };
}

/** @throws {MetadataError} on a wrong version or length. */
export function decodeMetadata(bytes: Uint8Array): HistogramMetadata {
  if (bytes.length < HEADER_BYTES) {
    throw new MetadataError(
      `Cannot read metadata: need ${HEADER_BYTES} bytes, have ${bytes.length}`,
    );
  }
  if (bytes[0] !== VERSION) {
    throw new MetadataError(`Cannot read metadata: version ${bytes[0]} is unknown`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, nameEnd, end } = textRange(bytes, 0);
  const bytesWhole = end + view.getUint32(4, true);
  if (bytes.length !== bytesWhole) {
    throw new MetadataError(`Cannot read metadata: need ${bytesWhole} bytes, have ${bytes.length}`);
  }
  const flags = bytes[1]!;
  const decoder = new TextDecoder();
  return {
    id: idHex(bytes.subarray(ID_AT, ID_AT + 16)),
    tokenDigest: flags & FLAG_TOKEN ? bytes.slice(TOKEN_AT, TOKEN_AT + 32) : null,
    arithmetic: ARITHMETICS[(flags >> 1) & 3]!,
    chunkBytes: view.getFloat64(8, true),
    createdWallMs: view.getFloat64(16, true),
    name: decoder.decode(bytes.subarray(start, nameEnd)),
    label: decoder.decode(bytes.subarray(nameEnd, end)),
    categoryAxes: bytes[LABEL_AT + 2]!,
    json: decoder.decode(bytes.subarray(end)),
  };
}

/** The four words of an id, or null if it is not 32 lower-case hexadecimal digits: then nobody can have it. */
export function idWords(id: string): Int32Array | null {
  if (id.length !== 32) return null;
  const words = new Int32Array(4);
  for (let i = 0; i < 32; i++) {
    const code = id.charCodeAt(i);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return null;
    // Byte by byte in order, each word little-endian, as the bytes lie on disk.
    words[i >> 3]! |= digit << (((i & 7) >> 1) * 8 + (i & 1 ? 0 : 4));
  }
  return words;
}

function idBytes(id: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => parseInt(id.slice(2 * i, 2 * i + 2), 16));
}

function idHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
