/**
 * Keeps the HDF5 library from a file that would hold it for ever: it walks the strings of a global heap by their
 * sizes, and does not notice a size of 0 (HDF5 2.0).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HistFormatError } from "../hist/mod.ts";

const signature = Buffer.from("GCOL\x01\0\0\0", "latin1");
const headBytes = 16;

/** @throws {HistFormatError} if a global heap in `bytes` does not add up. */
export function checkHeaps(bytes: Uint8Array): void {
  const { buffer, byteOffset, byteLength } = bytes;
  const file = Buffer.from(buffer, byteOffset, byteLength);
  const view = new DataView(buffer, byteOffset, byteLength);
  for (let at = file.indexOf(signature); at >= 0; at = file.indexOf(signature, at + 1)) {
    if (at + headBytes > byteLength || isSound(view, at)) continue;
    throw new HistFormatError("", "Cannot read HDF5: a global heap is damaged");
  }
}

/** Whether every object of the collection at `start` leads to the next, or to the end. */
function isSound(view: DataView, start: number): boolean {
  const end = start + Number(view.getBigUint64(start + 8, true));
  // The library refuses it itself.
  if (end > view.byteLength) return true;
  for (let at = start + headBytes; at + headBytes <= end;) {
    const index = view.getUint16(at, true);
    const size = Number(view.getBigUint64(at + 8, true));
    const step = index === 0 ? size : headBytes + 8 * Math.ceil(size / 8);
    if (step < headBytes || step > end - at) return false;
    at += step;
  }
  return true;
}
