import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ManualClock } from "../../lib/base/mod.ts";
import { fakeState, framed, pattern, prefix, RecordingMethod, startCall } from "./fake_stream.ts";

const resourceExhausted = 8;
const unimplemented = 12;
const internal = 13;
const noError = 0;

Deno.test("DirectCall: a body in one piece is served at once, without being buffered", () => {
  const { stream, call, method, state } = startCall();
  call.data(framed(pattern(2_000)), true);
  assert.deepEqual(method.messages, [pattern(2_000)]);
  assert.deepEqual(stream.acts.map((act) => act.kind), ["headers", "data", "headers"]);
  assert.deepEqual(stream.body, new Uint8Array(5));
  assert.equal(stream.status!.code, 0);
  assert.equal(state.buffers.usedBytes, 0);
});

Deno.test("DirectCall: a body is the same message wherever it is cut", () => {
  const body = framed(pattern(300));
  for (let first = 0; first <= body.length; first++) {
    for (const second of [first, Math.min(first + 3, body.length), body.length]) {
      const { stream, call, method, state } = startCall();
      call.data(body.subarray(0, first), false);
      call.data(body.subarray(first, second), false);
      call.data(body.subarray(second), true);
      assert.deepEqual(method.messages, [pattern(300)], `cut at ${first} and ${second}`);
      assert.equal(method.heads.length, 1);
      assert.ok(method.heads[0]!.length >= 64);
      assert.equal(stream.status!.code, 0);
      assert.equal(state.buffers.usedBytes, 0);
    }
  }
});

Deno.test("DirectCall: END_STREAM may come alone or with trailers", () => {
  for (const end of ["data", "trailers"] as const) {
    const { stream, call, method } = startCall();
    call.data(framed(pattern(10)), false);
    assert.equal(method.messages.length, 0);
    if (end === "data") call.data(new Uint8Array(0), true);
    else call.trailers();
    assert.deepEqual(method.messages, [pattern(10)]);
    assert.equal(stream.status!.code, 0);
  }
});

Deno.test("DirectCall: the empty message is a message", () => {
  for (const flag of [0, 1]) {
    const headers = [["grpc-encoding", "gzip"]] as const;
    const { stream, call, method } = startCall({ headers });
    call.data(prefix(0, flag), false);
    call.data(new Uint8Array(0), true);
    assert.deepEqual(method.messages, [new Uint8Array(0)]);
    assert.equal(stream.status!.code, 0);
  }
});

Deno.test("DirectCall: lies of the prefix are answered with a status, never by waiting (gRPC over HTTP2)", () => {
  const cases: [title: string, pieces: Uint8Array[], code: number][] = [
    ["no message", [new Uint8Array(0)], unimplemented],
    ["prefix cut", [prefix(3).subarray(0, 3)], internal],
    ["announced more than sent", [prefix(100), pattern(3)], internal],
    ["two messages", [framed(pattern(3)), framed(pattern(3))], unimplemented],
    ["two empty messages", [prefix(0), prefix(0)], unimplemented],
    ["trailing bytes", [framed(pattern(3)), pattern(2)], unimplemented],
    ["trailing bytes in one piece", [new Uint8Array([...prefix(0), 1, 2])], unimplemented],
    ["flag 255", [prefix(3, 255), pattern(3)], internal],
    ["flag 2", [framed(pattern(3), 2)], internal],
    ["compressed without an encoding", [framed(pattern(3), 1)], internal],
    ["4 GiB announced", [prefix(2 ** 32 - 1), pattern(3)], resourceExhausted],
  ];
  for (const [title, pieces, code] of cases) {
    for (const separateEnd of [false, true]) {
      const { stream, call, method, state } = startCall();
      pieces.forEach((piece, i) => call.data(piece, !separateEnd && i === pieces.length - 1));
      if (separateEnd) call.data(new Uint8Array(0), true);
      assert.equal(stream.status?.code, code, title);
      assert.equal(method.messages.length, 0, title);
      assert.equal(state.buffers.usedBytes, 0, title);
    }
  }
});

Deno.test("DirectCall: a request without a body has no message", () => {
  const { stream } = startCall({ endStream: true });
  assert.equal(stream.status!.code, unimplemented);
  assert.equal(stream.acts.length, 1); // the request has ended: nothing to reset
});

Deno.test("DirectCall: a length above the limit is refused at the prefix, and the rest not read (RFC 9113 §8.1)", () => {
  const { stream, call, method, state } = startCall({
    state: fakeState({ messageBytesMax: 1_000 }),
  });
  call.data(prefix(1_001), false);
  assert.deepEqual(stream.status, {
    code: resourceExhausted,
    message: "Received message larger than max (1001 vs. 1000)",
  });
  assert.deepEqual(stream.acts.at(-1), { kind: "reset", code: noError });
  call.data(pattern(500), false);
  call.data(pattern(501), true);
  assert.equal(stream.acts.length, 2);
  assert.deepEqual([method.heads, method.messages], [[], []]);
  assert.equal(state.buffers.usedBytes, 0);
});

