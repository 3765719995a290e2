/**
 * The one value that says what of the store counts: the last epoch, and the first whose redo record is
 * not yet in the pages. All else that a crash left behind is ignored, and deleted later.
 *
 *     offset  bytes                          (payload, after the head of record.ts; its first = seq)
 *          0     16  store id
 *         16     16  writer: random, of the process that wrote it
 *         32      4  node
 *         36      4  page bytes
 *         40      8  last epoch
 *         48      8  first live epoch: redo records [first live, last] stand
 *         56      8  bytes of the live redo records
 *         64      8  entries of the live redo records
 *         72      8  pages stored
 *         80      8  highest group ever named
 *         88      8  wall clock of the creation, ms
 *         96      4  parts of the last epoch
 *        100      4  CRC-32 of the checksums of those parts
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { JournalError } from "./journal_error.ts";
import { getU53, openRecord, recordHeadBytes, sealRecord, setU53 } from "./record.ts";
import type { StoreKey } from "./store.ts";

const payloadBytes = 104;

/** See the module's table. */
export interface Manifest {
  /** Rises by one with every write of the manifest. */
  readonly seq: number;
  /** 32 hexadecimal digits. */
  readonly storeId: string;
  /** 32 hexadecimal digits. */
  readonly writer: string;
  readonly node: number;
  readonly pageBytes: number;
  /** 0 before the first commit. */
  readonly lastEpoch: number;
  /** In [1, lastEpoch + 1]; lastEpoch + 1 if no redo record stands. */
  readonly firstLiveEpoch: number;
  readonly redoBytes: number;
  readonly redoEntries: number;
  readonly pageCount: number;
  readonly groupMax: number;
  readonly createdWallMs: number;
  readonly lastParts: number;
  readonly lastChecksum: number;
}

export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(recordHeadBytes + payloadBytes);
  value.set(Uint8Array.fromHex(manifest.storeId), recordHeadBytes);
  value.set(Uint8Array.fromHex(manifest.writer), recordHeadBytes + 16);
  const view = new DataView(value.buffer, recordHeadBytes);
  view.setUint32(32, manifest.node, true);
  view.setUint32(36, manifest.pageBytes, true);
  setU53(view, 40, manifest.lastEpoch);
  setU53(view, 48, manifest.firstLiveEpoch);
  setU53(view, 56, manifest.redoBytes);
  setU53(view, 64, manifest.redoEntries);
  setU53(view, 72, manifest.pageCount);
  setU53(view, 80, manifest.groupMax);
  setU53(view, 88, manifest.createdWallMs);
  view.setUint32(96, manifest.lastParts, true);
  view.setUint32(100, manifest.lastChecksum, true);
  sealRecord(value, { kind: "manifest", first: manifest.seq, second: 0 });
  return value;
}

/** @throws {JournalError} "corrupt" or "newer-format". */
export function decodeManifest(value: Uint8Array, key: StoreKey): Manifest {
  const { payload, first } = openRecord(value, { kind: "manifest", first: null, second: 0, key });
  if (payload.length !== payloadBytes) {
    throw new JournalError(`Cannot read manifest: ${payload.length} bytes, need ${payloadBytes}`, {
      reason: "corrupt",
      key,
    });
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return {
    seq: first,
    storeId: payload.subarray(0, 16).toHex(),
    writer: payload.subarray(16, 32).toHex(),
    node: view.getUint32(32, true),
    pageBytes: view.getUint32(36, true),
    lastEpoch: getU53(view, 40),
    firstLiveEpoch: getU53(view, 48),
    redoBytes: getU53(view, 56),
    redoEntries: getU53(view, 64),
    pageCount: getU53(view, 72),
    groupMax: getU53(view, 80),
    createdWallMs: getU53(view, 88),
    lastParts: view.getUint32(96, true),
    lastChecksum: view.getUint32(100, true),
  };
}

/** Adds one part's checksum to that of its epoch; begins with 0. */
export function addPartChecksum(epochChecksum: number, partChecksum: number): number {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, partChecksum, true);
  return crc32(bytes, epochChecksum);
}
