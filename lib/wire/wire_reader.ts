/**
 * Reads the protobuf wire format in place: tags, varints, lengths, text; skips what is unknown.
 * Knows no message. As strict as protobuf's own parsers (encoding specification, "Message Structure").
 *
 * @module
 */

import { WireError } from "./wire_error.ts";

/** Groups nest at most this deep, as in protobuf's own parsers. */
const groupDepthMax = 100;
/** A length-delimited value has at most 2^31 - 1 bytes. */
const lengthMax = 0x7fff_ffff;

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A cursor over one message, and over the messages nested in it. */
export class WireReader {
  readonly bytes: Uint8Array;
  /** Of the next byte to read, in [0, end]. */
  offset: number;
  /** Of the byte after the message that is read now, in [offset, bytes.length]. */
  end: number;
  /** Lower half of the last {@linkcode varint64}, as int32. */
  low = 0;
  /** Upper half of the last {@linkcode varint64}, as int32. */
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.offset = 0;
    this.end = bytes.length;
  }

  /**
   * Reads a tag: field number · 8 + wire type, in [8, 2^32).
   *
   * @throws {WireError} for field number 0, or more than 32 bits.
   */
  tag(): number {
    const start = this.offset;
    if (start < this.end && this.bytes[start]! < 0x80) {
      this.offset = start + 1;
      const tag = this.bytes[start]!;
      if (tag < 8) this.#fail("field number is 0", "tag", start);
      return tag;
    }
    const tag = this.#varint32(0xffff_ffff);
    if (tag < 8) this.#fail("field number is 0", "tag", start);
    return tag;
  }

  /**
   * Reads a length and gives the offset of the byte after the value; the value starts at `offset`.
   *
   * @throws {WireError} if the value reaches beyond the message.
   */
  valueEnd(): number {
    const start = this.offset;
    let length: number;
    if (start < this.end && this.bytes[start]! < 0x80) {
      length = this.bytes[start]!;
      this.offset = start + 1;
    } else {
      length = this.#varint32(lengthMax);
    }
    const end = this.offset + length;
    if (end > this.end) {
      this.#fail(
        `value of ${length} bytes, but ${this.end - this.offset} are left`,
        "truncated",
        start,
      );
    }
    return end;
  }

  /** Reads a length-delimited value as a view of the message's bytes. */
  value(): Uint8Array {
    const end = this.valueEnd();
    const start = this.offset;
    this.offset = end;
    return this.bytes.subarray(start, end);
  }

  /** Reads a length-delimited value as text. @throws {WireError} if it is not UTF-8. */
  text(): string {
    const end = this.valueEnd();
    const start = this.offset;
    this.offset = end;
    return this.isAscii(start, end)
      ? asciiText(this.bytes, { start, end })
      : this.#decodeUtf8(start, end);
  }

  /** Checks that [start, end) is UTF-8. @throws {WireError} if it is not. */
  checkUtf8(start: number, end: number): void {
    if (!this.isAscii(start, end)) this.#decodeUtf8(start, end);
  }

  /** Tells whether all bytes of [start, end) are below 0x80. */
  isAscii(start: number, end: number): boolean {
    const bytes = this.bytes;
    for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return false;
    return true;
  }

  /**
   * Reads a varint into `low` and `high`. Bits above the 64th are dropped.
   *
   * @throws {WireError} if it is longer than ten bytes.
   */
  varint64(): void {
    const start = this.offset;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.offset >= this.end) this.#fail("varint is cut", "truncated", start);
      const byte = this.bytes[this.offset++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    this.#fail("varint is longer than 10 bytes", "varint", start);
  }

  /** Skips the value that follows `tag`, a whole group if one begins. */
  skip(tag: number): void {
    this.#skip(tag, groupDepthMax);
  }

  #skip(tag: number, depthLeft: number): void {
    switch (tag & 7) {
      case 0:
        return this.varint64();
      case 1:
        return this.#skipBytes(8);
      case 2:
        this.offset = this.valueEnd();
        return;
      case 3:
        return this.#skipGroup(tag, depthLeft);
      case 4:
        return this.#fail("group ends that never began", "tag", this.offset);
      case 5:
        return this.#skipBytes(4);
      default:
        return this.#fail(`wire type is ${tag & 7}`, "tag", this.offset);
    }
  }

  #skipGroup(startTag: number, depthLeft: number): void {
    if (depthLeft === 0) this.#fail("groups nest too deep", "group", this.offset);
    const endTag = startTag + 1;
    while (true) {
      const tag = this.tag();
      if (tag === endTag) return;
      if ((tag & 7) === 4) this.#fail("group ends under another number", "group", this.offset);
      this.#skip(tag, depthLeft - 1);
    }
  }

  #skipBytes(count: number): void {
    if (this.offset + count > this.end) this.#fail("value is cut", "truncated", this.offset);
    this.offset += count;
  }

  #varint32(max: number): number {
    const start = this.offset;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      if (this.offset >= this.end) this.#fail("varint is cut", "truncated", start);
      const byte = this.bytes[this.offset++]!;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        if (value > max) this.#fail(`${value} is above ${max}`, "varint", start);
        return value;
      }
    }
    return this.#fail(`varint is above ${max}`, "varint", start);
  }

  #decodeUtf8(start: number, end: number): string {
    try {
      return strictDecoder.decode(this.bytes.subarray(start, end));
    } catch (cause) {
      throw new WireError("text is not UTF-8", { reason: "utf8", offset: start, cause });
    }
  }

  #fail(message: string, reason: WireError["reason"], offset: number): never {
    throw new WireError(message, { reason, offset });
  }
}

/** Makes a string of bytes below 0x80. TextDecoder takes ten times as long for the 32 digits of an id. */
export function asciiText(bytes: Uint8Array, range: { start: number; end: number }): string {
  const { start, end } = range;
  if (end - start > 128) return strictDecoder.decode(bytes.subarray(start, end));
  const codes = new Array<number>(end - start);
  for (let i = start; i < end; i++) codes[i - start] = bytes[i]!;
  return String.fromCharCode.apply(null, codes);
}
