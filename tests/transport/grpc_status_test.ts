import assert from "node:assert/strict";
import { encodeGrpcMessage, encodeTrailersOnly } from "../../lib/transport/grpc_status.ts";
import { decodeBlock } from "./fake_stream.ts";

Deno.test("encodeGrpcMessage: leaves printable ASCII but the percent sign (gRPC over HTTP2, Responses)", () => {
  const plain = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join(
    "",
  );
  assert.equal(encodeGrpcMessage(plain), plain.replace("%", "%25"));
});

Deno.test("encodeGrpcMessage: encodes the bytes of UTF-8 in upper-case hexadecimal", () => {
  const cases: [message: string, encoded: string][] = [
    ["", ""],
    ["nope é", "nope %C3%A9"], // as grpcio sends it
    ["100%", "100%25"],
    ["tab\tline\r\nnul\0del\x7f", "tab%09line%0D%0Anul%00del%7F"],
    ["☺ 😀", "%E2%98%BA %F0%9F%98%80"],
    ["\ud800", "%EF%BF%BD"], // a lone surrogate is U+FFFD
  ];
  for (const [message, encoded] of cases) assert.equal(encodeGrpcMessage(message), encoded);
});

Deno.test("encodeGrpcMessage: cuts at a character so that clients' metadata limits hold", () => {
  assert.equal(encodeGrpcMessage("a".repeat(5000)), "a".repeat(4096));
  // 6 characters each: 682 · 6 = 4092
  assert.equal(encodeGrpcMessage("é".repeat(1000)), "%C3%A9".repeat(682));
});

Deno.test("encodeTrailersOnly: is one block with status, content type and encodings", () => {
  assert.deepEqual(decodeBlock(encodeTrailersOnly(3, "bad é")), {
    ":status": "200",
    "content-type": "application/grpc",
    "grpc-accept-encoding": "identity,gzip",
    "grpc-status": "3",
    "grpc-message": "bad %C3%A9",
  });
});
