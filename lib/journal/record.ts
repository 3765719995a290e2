/**
 * The head and checksum that every value of the journal carries; Deno KV has none.
 *
 *     offset  bytes
 *          0      4  kind: "HSJM" manifest, "HSJR" redo, "HSJP" page, "HSJD" directory
 *          4      2  format version
 *          6      2  member (page), else 0
 *          8      4  CRC-32 (ISO 3309) of all but these four bytes; so in every later version, too
 *         12      4  parts of the epoch (redo), else 0
 *         16      8  epoch (redo), group (page, directory), seq (manifest)
 *         24      8  part (redo), page (page), block (directory), else 0
 *         32      …  payload
 *
 * Little-endian. The head repeats the key, so that a value under a wrong key is seen.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { JournalError } from "./journal_error.ts";
import type { StoreKey } from "./store.ts";

/** Bytes before the payload. */
export const recordHeadBytes = 32;
/** What this program writes, and the newest that it reads. */
export const formatVersion = 1;

const kindLetter = { manifest: "M", redo: "R", page: "P", directory: "D" } as const;
/** "HSJ" in the lower three bytes. */
const magic = 0x4a5348;

/** What a value is. */
export type RecordKind = keyof typeof kindLetter;

/** The fields of a head that its key tells. */
export interface RecordName {
  readonly kind: RecordKind;
  /** In [0, 2^53). */
  readonly first: number;
  /** In [0, 2^53). */
  readonly second: number;
  /** In [0, 2^16). Default 0. */
  readonly member?: number;
  /** Default {@linkcode formatVersion}. */
  readonly version?: number;
}

/** Writes the head of `record`, whose payload already stands at {@linkcode recordHeadBytes}. */
export function sealRecord(record: Uint8Array, name: RecordName, parts = 0): void {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  view.setUint32(0, kindBits(name.kind), true);
  view.setUint16(4, name.version ?? formatVersion, true);
  view.setUint16(6, name.member ?? 0, true);
  view.setUint32(12, parts, true);
  setU53(view, 16, name.first);
  setU53(view, 24, name.second);
  view.setUint32(8, checksum(record), true);
}

/** A checked value. */
export interface OpenRecord {
  /** A view of the value. */
  readonly payload: Uint8Array;
  readonly parts: number;
  readonly first: number;
  readonly checksum: number;
}

/**
 * Checks a stored value and gives its payload. `first` of a manifest is not in its key: pass `null`.
 *
 * @throws {JournalError} "corrupt" or "newer-format", naming `key`.
 */
export function openRecord(
  value: Uint8Array,
  name: Omit<RecordName, "first"> & { readonly first: number | null; readonly key: StoreKey },
): OpenRecord {
  const { key, kind } = name;
  const epoch = kind === "redo" ? name.first : null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length < recordHeadBytes) {
    throw new JournalError(`Cannot read ${kind}: ${value.length} bytes, need ${recordHeadBytes}`, {
      reason: "corrupt",
      key,
      epoch,
    });
  }
  const stored = view.getUint32(8, true);
  if (stored !== checksum(value)) {
    throw new JournalError(`Cannot read ${kind}: its checksum does not match`, {
      reason: "corrupt",
      key,
      epoch,
    });
  }
  const version = view.getUint16(4, true);
  if (version > formatVersion) {
    throw new JournalError(
      `Cannot read ${kind}: format version ${version}, this program reads up to ${formatVersion}`,
      { reason: "newer-format", key, epoch },
    );
  }
  const first = getU53(view, 16);
  if (
    view.getUint32(0, true) !== kindBits(kind) || (name.first !== null && first !== name.first) ||
    getU53(view, 24) !== name.second || view.getUint16(6, true) !== (name.member ?? 0)
  ) {
    throw new JournalError(`Cannot read ${kind}: the value belongs to another key`, {
      reason: "corrupt",
      key,
      epoch,
    });
  }
  const parts = view.getUint32(12, true);
  return { payload: value.subarray(recordHeadBytes), parts, first, checksum: stored };
}

/** Writes a number in [0, 2^53) as eight bytes, little-endian. */
export function setU53(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** Reads what {@linkcode setU53} wrote. */
export function getU53(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}

function kindBits(kind: RecordKind): number {
  return magic | kindLetter[kind].charCodeAt(0) << 24;
}

function checksum(record: Uint8Array): number {
  return crc32(record.subarray(12), crc32(record.subarray(0, 8)));
}
