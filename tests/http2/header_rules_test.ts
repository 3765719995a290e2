/** Which header lists are well-formed. */
import assert from "node:assert/strict";
import { judgeRequest, trailersFault } from "../../lib/http2/header_rules.ts";
import type { HeaderList } from "../../lib/http2/mod.ts";
import { getRequest } from "./support/client.ts";

const without = (name: string): HeaderList => getRequest.filter(([key]) => key !== name);
const withField = (name: string, value: string): HeaderList => [...getRequest, [name, value]];

const malformed: [rule: string, list: HeaderList][] = [
  ["no :method (RFC 9113 §8.3.1)", without(":method")],
  ["no :scheme (RFC 9113 §8.3.1)", without(":scheme")],
  ["no :path (RFC 9113 §8.3.1)", without(":path")],
  ["empty :path (RFC 9113 §8.3.1)", [...without(":path"), [":path", ""]]],
  ["repeated :path (RFC 9113 §8.3)", [...getRequest, [":path", "/"]]],
  ["unknown pseudo field (RFC 9113 §8.3)", [[":protocol", "x"], ...getRequest]],
  ["pseudo field of a response (RFC 9113 §8.3)", [[":status", "200"], ...getRequest]],
  ["pseudo field after others (RFC 9113 §8.3)", [["a", "b"], ...getRequest]],
  ["upper case (RFC 9113 §8.2.1)", withField("X-Test", "ok")],
  ["space in a name (RFC 9113 §8.2.1)", withField("x test", "ok")],
  ["empty name (RFC 9110 §5.1)", withField("", "ok")],
  ["byte above 0x7f in a name (RFC 9113 §8.2.1)", withField("x-é", "ok")],
  ["colon in a name (RFC 9113 §8.2.1)", withField("x:y", "ok")],
  ["NUL in a value (RFC 9113 §8.2.1)", withField("x", "a\0b")],
  ["line feed in a value (RFC 9113 §8.2.1)", withField("x", "a\nb")],
  ["carriage return in a pseudo field (RFC 9113 §8.2.1)", [...without(":path"), [":path", "/\r"]]],
  ["space before a value (RFC 9113 §8.2.1)", withField("x", " a")],
  ["tab after a value (RFC 9113 §8.2.1)", withField("x", "a\t")],
  ["connection (RFC 9113 §8.2.2)", withField("connection", "close")],
  ["keep-alive (RFC 9113 §8.2.2)", withField("keep-alive", "1")],
  ["proxy-connection (RFC 9113 §8.2.2)", withField("proxy-connection", "x")],
  ["transfer-encoding (RFC 9113 §8.2.2)", withField("transfer-encoding", "chunked")],
  ["upgrade (RFC 9113 §8.2.2)", withField("upgrade", "h2c")],
  ["te other than trailers (RFC 9113 §8.2.2)", withField("te", "trailers, deflate")],
  ["content-length that is no number (RFC 9110 §8.6)", withField("content-length", "1x")],
  ["negative content-length (RFC 9110 §8.6)", withField("content-length", "-1")],
  ["two content-lengths (RFC 9110 §8.6)", [
    ...withField("content-length", "1"),
    ["content-length", "2"],
  ]],
  ["CONNECT with a path (RFC 9113 §8.5)", [[":method", "CONNECT"], ...without(":method")]],
];

for (const [rule, list] of malformed) {
  Deno.test(`judgeRequest: refuses ${rule}`, () => {
    assert.notEqual(judgeRequest(list).fault, null);
  });
}

Deno.test("judgeRequest: takes requests as clients send them (RFC 9113 §8.3.1)", () => {
  for (
    const list of [
      getRequest,
      without(":authority"),
      withField("te", "trailers"),
      withField("x", ""),
      withField("x", "é \x80"),
      withField("host", "localhost"),
      [[":method", "CONNECT"], [":authority", "localhost:1"]] satisfies HeaderList,
    ]
  ) assert.deepEqual(judgeRequest(list), { fault: null, contentBytes: -1 });
});

Deno.test("judgeRequest: reads content-length, also when repeated (RFC 9110 §8.6)", () => {
  const list: HeaderList = [...withField("content-length", "12"), ["content-length", "12"]];
  assert.deepEqual(judgeRequest(list), { fault: null, contentBytes: 12 });
});

Deno.test("trailersFault: refuses pseudo fields, and what a header list may not hold (RFC 9113 §8.1)", () => {
  assert.equal(trailersFault([["grpc-status", "0"]]), null);
  assert.notEqual(trailersFault([[":path", "/"]]), null);
  assert.notEqual(trailersFault([["connection", "close"]]), null);
});
