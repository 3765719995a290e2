/**
 * The small grammars of gRPC over HTTP/2: the 5-byte prefix of a message, `grpc-timeout` and the
 * content type.
 *
 *     +------------------+-------------------------+===================+
 *     | compressed 0 / 1 | length, 32 bit, big end | message (length)  |
 *     +------------------+-------------------------+===================+
 *
 * @module
 */

/** Bytes before each message: a flag and the length. */
export const prefixBytes = 5;

/** Milliseconds of one unit of `grpc-timeout`. */
const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

const timeoutDigitsMax = 8;

/**
 * Milliseconds of a `grpc-timeout`, or null if it is not one.
 *
 * A value is 1 to 8 digits and one of the units H, M, S, m, u, n. In [0, 3.6e14].
 * Source: gRPC over HTTP2, "Timeout".
 */
export function parseGrpcTimeoutMs(value: string): number | null {
  const digitCount = value.length - 1;
  if (digitCount < 1 || digitCount > timeoutDigitsMax) return null;
  let amount = 0;
  for (let i = 0; i < digitCount; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
    amount = amount * 10 + digit;
  }
  const unit = unitMs[value[digitCount]!];
  return unit === undefined ? null : amount * unit;
}

// A subtype other than proto (json, say) is for the universal handlers.
const protoContentType = /^application\/grpc(\+proto)?[ \t]*(;.*)?$/i;
const anyGrpcContentType = /^application\/grpc([+;].*)?$/i;

/** Whether a request with this content type carries protobuf messages over gRPC (not gRPC-Web). */
export function isGrpcProtoContentType(contentType: string): boolean {
  return contentType === "application/grpc" || protoContentType.test(contentType);
}

/** Whether a request with this content type is gRPC (not gRPC-Web) with any message format. */
export function isGrpcContentType(contentType: string): boolean {
  return anyGrpcContentType.test(contentType);
}

/** The five bytes before an uncompressed message; `messageBytes` in [0, 2^32). */
export function encodePrefix(messageBytes: number): Uint8Array {
  const prefix = new Uint8Array(prefixBytes);
  writePrefix(prefix, messageBytes);
  return prefix;
}

/** Writes the prefix of an uncompressed message to the beginning of `target`, zeroed before. */
export function writePrefix(target: Uint8Array, messageBytes: number): void {
  target[1] = messageBytes >>> 24;
  target[2] = messageBytes >>> 16;
  target[3] = messageBytes >>> 8;
  target[4] = messageBytes;
}

/** The length in a complete prefix, in [0, 2^32). */
export function readPrefixLength(prefix: Uint8Array): number {
  return (prefix[1]! * 0x1000000) + ((prefix[2]! << 16) | (prefix[3]! << 8) | prefix[4]!);
}
