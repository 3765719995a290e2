/**
 * One epoch's redo record: absolute writes and removals, encoded as they come, cut into store values.
 *
 *     write:   0x01  varint group  varint member  varint offset  varint length  bytes
 *     remove:  0x02  varint group
 *
 * Varints are LEB128 of numbers in [0, 2^53). The entries run on over the cuts between values; each
 * value has the head of record.ts before its piece. Replaying a record twice changes nothing.
 *
 * @module
 */

import { assert } from "../base/mod.ts";
import { JournalError } from "./journal_error.ts";
import { recordHeadBytes, sealRecord } from "./record.ts";

/** Members of a group are numbered below this. */
export const membersMax = 32;
/** Bytes of one stored value, head included, unless told otherwise: Deno KV's limit. */
const partBytesDefault = 65_536;
/** Value buffers kept by {@linkcode RedoBatch.clear} for the next epoch: 4 MiB. */
const idlePartsMax = 64;
/** Operation, group, member, offset and length: one byte and four varints of up to eight. */
const entryHeadBytesMax = 33;

const writeOperation = 1;
const removeOperation = 2;

/** What is told of a redo record's content. */
export interface RedoSink {
  /** `bytes` is valid only during the call unless the source says otherwise. */
  write(group: number, member: number, offset: number, bytes: Uint8Array): void;
  remove(group: number): void;
}

/**
 * Collects one epoch. Bytes are copied at the call, so that the caller may change them at once.
 *
 * After a failed commit it can be added to and committed again.
 *
 * @example
 * ```ts
 * const batch = new RedoBatch();
 * batch.write(7, 3, 0, new Uint8Array(2_048));
 * await journal.commit(batch);
 * batch.clear();
 * ```
 */
export class RedoBatch {
  readonly #partBytes: number;
  readonly #entryHead = new Uint8Array(entryHeadBytesMax);
  #parts: Uint8Array<ArrayBuffer>[] = [];
  /** Parts in use; the others are kept for later. */
  #partCount = 0;
  /** Bytes of the last part in use, its head included. */
  #lastPartBytes = 0;
  #payloadBytes = 0;
  #entryCount = 0;
  #groupMax = 0;

  /** `partBytes` of one stored value, in [64, 65536]. */
  constructor(partBytes: number = partBytesDefault) {
    if (!(partBytes >= 64 && partBytes <= partBytesDefault)) {
      throw new RangeError(`Cannot cut values of ${partBytes} bytes: outside [64, 65536]`);
    }
    this.#partBytes = partBytes;
  }

  /** Encoded bytes, without the heads of values. */
  get byteLength(): number {
    return this.#payloadBytes;
  }

  get isEmpty(): boolean {
    return this.#entryCount === 0;
  }

  /** Writes and removals. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** The highest group named, or 0. */
  get groupMax(): number {
    return this.#groupMax;
  }

  /** Bytes of one stored value. */
  get partBytes(): number {
    return this.#partBytes;
  }

  /**
   * Records that the bytes of `member` of `group` from `offset` on are `bytes`. No bytes: no entry.
   *
   * @throws {RangeError} if a number is not an integer in its range: group and the end of the bytes in
   * [0, 2^53), member in [0, 32).
   */
  write(group: number, member: number, offset: number, bytes: Uint8Array): void {
    checkU53(group, "group");
    if (!(Number.isInteger(member) && member >= 0 && member < membersMax)) {
      throw new RangeError(`Cannot write member ${member}: outside [0, ${membersMax})`);
    }
    checkU53(offset, "offset");
    checkU53(offset + bytes.length, "end");
    if (bytes.length === 0) return;
    const head = this.#entryHead;
    head[0] = writeOperation;
    let length = putVarint(head, 1, group);
    length = putVarint(head, length, member);
    length = putVarint(head, length, offset);
    length = putVarint(head, length, bytes.length);
    this.#append(head.subarray(0, length));
    this.#append(bytes);
    this.#entryCount++;
    if (group > this.#groupMax) this.#groupMax = group;
  }

  /**
   * Records that `group` is gone for ever. A group that was removed must never be written again: the
   * number is not used twice.
   *
   * @throws {RangeError} if `group` is not an integer in [0, 2^53).
   */
  remove(group: number): void {
    checkU53(group, "group");
    const head = this.#entryHead;
    head[0] = removeOperation;
    this.#append(head.subarray(0, putVarint(head, 1, group)));
    this.#entryCount++;
    if (group > this.#groupMax) this.#groupMax = group;
  }

  /** Forgets all entries. */
  clear(): void {
    if (this.#parts.length > idlePartsMax) this.#parts.length = idlePartsMax;
    this.#partCount = this.#lastPartBytes = this.#payloadBytes = 0;
    this.#entryCount = this.#groupMax = 0;
  }

  /** The values to store under `epoch`: views of the batch, valid until it changes. */
  seal(epoch: number): Uint8Array[] {
    const values: Uint8Array[] = [];
    for (let part = 0; part < this.#partCount; part++) {
      const isLast = part === this.#partCount - 1;
      const value = this.#parts[part]!.subarray(0, isLast ? this.#lastPartBytes : this.#partBytes);
      sealRecord(value, { kind: "redo", first: epoch, second: part }, this.#partCount);
      values.push(value);
    }
    return values;
  }

  #append(bytes: Uint8Array): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#partCount === 0 || this.#lastPartBytes === this.#partBytes) {
        if (this.#partCount === this.#parts.length) {
          this.#parts.push(new Uint8Array(this.#partBytes));
        }
        this.#partCount++;
        this.#lastPartBytes = recordHeadBytes;
      }
      const room = this.#partBytes - this.#lastPartBytes;
      const taken = Math.min(room, bytes.length - position);
      const source = taken === bytes.length ? bytes : bytes.subarray(position, position + taken);
      this.#parts[this.#partCount - 1]!.set(source, this.#lastPartBytes);
      this.#lastPartBytes += taken;
      position += taken;
    }
    this.#payloadBytes += bytes.length;
  }
}

/** What a {@linkcode RedoReader} awaits next. */
const State = { operation: 0, group: 1, member: 2, offset: 3, length: 4, bytes: 5 } as const;

/**
 * Reads the pieces of one epoch in order. A write that was cut is told in as many calls as it has
 * pieces; nothing is copied or held.
 */
export class RedoReader {
  readonly #epoch: number;
  readonly #sink: RedoSink;
  #state: number = State.operation;
  #isRemove = false;
  #value = 0;
  #scale = 1;
  #group = 0;
  #member = 0;
  #offset = 0;
  #remainingBytes = 0;
  #entryCount = 0;

