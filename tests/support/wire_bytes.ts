/**
 * The protobuf wire format by hand, so that tests can write what no library would.
 *
 * @module
 */

/** Varint of a non-negative number, or of a negative one as 64-bit two's complement (10 bytes). */
export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

/** A field of wire type 0. */
export function varintField(number: number, value: number | bigint): Uint8Array {
  return concat(varint(number << 3), varint(value));
}

/** A field of wire type 2: bytes, a string, or an embedded message. */
export function bytesField(number: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return concat(varint(number << 3 | 2), varint(bytes.length), bytes);
}

/** All of `parts`, one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The values of each field number, in order: bytes of wire type 2, numbers of types 0, 1 and 5. */
export function parseFields(message: Uint8Array): Map<number, (Uint8Array | bigint)[]> {
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let offset = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = message[offset++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < message.length) {
    const key = Number(readVarint());
    const number = key >> 3;
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if ((key & 7) === 0) {
      values.push(readVarint());
    } else if ((key & 7) === 1) {
      values.push(view.getBigUint64(offset, true));
      offset += 8;
    } else if ((key & 7) === 5) {
      values.push(BigInt(view.getUint32(offset, true)));
      offset += 4;
    } else {
      const length = Number(readVarint());
      values.push(message.subarray(offset, offset + length));
      offset += length;
    }
  }
  return fields;
}

/** The last value of field `number` as text, "" if absent. */
export function textOf(message: Uint8Array, number: number): string {
  const value = parseFields(message).get(number)?.at(-1);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}

/** The last value of field `number` as a number, 0 if absent. */
export function numberOf(message: Uint8Array, number: number): number {
  const value = parseFields(message).get(number)?.at(-1);
  return typeof value === "bigint" ? Number(value) : 0;
}
