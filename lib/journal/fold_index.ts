/**
 * What a range of redo records leaves of each page: the pieces to lay over it, in order.
 *
 * @module
 */

import type { RedoSink } from "./redo.ts";

/** More than the pages of a member: 2^53 bytes of the smallest pages, 64 bytes. */
const memberStride = 2 ** 47;

/** Bytes at an offset within the page. */
export interface PagePiece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** One page that the range wrote to. */
export interface PageJob {
  readonly group: number;
  readonly member: number;
  readonly page: number;
  /** Later ones win. */
  readonly pieces: PagePiece[];
}

/** Collects a range of epochs. It keeps the bytes that it is given. */
export class FoldIndex implements RedoSink {
  readonly #pageBytes: number;
  readonly #groups = new Map<number, Map<number, PageJob>>();
  readonly #removed = new Set<number>();

  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes;
  }

  write(group: number, member: number, offset: number, bytes: Uint8Array): void {
    if (this.#removed.has(group)) return;
    let jobs = this.#groups.get(group);
    if (!jobs) this.#groups.set(group, jobs = new Map());
    let position = 0;
    while (position < bytes.length) {
      const page = Math.floor((offset + position) / this.#pageBytes);
      const start = offset + position - page * this.#pageBytes;
      const taken = Math.min(bytes.length - position, this.#pageBytes - start);
      const slot = member * memberStride + page;
      let job = jobs.get(slot);
      if (!job) jobs.set(slot, job = { group, member, page, pieces: [] });
      addPiece(job.pieces, { start, bytes: bytes.subarray(position, position + taken) });
      position += taken;
    }
  }

  remove(group: number): void {
    this.#groups.delete(group);
    this.#removed.add(group);
  }

  /** Groups that the range removed, ascending. */
  removedGroups(): number[] {
    return [...this.#removed].sort((a, b) => a - b);
  }

  /** Gives up the pages that the range wrote to, in the order of their keys. */
  takePageJobs(): PageJob[] {
    const jobs: PageJob[] = [];
    for (const group of [...this.#groups.keys()].sort((a, b) => a - b)) {
      const slots = this.#groups.get(group)!;
      for (const slot of [...slots.keys()].sort((a, b) => a - b)) jobs.push(slots.get(slot)!);
    }
    this.#groups.clear();
    return jobs;
  }
}

/** The end of the last byte written. */
export function endOf(pieces: readonly PagePiece[]): number {
  let end = 0;
  for (const { start, bytes } of pieces) end = Math.max(end, start + bytes.length);
  return end;
}

/** Whether every byte in [0, `length`) is written. */
export function covers(pieces: readonly PagePiece[], length: number): boolean {
  let covered = 0;
  for (const { start, bytes } of [...pieces].sort((a, b) => a.start - b.start)) {
    if (start > covered) break;
    covered = Math.max(covered, start + bytes.length);
  }
  return covered >= length;
}

/** Appends a piece; those at the end that it hides wholly are dropped, for pages rewritten each epoch. */
function addPiece(pieces: PagePiece[], piece: PagePiece): void {
  const end = piece.start + piece.bytes.length;
  for (let last = pieces.at(-1); last; last = pieces.at(-1)) {
    if (last.start < piece.start || last.start + last.bytes.length > end) break;
    pieces.pop();
  }
  pieces.push(piece);
}
