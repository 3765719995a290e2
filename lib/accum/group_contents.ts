/**
 * What the journal holds of one histogram's incarnation, collected write by write, and put into its record.
 *
 * @module
 */

import { type Arena, UNIT_BYTES, UNIT_WORDS } from "./arena.ts";
import { setInsert, setMembers, setReserve } from "./byte_set.ts";
import { addCategories, reserveCategories } from "./category_sets.ts";
import { reserveChunks } from "./chunks.ts";
import { MEMBER } from "./drain.ts";
import {
  H_CHUNKS,
  H_IDS,
  H_IDS_JOURNALED,
  H_KEYS,
  H_KEYS_JOURNALED,
  H_SERIAL,
  H_SERIAL_DURABLE,
  H_SERIAL_JOURNALED,
} from "./layout.ts";
import { decodeMetadata } from "./metadata.ts";
import type { HistogramHandle } from "./registry.ts";

/** What the journal held does not make whole histograms. */
export class RestoreError extends RangeError {
  override readonly name = "RestoreError";
}

/** One group of the journal. */
export class GroupContents {
  readonly #arena: Arena;
  readonly #number: number;
  #metadata = new Uint8Array(0);
  readonly #keys = new GrowingBytes();
  readonly #ids = new GrowingBytes();
  #chunkBytes = 0;
  /** Pointers of chunks, 0 where nothing was written: all its cells are zero. */
  readonly #chunks: number[] = [];

  constructor(arena: Arena, number: number) {
    this.#arena = arena;
    this.#number = number;
  }

  /** As {@linkcode encodeMetadata} made it. */
  get metadata(): Uint8Array {
    return this.#metadata;
  }

  /** @throws {RestoreError} if the member is unknown. @throws {ArenaFullError} */
  write(member: number, offset: number, bytes: Uint8Array): void {
    if (member === MEMBER.metadata) {
      const whole = new Uint8Array(Math.max(this.#metadata.length, offset + bytes.length));
      whole.set(this.#metadata);
      whole.set(bytes, offset);
      this.#metadata = whole;
    } else if (member === MEMBER.uniqueIds) this.#ids.write(offset, bytes);
    else if (member === MEMBER.chunkKeys) this.#keys.write(offset, bytes);
    else if (member === MEMBER.cells) this.#writeCells(offset, bytes);
    else {throw new RestoreError(
        `Cannot restore group ${this.#number}: member ${member} is unknown`,
      );}
  }

  /** Frees what was collected. */
  discard(): void {
    for (const chunk of this.#chunks) if (chunk) this.#arena.free(chunk, this.#chunkBytes);
  }

  /**
   * Puts everything into an empty record, as being on disk. The caller holds its lock, or nobody else knows it.
   *
   * @returns how many chunks and unique ids.
   * @throws {RestoreError} if the contents are not whole. @throws {ArenaFullError}
   */
  moveTo(handle: HistogramHandle): { chunks: number; uniqueIds: number } {
    const arena = this.#arena;
    const at = handle.pointer * UNIT_WORDS;
    for (const field of [H_SERIAL, H_SERIAL_JOURNALED, H_SERIAL_DURABLE]) {
      arena.f64[(at + field) / 2] = this.#number;
    }
    const chunks = fillSet(arena, at, {
      set: H_KEYS,
      journaled: H_KEYS_JOURNALED,
      log: this.#keys,
    });
    const uniqueIds = fillSet(arena, at, {
      set: H_IDS,
      journaled: H_IDS_JOURNALED,
      log: this.#ids,
    });
    if (this.#chunks.length > chunks) {
      throw new RestoreError(
        `Cannot restore group ${this.#number}: ${this.#chunks.length} chunks have ${chunks} keys`,
      );
    }
    const keys = setMembers(arena, at + H_KEYS);
    reserveCategories(arena, at, keys);
    for (const key of keys) addCategories(arena, at, key);
    reserveChunks(arena, handle, chunks);
    for (let ordinal = 0; ordinal < chunks; ordinal++) {
      const chunk = this.#chunks[ordinal] || arena.allocate(handle.metadata.chunkBytes);
      arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal] = chunk;
    }
    this.#chunks.length = 0;
    return { chunks, uniqueIds };
  }

  #writeCells(offset: number, bytes: Uint8Array): void {
    if (this.#chunkBytes === 0) this.#chunkBytes = decodeMetadata(this.#metadata).chunkBytes;
    const arena = this.#arena;
    const chunkBytes = this.#chunkBytes;
    const chunks = this.#chunks;
    for (let done = 0; done < bytes.length;) {
      const ordinal = Math.floor((offset + done) / chunkBytes);
      const inChunk = offset + done - ordinal * chunkBytes;
      const length = Math.min(bytes.length - done, chunkBytes - inChunk);
      chunks[ordinal] ||= arena.allocate(chunkBytes);
      arena.bytes.set(bytes.subarray(done, done + length), chunks[ordinal]! * UNIT_BYTES + inChunk);
      done += length;
    }
  }
}

/** Inserts a log's members into a set; returns how many. */
function fillSet(
  arena: Arena,
  at: number,
  source: { set: number; journaled: number; log: GrowingBytes },
): number {
  const bytes = source.log.bytes();
  let members = 0;
  for (let start = 0; start < bytes.length; members++) start = memberEnd(bytes, start);
  setReserve(arena, at + source.set, { members, bytes: bytes.length - 2 * members });
  for (let start = 0; start < bytes.length;) {
    const end = memberEnd(bytes, start);
    setInsert(arena, at + source.set, bytes.subarray(start + 2, end));
    start = end;
  }
  arena.words[at + source.journaled] = bytes.length;
  return members;
}

function memberEnd(bytes: Uint8Array, at: number): number {
  const end = at + 2 + (bytes[at]! | ((bytes[at + 1] ?? 0) << 8));
  if (end > bytes.length) throw new RestoreError("Cannot restore a set: its last member is cut");
  return end;
}

/** Bytes that are written at offsets and grow by doubling. */
class GrowingBytes {
  #bytes = new Uint8Array(0);
  #length = 0;

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, offset);
    this.#length = Math.max(this.#length, end);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