Deno.test("DirectCall: admit refuses before the body is buffered", () => {
  const method = new RecordingMethod();
  method.admission = { code: 5, message: "unknown histogram id: é" };
  const { stream, call, state } = startCall({ method });
  call.data(prefix(1_000_000), false);
  assert.equal(stream.status, null);
  call.data(pattern(64), false);
  assert.deepEqual(stream.status, { code: 5, message: "unknown histogram id: é" });
  assert.deepEqual(stream.acts.at(-1), { kind: "reset", code: noError });
  assert.deepEqual(method.heads, [pattern(64)]);
  assert.equal(state.buffers.usedBytes, 0);
});

Deno.test("DirectCall: the most bytes that admit allows are allowed, one more is not", () => {
  for (const inOnePiece of [true, false]) {
    for (const [length, code] of [[500, 0], [501, resourceExhausted]] as const) {
      const method = new RecordingMethod();
      method.admission = { maxBytes: 500 };
      const { stream, call } = startCall({ method });
      const body = framed(pattern(length));
      if (inOnePiece) call.data(body, true);
      else {
        call.data(body.subarray(0, 100), false);
        call.data(body.subarray(100), true);
      }
      assert.equal(stream.status!.code, code);
    }
  }
});

Deno.test("DirectCall: memory grows with what arrives, not with what is announced", () => {
  const { call, method, state } = startCall();
  method.admission = { maxBytes: 1 << 26 };
  call.data(prefix(1 << 26), false);
  assert.equal(state.buffers.usedBytes, 0);
  call.data(pattern(100), false);
  assert.equal(state.buffers.usedBytes, 4_096);
  call.data(pattern(100_000), false);
  assert.equal(state.buffers.usedBytes, 1 << 20);
  call.data(pattern(1 << 20), false);
  assert.ok(state.buffers.usedBytes <= 4 << 20);
});

Deno.test("DirectCall: beyond the budget of the listener a message is refused, and the budget comes back", () => {
  const state = fakeState({ budgetBytes: 8_192 });
  const first = startCall({ state });
  const second = startCall({ state });
  const third = startCall({ state });
  for (const { call } of [first, second, third]) {
    call.data(prefix(1_000), false);
    call.data(pattern(100), false);
  }
  assert.equal(third.stream.status!.code, resourceExhausted);
  first.call.reset();
  assert.equal(state.buffers.usedBytes, 4_096);
  second.call.data(pattern(900), true);
  assert.equal(second.stream.status!.code, 0);
  assert.equal(state.buffers.usedBytes, 0);
});

Deno.test("DirectCall: gzip, whole or in pieces, with the decompressed head for admit", () => {
  const message = pattern(50_000);
  const body = framed(gzipSync(message), 1);
  for (const cut of [3, 50, body.length - 1, body.length]) {
    const { stream, call, method } = startCall({ headers: [["grpc-encoding", "gzip"]] });
    call.data(body.subarray(0, cut), cut === body.length);
    if (cut < body.length) call.data(body.subarray(cut), true);
    assert.equal(stream.status!.code, 0);
    assert.deepEqual(method.messages, [message]);
    assert.deepEqual(method.heads[0]!.subarray(0, 64), message.subarray(0, 64));
  }
});

Deno.test("DirectCall: with grpc-encoding gzip a message may still be uncompressed", () => {
  const { stream, call, method } = startCall({ headers: [["grpc-encoding", "gzip"]] });
  call.data(framed(pattern(10), 0), true);
  assert.equal(stream.status!.code, 0);
  assert.deepEqual(method.messages, [pattern(10)]);
});

Deno.test("DirectCall: a gzip bomb stops at what admit allowed", () => {
  const method = new RecordingMethod();
  method.admission = { maxBytes: 1 << 20 };
  const { stream, call, state } = startCall({ method, headers: [["grpc-encoding", "gzip"]] });
  const before = Deno.memoryUsage().rss;
  call.data(framed(gzipSync(new Uint8Array(100 << 20)), 1), true);
  assert.equal(stream.status!.code, resourceExhausted);
  assert.equal(method.messages.length, 0);
  assert.equal(state.buffers.usedBytes, 0);
  assert.ok(Deno.memoryUsage().rss - before < 150 << 20);
});

Deno.test("DirectCall: gzip garbage is an internal error", () => {
  const { stream, call } = startCall({ headers: [["grpc-encoding", "gzip"]] });
  call.data(framed(new TextEncoder().encode("notgzip!!"), 1), true);
  assert.equal(stream.status!.code, internal);
});

