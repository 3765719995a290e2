/** Properties that hold for any cut and any noise: lib/http2/frame_reader.ts, and the whole. */
import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { encodeHeaderBlock, HpackEncoder } from "../../lib/http2/mod.ts";
import { getRequest, postRequest, ScriptedClient } from "./support/client.ts";
import {
  concat,
  dataFrame,
  endHeaders,
  endStream,
  frame,
  hasPriority,
  padded,
  ping,
  preface,
  priority,
  rstStream,
  settings,
  text,
  windowUpdate,
} from "./support/frames.ts";

const head = encodeHeaderBlock([[":status", "200"]]);
const trailers = encodeHeaderBlock([["grpc-status", "0"]]);

/** Everything legal that a client may send, without the preface. */
function conversation(): Uint8Array[] {
  const encoder = new HpackEncoder();
  const block = encoder.encode([...postRequest, ["x-long", "y".repeat(200)]]);
  const request = (streamId: number, list = getRequest, flags = endStream | endHeaders) =>
    frame(1, { flags, streamId, payload: encoder.encode(list) });
  return [
    settings({ 3: 100, 4: 1 << 20, 5: 1 << 20 }),
    settings({}, 1),
    frame(1, { streamId: 1, payload: block.subarray(0, 40) }),
    frame(9, { streamId: 1, payload: block.subarray(40, 100) }),
    frame(9, { flags: endHeaders, streamId: 1, payload: block.subarray(100) }),
    dataFrame(1, "hello "),
    dataFrame(1, "padded ", { pad: 5 }),
    windowUpdate(0, 1000),
    dataFrame(1, "", { pad: 3 }),
    request(3),
    frame(0xbb, { payload: text("unknown") }),
    dataFrame(1, "world", { flags: endStream, pad: 200 }),
    frame(1, {
      flags: endHeaders | hasPriority | padded,
      streamId: 5,
      payload: Uint8Array.from([2, 0, 0, 0, 1, 9, ...encoder.encode(postRequest), 0, 0]),
    }),
    dataFrame(5, "to be reset"),
    rstStream(5),
    ping(),
    priority(9, 1),
    request(7, postRequest, endHeaders),
    dataFrame(7, "x".repeat(300)),
    request(7, [["x-trailer", "1"]]),
  ];
}

/** What the owner heard, data joined, and what the client was told. */
function outcome(client: ScriptedClient): unknown {
  const events = client.heard().filter((event) => !/^data \d+ \(\d+\)$/.test(event))
    .map((event) => event.replace(/\(\d+\)/, ""));
  return [events, [...client.bodies].map(([id, body]) => [id, String.fromCharCode(...body)])];
}

function server(): ScriptedClient {
  const client = new ScriptedClient();
  client.onData = (stream, data, end) => {
    stream.credit(data.length);
    if (end) stream.unaryReply(head, text("reply"), trailers);
  };
  return client;
}

Deno.test("FrameReader: a segment's end at any byte changes nothing (RFC 9113 §4.1)", () => {
  const bytes = concat(preface, ...conversation());
  const whole = server();
  whole.send(bytes);
  const expected = outcome(whole);
  const output = whole.bytes();
  assert.equal(whole.connection.isFinished, false);
  for (let cut = 1; cut < bytes.length; cut++) {
    const client = server();
    client.send(bytes.subarray(0, cut));
    client.send(bytes.subarray(cut));
    assert.deepEqual(outcome(client), expected, `cut at ${cut}`);
    assert.deepEqual(client.bytes(), output, `cut at ${cut}`);
  }
});

Deno.test("FrameReader: segments of any one length change nothing (RFC 9113 §4.1)", () => {
  const bytes = concat(preface, ...conversation());
  const whole = server();
  whole.send(bytes);
  const expected = outcome(whole);
  for (let length = 1; length < 64; length++) {
    const client = server();
    for (let at = 0; at < bytes.length; at += length) client.send(bytes.slice(at, at + length));
    assert.deepEqual(outcome(client), expected, `segments of ${length}`);
  }
});

Deno.test("FrameReader: the segment may be overwritten after the call", () => {
  const bytes = concat(preface, ...conversation());
  const whole = server();
  whole.send(bytes);
  const client = server();
  const segment = new Uint8Array(50);
  for (let at = 0; at < bytes.length; at += 50) {
    const piece = bytes.subarray(at, at + 50);
    segment.set(piece);
    client.send(segment.subarray(0, piece.length));
    segment.fill(0xee);
  }
  assert.deepEqual(outcome(client), outcome(whole));
  assert.deepEqual([...client.headers], [...whole.headers]);
});

Deno.test("FrameReader: DATA are views of the segment, and no frame is buffered for them", () => {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, postRequest, 0));
  const segment = concat(frame(0, { streamId: 1, length: 1 << 20 }), new Uint8Array(1000));
  let isView = false;
  client.onData = (_, data) => isView = data.buffer === segment.buffer;
  client.connection.receive(segment);
  assert.equal(isView, true);
  assert.equal(client.bodies.get(1)!.length, 1000);
});

/** Sends `bytes` in random segments; answers everything; the invariants must hold throughout. */
function survive(bytes: Uint8Array, prng: SeededPrng): void {
  const client = server();
  client.onRequest = (stream, end) => {
    if (end) stream.unaryReply(head, text("reply"), trailers);
    if (prng.int(0, 10) === 0) stream.reset(8);
  };
  for (let at = 0; at < bytes.length;) {
    const length = prng.int(1, 300);
    client.connection.receive(bytes.subarray(at, at + length));
    at += length;
    client.tick(prng.int(0, 500));
    assert.ok(client.connection.openStreams <= 250);
    assert.ok(client.connection.outputBytes < 100_000, `${client.connection.outputBytes} bytes`);
    if (prng.int(0, 4) === 0) client.frames(); // Well-formed, at least.
  }
  client.connection.socketClosed();
  assert.equal(client.connection.openStreams, 0);
}

Deno.test("Connection: random bytes never throw, and output stays bounded (seeded)", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const prng = new SeededPrng(seed);
    const noise = Uint8Array.from({ length: prng.int(1, 3000) }, () => prng.int(0, 256));
    try {
      survive(concat(preface, settings(), noise), prng);
    } catch (error) {
      throw new Error(`Cannot survive seed ${seed}`, { cause: error });
    }
  }
});

Deno.test("Connection: mutated conversations never throw, and output stays bounded (seeded)", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const prng = new SeededPrng(seed);
    const frames = conversation();
    for (let mutations = prng.int(1, 6); mutations > 0; mutations--) {
      const index = prng.int(0, frames.length);
      const copy = frames[index]!.slice();
      const kind = prng.int(0, 4);
      if (kind === 0) copy[prng.int(0, copy.length)]! ^= 1 << prng.int(0, 8);
      if (kind === 1) copy[prng.int(0, Math.min(9, copy.length))] = prng.int(0, 256);
      if (kind === 2) frames.splice(prng.int(0, frames.length), 0, copy);
      frames[index] = kind === 3 ? copy.subarray(0, prng.int(0, copy.length)) : copy;
    }
    try {
      survive(concat(preface, ...frames), prng);
    } catch (error) {
      throw new Error(`Cannot survive seed ${seed}`, { cause: error });
    }
  }
});