  constructor(epoch: number, sink: RedoSink) {
    this.#epoch = epoch;
    this.#sink = sink;
  }

  /** Entries told so far. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** @throws {JournalError} "corrupt" if the bytes are no entries. */
  push(payload: Uint8Array): void {
    let position = 0;
    while (position < payload.length) {
      if (this.#state === State.bytes) {
        const taken = Math.min(this.#remainingBytes, payload.length - position);
        const bytes = payload.subarray(position, position + taken);
        this.#sink.write(this.#group, this.#member, this.#offset, bytes);
        this.#offset += taken;
        this.#remainingBytes -= taken;
        position += taken;
        if (this.#remainingBytes === 0) this.#state = State.operation;
      } else {
        this.#pushByte(payload[position++]!);
      }
    }
  }

  /** @throws {JournalError} "corrupt" if the last entry is cut. */
  finish(): void {
    if (this.#state !== State.operation) throw this.#error("its last entry is cut");
  }

  #pushByte(byte: number): void {
    if (this.#state === State.operation) {
      if (byte !== writeOperation && byte !== removeOperation) {
        throw this.#error(`unknown operation ${byte}`);
      }
      this.#isRemove = byte === removeOperation;
      this.#state = State.group;
      return;
    }
    this.#value += (byte & 0x7f) * this.#scale;
    if (this.#value > Number.MAX_SAFE_INTEGER) throw this.#error("a number beyond 2^53");
    if (byte & 0x80) {
      this.#scale *= 128;
      if (this.#scale > 2 ** 49) throw this.#error("a number of more than eight bytes");
      return;
    }
    const value = this.#value;
    this.#value = 0;
    this.#scale = 1;
    this.#pushNumber(value);
  }

  #pushNumber(value: number): void {
    switch (this.#state) {
      case State.group:
        this.#group = value;
        this.#state = this.#isRemove ? State.operation : State.member;
        if (this.#isRemove) {
          this.#entryCount++;
          this.#sink.remove(value);
        }
        break;
      case State.member:
        if (value >= membersMax) throw this.#error(`member ${value}, limit ${membersMax - 1}`);
        this.#member = value;
        this.#state = State.offset;
        break;
      case State.offset:
        this.#offset = value;
        this.#state = State.length;
        break;
      default:
        assert(this.#state === State.length, "A redo reader in no state");
        if (value === 0 || this.#offset + value > Number.MAX_SAFE_INTEGER) {
          throw this.#error(`${value} bytes at ${this.#offset}`);
        }
        this.#remainingBytes = value;
        this.#entryCount++;
        this.#state = State.bytes;
    }
  }

  #error(state: string): JournalError {
    return new JournalError(`Cannot read the redo record of epoch ${this.#epoch}: ${state}`, {
      reason: "corrupt",
      epoch: this.#epoch,
    });
  }
}

function checkU53(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot record ${name} ${value}: not an integer in [0, 2^53)`);
  }
}

function putVarint(target: Uint8Array, start: number, value: number): number {
  let position = start;
  let rest = value;
  while (rest >= 2 ** 31) {
    target[position++] = rest % 128 | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 0x80) {
    target[position++] = rest & 0x7f | 0x80;
    rest >>>= 7;
  }
  target[position++] = rest;
  return position;
}