Deno.test("DirectCall: an unknown encoding is told which ones there are (gRPC compression.md)", () => {
  const { stream } = startCall({ headers: [["grpc-encoding", "snappy"]] });
  const head = stream.acts[0]!;
  assert.equal(stream.status!.code, unimplemented);
  assert.ok(head.kind === "headers" && head.headers["grpc-accept-encoding"] === "identity,gzip");
});

Deno.test("DirectCall: the first x-histserv-token wins, an empty one too", () => {
  const cases: [tokens: string[], token: string | null][] = [
    [[], null],
    [[""], ""],
    [["a", "b"], "a"],
  ];
  for (const [tokens, token] of cases) {
    const headers = tokens.map((value) => ["x-histserv-token", value] as const);
    const { call, method } = startCall({ headers });
    call.data(prefix(0), true);
    assert.deepEqual(method.tokens, [token]);
  }
});

Deno.test("DirectCall: a grpc-timeout that is none is an invalid argument", () => {
  const { stream } = startCall({ headers: [["grpc-timeout", "zzz"]] });
  assert.equal(stream.status!.code, 3);
});

Deno.test("DirectCall: the deadline is answered while the method still works, and its reply goes nowhere", () => {
  const clock = new ManualClock();
  const state = fakeState({ clock });
  const method = new RecordingMethod();
  method.answersAtOnce = false;
  const { stream, call } = startCall({ method, state, headers: [["grpc-timeout", "1S"]] });
  call.data(prefix(0), true);
  clock.advance(990);
  state.deadlines.advance();
  assert.equal(method.replies[0]!.isCancelled, false);
  clock.advance(30);
  state.deadlines.advance();
  assert.equal(stream.status!.code, 4);
  assert.equal(method.replies[0]!.isCancelled, true);
  method.replies[0]!.ok([]);
  method.replies[0]!.fail(13, "late");
  assert.equal(stream.acts.length, 1);
  assert.equal(state.deadlines.count, 0);
  state.deadlines.close();
});

Deno.test("DirectCall: the deadline of a request that never ends resets it, too", () => {
  const clock = new ManualClock();
  const state = fakeState({ clock });
  const { stream, call } = startCall({ state, headers: [["grpc-timeout", "50m"]] });
  call.data(prefix(1_000), false);
  call.data(pattern(100), false);
  clock.advance(100);
  state.deadlines.advance();
  assert.equal(stream.status!.code, 4);
  assert.deepEqual(stream.acts.at(-1), { kind: "reset", code: noError });
  assert.equal(state.buffers.usedBytes, 0);
  state.deadlines.close();
});

Deno.test("DirectCall: an answer in time takes the deadline away", () => {
  const state = fakeState();
  const { call } = startCall({ state, headers: [["grpc-timeout", "10S"]] });
  assert.equal(state.deadlines.count, 1);
  call.data(prefix(0), true);
  assert.equal(state.deadlines.count, 0);
  state.deadlines.close();
});

Deno.test("DirectCall: a reset by the peer cancels, and the late reply goes nowhere", () => {
  const method = new RecordingMethod();
  method.answersAtOnce = false;
  const { stream, call } = startCall({ method });
  call.data(prefix(0), true);
  call.reset();
  assert.equal(method.replies[0]!.isCancelled, true);
  method.replies[0]!.ok([pattern(10)]);
  assert.deepEqual(stream.acts, []);
});

Deno.test("DirectReply: answering twice is a bug", () => {
  const { call, method } = startCall();
  call.data(prefix(0), true);
  assert.throws(() => method.replies[0]!.ok([]), { name: "AssertionError" });
  assert.throws(() => method.replies[0]!.fail(0, ""), { name: "AssertionError" });
});

Deno.test("DirectReply: pieces of any size make one message", () => {
  for (
    const sizes of [[10], [0, 10], [1, 2, 3], [100, 70_000], [70_000, 20_000], [20, 0, 65_600]]
  ) {
    const method = new RecordingMethod();
    method.answersAtOnce = false;
    const { stream, call } = startCall({ method });
    call.data(prefix(0), true);
    method.replies[0]!.ok(sizes.map(pattern));
    const expected = framed(new Uint8Array(sizes.flatMap((size) => [...pattern(size)])));
    assert.deepEqual(stream.body, expected, String(sizes));
    assert.deepEqual(stream.acts.at(-1), {
      kind: "headers",
      headers: { "grpc-status": "0" },
      endStream: true,
    });
  }
});

Deno.test("DirectCall: credits every piece but the last", () => {
  const { stream, call } = startCall();
  const body = framed(pattern(1_000));
  call.data(body.subarray(0, 400), false);
  call.data(body.subarray(400), true);
  assert.equal(stream.creditedBytes, 400);
});
