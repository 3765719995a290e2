/**
 * Unary gRPC requests through one {@linkcode Connection}, without sockets: what HTTP/2 itself costs.
 *
 * Run: deno run -A tests/bench/http2_bench.ts
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/mod.ts";
import {
  Connection,
  defaultLimits,
  encodeHeaderBlock,
  type HeaderList,
  HpackEncoder,
} from "../../lib/http2/mod.ts";
import {
  concatAll,
  dataFrame,
  endHeaders,
  endStream,
  frame,
  preface,
  settings,
} from "../http2/support/frames.ts";

const segmentBytes = 64 << 10;
const rounds = 7;
const head = encodeHeaderBlock([[":status", "200"], ["content-type", "application/grpc"]]);
const trailers = encodeHeaderBlock([["grpc-status", "0"]]);
const list: HeaderList = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/HistogrammerService/Fill"],
  [":authority", "127.0.0.1:50051"],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
  ["user-agent", "bench"],
];

/** Preface and `count` requests of one DATA frame each, the header block indexed from the second on. */
function requests(count: number, bodyBytes: number): Uint8Array {
  const encoder = new HpackEncoder();
  const body = new Uint8Array(bodyBytes);
  const frames = [
    preface,
    settings({ 4: 0x7fff_ffff }),
    frame(8, { payload: Uint8Array.of(127, 0, 0, 0) }),
  ];
  for (let i = 0; i < count; i++) {
    const streamId = 2 * i + 1;
    frames.push(frame(1, { flags: endHeaders, streamId, payload: encoder.encode(list) }));
    for (let at = 0; at < bodyBytes || at === 0; at += 16_384) {
      const piece = body.subarray(at, at + 16_384);
      const flags = at + 16_384 >= bodyBytes ? endStream : 0;
      frames.push(dataFrame(streamId, piece, { flags }));
    }
  }
  return concatAll(frames);
}

/** Milliseconds to receive all and take all replies. */
function run(bytes: Uint8Array, expected: { requests: number; bodyBytes: number }): number {
  const reply = new Uint8Array(5);
  let ended = 0;
  let received = 0;
  let written = 0;
  const startMs = performance.now();
  const connection = new Connection({
    request() {},
    data(stream, data, end) {
      received += data.length;
      if (data.length > 0 && !end) stream.credit(data.length);
      if (!end) return;
      stream.unaryReply(head, reply, trailers);
      ended++;
    },
    trailers() {},
    reset() {},
    writable() {},
  }, { limits: defaultLimits, clock: systemClock });
  for (let at = 0; at < bytes.length; at += segmentBytes) {
    connection.receive(bytes.subarray(at, at + segmentBytes));
    for (const piece of connection.takeOutput()) written += piece.length;
  }
  const ms = performance.now() - startMs;
  assert.equal(ended, expected.requests);
  assert.equal(received, expected.requests * expected.bodyBytes);
  assert.ok(written >= ended * (27 + head.length + trailers.length + reply.length));
  assert.equal(connection.isFinished, false);
  return ms;
}

for (
  const [bodyBytes, count] of [[5, 200_000], [2053, 50_000], [81_925, 1000], [
    1_048_581,
    100,
  ]] as const
) {
  const bytes = requests(count, bodyBytes);
  const rates = Array.from(
    { length: rounds },
    () => (count / run(bytes, { requests: count, bodyBytes })) * 1000,
  );
  rates.sort((a, b) => a - b);
  const [low, median, high] = [rates[0]!, rates[rounds >> 1]!, rates[rounds - 1]!].map(Math.round);
  console.log(`${bodyBytes} B bodies: ${median} requests/s (${low}–${high})`);
}
