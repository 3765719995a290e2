import assert from "node:assert/strict";
import {
  encodePrefix,
  isGrpcContentType,
  isGrpcProtoContentType,
  parseGrpcTimeoutMs,
  readPrefixLength,
} from "../../lib/transport/grpc_framing.ts";

Deno.test("parseGrpcTimeoutMs: 1 to 8 digits and a unit (gRPC over HTTP2, Timeout)", () => {
  const cases: [value: string, ms: number | null][] = [
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["10S", 10_000],
    ["10100m", 10_100],
    ["1500u", 1.5],
    ["2000000n", 2],
    ["0S", 0],
    ["00000001S", 1_000],
    ["99999999H", 99_999_999 * 3_600_000],
    ["100000000m", null],
    ["1", null],
    ["S", null],
    ["", null],
    ["1s", null],
    ["-1S", null],
    ["1.5S", null],
    [" 1S", null],
    ["1S ", null],
    ["zzz", null],
    ["1١S", null],
  ];
  for (const [value, ms] of cases) assert.equal(parseGrpcTimeoutMs(value), ms, `"${value}"`);
});

Deno.test("isGrpcProtoContentType: protobuf over gRPC, with or without parameters", () => {
  for (
    const type of ["application/grpc", "application/grpc+proto", "Application/gRPC;charset=utf-8"]
  ) {
    assert.ok(isGrpcProtoContentType(type), type);
  }
  for (
    const type of [
      "application/grpc+json",
      "application/grpc-web",
      "application/grpc-web+proto",
      "application/grpcx",
      "application/proto",
      "",
    ]
  ) {
    assert.ok(!isGrpcProtoContentType(type), type);
  }
});

Deno.test("isGrpcContentType: any message format, but not gRPC-Web", () => {
  assert.ok(isGrpcContentType("application/grpc+json"));
  assert.ok(isGrpcContentType("application/grpc"));
  assert.ok(!isGrpcContentType("application/grpc-web+proto"));
});

Deno.test("readPrefixLength: reads what encodePrefix wrote, beyond 2^31 too", () => {
  for (const length of [0, 1, 255, 256, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    const prefix = encodePrefix(length);
    assert.equal(prefix[0], 0);
    assert.equal(readPrefixLength(prefix), length);
  }
});
