/**
 * Adding and copying cells between a message's bytes, at any alignment, and shared memory.
 *
 * Work goes tile by tile through one aligned scratch buffer that stays in the first-level cache: 2 KB cost about
 * 250 ns. A tile is as long as a page, the unit in which chunks are written to disk, and the result says for each
 * page whether it changed.
 *
 * @module
 */

import { addCells } from "../hist/mod.ts";
import { type Arena, UNIT_BYTES, UNIT_CELLS } from "./arena.ts";

/**
 * Bytes of a page: whole cells of 8, 16, 24 or 32 bytes. A chunk is written to disk in pages; its last one may be
 * shorter.
 */
export const PAGE_BYTES = 32_736;

const scratch = new ArrayBuffer(PAGE_BYTES);
const scratchBytes = new Uint8Array(scratch);
const scratchWords = new Int32Array(scratch);
const scratchF64 = new Float64Array(scratch);
const scratchI64 = new BigInt64Array(scratch);

/**
 * How cells are added: as binary64 numbers, as 64-bit integers modulo 2^64, or by merging means of three or four
 * binary64 fields.
 */
export type CellArithmetic = "f64" | "i64" | "mean" | "weighted_mean";

/** In the order of their numbers in shared memory and on disk. */
export const ARITHMETICS: readonly CellArithmetic[] = ["f64", "i64", "mean", "weighted_mean"];

/** Pages of a chunk of `chunkBytes`. */
export function pageCount(chunkBytes: number): number {
  return Math.ceil(chunkBytes / PAGE_BYTES);
}

/**
 * Adds page `page` of `source` to the chunk at `pointer`, cell by cell.
 *
 * Little-endian, as the wire and every machine that runs Deno.
 *
 * @returns whether the page of `source` had a bit set; a page of zeros changes nothing and need not be written.
 */
export function addPage(
  arena: Arena,
  source: Uint8Array,
  place: { pointer: number; page: number; arithmetic: CellArithmetic },
): boolean {
  const bytes = loadPage(source, place.page);
  if (bytes === 0) return false;
  const cells = bytes >>> 3;
  const start = place.pointer * UNIT_CELLS + place.page * (PAGE_BYTES / 8);
  if (place.arithmetic === "f64") addF64(arena.f64, start, cells);
  else if (place.arithmetic === "i64") addI64(arena.i64, start, cells);
  else {
    addCells(
      place.arithmetic,
      arena.f64.subarray(start, start + cells),
      scratchF64.subarray(0, cells),
    );
  }
  return true;
}

/** Writes page `page` of `source` over the chunk at `pointer`, bit by bit (NaN payloads and -0 are kept). */
export function setPage(
  arena: Arena,
  source: Uint8Array,
  place: { pointer: number; page: number },
): boolean {
  const bytes = loadPage(source, place.page);
  if (bytes === 0) return false;
  arena.bytes.set(
    bytes === PAGE_BYTES ? scratchBytes : scratchBytes.subarray(0, bytes),
    place.pointer * UNIT_BYTES + place.page * PAGE_BYTES,
  );
  return true;
}

/** Copies a page into the scratch buffer; returns its bytes, or 0 if all of them are zero. */
function loadPage(source: Uint8Array, page: number): number {
  const from = page * PAGE_BYTES;
  const bytes = Math.min(PAGE_BYTES, source.length - from);
  scratchBytes.set(source.subarray(from, from + bytes));
  const words = bytes >>> 2;
  for (let i = 0; i < words; i++) if (scratchWords[i] !== 0) return bytes;
  return 0;
}

function addF64(target: Float64Array, start: number, cells: number): void {
  for (let i = 0; i < cells; i++) target[start + i]! += scratchF64[i]!;
}

function addI64(target: BigInt64Array, start: number, cells: number): void {
  for (let i = 0; i < cells; i++) target[start + i] = target[start + i]! + scratchI64[i]!;
}
