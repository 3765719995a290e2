/**
 * Rebuilds the table of histograms from what the journal replays, before any other thread attaches.
 *
 * The journal writes each group's members in ascending order and then the redo records in order, so metadata comes
 * before keys and keys before cells; logs may grow later. {@linkcode HistogramRestorer.finish} checks that what came
 * is whole.
 *
 * @module
 */

import { UNIT_BYTES, UNIT_WORDS } from "./arena.ts";
import { setInsert, setReserve } from "./byte_set.ts";
import { MEMBER } from "./drain.ts";
import { reserveChunks } from "./chunks.ts";
import {
  H_CHUNKS,
  H_IDS,
  H_IDS_JOURNALED,
  H_KEYS,
  H_KEYS_JOURNALED,
  H_SERIAL,
  H_SERIAL_JOURNALED,
  WORD_NEXT_SERIAL,
} from "./layout.ts";
import { decodeMetadata } from "./metadata.ts";
import type { HistogramHandle, Registry } from "./registry.ts";

/** What the journal held does not make whole histograms. */
export class RestoreError extends RangeError {
  override readonly name = "RestoreError";
}

/** What was restored. */
export interface RestoreReport {
  readonly histograms: number;
  readonly chunks: number;
  readonly uniqueIds: number;
}

interface Group {
  metadata: Uint8Array;
  readonly logs: { [MEMBER.uniqueIds]: GrowingBytes; [MEMBER.chunkKeys]: GrowingBytes };
  chunkBytes: number;
  /** Pointers of chunks, 0 where nothing was written: all its cells are zero. */
  readonly chunks: number[];
}

/** Takes the journal's writes, then builds. */
export class HistogramRestorer {
  readonly #registry: Registry;
  readonly #groups = new Map<number, Group>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** @throws {RestoreError} if the write does not belong to a histogram. @throws {ArenaFullError} */
  write(write: { group: number; member: number; offset: number }, bytes: Uint8Array): void {
    const { group: number, member, offset } = write;
    let group = this.#groups.get(number);
    if (!group) {
      if (member !== MEMBER.metadata) {
        throw new RestoreError(`Cannot restore group ${number}: it has no metadata`);
      }
      group = {
        metadata: new Uint8Array(0),
        logs: { [MEMBER.uniqueIds]: new GrowingBytes(), [MEMBER.chunkKeys]: new GrowingBytes() },
        chunkBytes: 0,
        chunks: [],
      };
      this.#groups.set(number, group);
    }
    if (member === MEMBER.metadata) {
      const whole = new Uint8Array(Math.max(group.metadata.length, offset + bytes.length));
      whole.set(group.metadata);
      whole.set(bytes, offset);
      group.metadata = whole;
    } else if (member === MEMBER.uniqueIds || member === MEMBER.chunkKeys) {
      group.logs[member].write(offset, bytes);
    } else if (member === MEMBER.cells) {
      this.#writeCells(group, offset, bytes);
    } else {
      throw new RestoreError(`Cannot restore group ${number}: member ${member} is unknown`);
    }
  }

  /** The group is no more. */
  remove(number: number): void {
    const group = this.#groups.get(number);
    if (!group) return;
    for (const chunk of group.chunks) if (chunk) this.#registry.arena.free(chunk, group.chunkBytes);
    this.#groups.delete(number);
  }

  /**
   * Builds the table. Serials go on from `serialFloor`, which is above every one ever used.
   *
   * @throws {RestoreError} if a histogram is not whole. @throws {ArenaFullError}
   */
  finish(options: { serialFloor: number }): RestoreReport {
    const { arena } = this.#registry;
    let chunks = 0;
    let uniqueIds = 0;
    let serial = options.serialFloor;
    for (const [number, group] of this.#groups) {
      serial = Math.max(serial, number);
      const handle = this.#registry.prepare(decodeMetadata(group.metadata));
      const at = handle.pointer * UNIT_WORDS;
      arena.f64[(at + H_SERIAL) / 2] = number;
      arena.f64[(at + H_SERIAL_JOURNALED) / 2] = number;
      const keys = restoreLog(this.#registry, handle, {
        set: H_KEYS,
        journaled: H_KEYS_JOURNALED,
        log: group.logs[2],
      });
      uniqueIds += restoreLog(this.#registry, handle, {
        set: H_IDS,
        journaled: H_IDS_JOURNALED,
        log: group.logs[1],
      });
      if (group.chunks.length > keys) {
        throw new RestoreError(
          `Cannot restore group ${number}: ${group.chunks.length} chunks have ${keys} keys`,
        );
      }
      reserveChunks(arena, handle, keys);
      for (let ordinal = 0; ordinal < keys; ordinal++) {
        const chunk = group.chunks[ordinal] || arena.allocate(handle.metadata.chunkBytes);
        arena.words[arena.words[at + H_CHUNKS]! * UNIT_WORDS + ordinal] = chunk;
      }
      this.#registry.publish(handle);
      chunks += keys;
    }
    arena.f64[WORD_NEXT_SERIAL / 2] = serial;
    const histograms = this.#groups.size;
    this.#groups.clear();
    return { histograms, chunks, uniqueIds };
  }

  #writeCells(group: Group, offset: number, bytes: Uint8Array): void {
    if (group.chunkBytes === 0) group.chunkBytes = decodeMetadata(group.metadata).chunkBytes;
    const { arena } = this.#registry;
    const { chunkBytes, chunks } = group;
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
function restoreLog(
  registry: Registry,
  handle: HistogramHandle,
  source: { set: number; journaled: number; log: GrowingBytes },
): number {
  const { arena } = registry;
  const set = handle.pointer * UNIT_WORDS + source.set;
  const bytes = source.log.bytes();
  let members = 0;
  for (let at = 0; at < bytes.length; members++) at = memberEnd(bytes, at);
  setReserve(arena, set, { members, bytes: bytes.length - 2 * members });
  for (let at = 0; at < bytes.length;) {
    const end = memberEnd(bytes, at);
    setInsert(arena, set, bytes.subarray(at + 2, end));
    at = end;
  }
  arena.words[handle.pointer * UNIT_WORDS + source.journaled] = bytes.length;
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
