/** Windows in both directions: lib/http2/inbound.ts and outbound.ts. */
import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { encodeHeaderBlock, ErrorCode } from "../../lib/http2/mod.ts";
import { postRequest, ScriptedClient } from "./support/client.ts";
import {
  concat,
  dataFrame,
  endStream,
  rstStream,
  settings,
  text,
  windowUpdate,
} from "./support/frames.ts";

const maxWindow = 0x7fff_ffff;
const small = { streamWindowBytes: 65_535, connectionWindowBytes: 100_000 };
const head = encodeHeaderBlock([[":status", "200"]]);
const trailers = encodeHeaderBlock([["grpc-status", "0"]]);

/** Stream 1 is open, its request still to come. */
function open(limits = {}, peerSettings = {}): ScriptedClient {
  const client = ScriptedClient.open(limits, peerSettings);
  client.send(client.requestFrame(1, postRequest, 0));
  client.heard();
  return client;
}

/** Stream 1 has ended its request and waits for an answer. */
function asking(peerSettings = {}, limits = {}): ScriptedClient {
  const client = ScriptedClient.open(limits, peerSettings);
  client.send(client.requestFrame(1));
  client.heard();
  return client;
}

Deno.test("Inbound: a stream's window is taken to the last byte, and not beyond (RFC 9113 §6.9.1)", () => {
  const client = open(small);
  client.send(dataFrame(1, new Uint8Array(65_535)));
  client.heard();
  client.send(dataFrame(1, "x"));
  assert.deepEqual(client.heard(), ["reset 1 FLOW_CONTROL_ERROR"]);
  assert.deepEqual(client.said(), ["RST_STREAM 1 FLOW_CONTROL_ERROR", "WINDOW_UPDATE 0 +65536"]);
});

Deno.test("Inbound: the connection's window is taken to the last byte, and not beyond (RFC 9113 §6.9.1)", () => {
  const client = open(small);
  client.send(client.requestFrame(3, postRequest, 0));
  client.send(dataFrame(1, new Uint8Array(65_535)), dataFrame(3, new Uint8Array(34_465)));
  assert.deepEqual(client.said(), []);
  client.send(dataFrame(3, "x"));
  assert.deepEqual(client.said(), ["GOAWAY 3 FLOW_CONTROL_ERROR"]);
});

Deno.test("Inbound: padding counts, and is credited at once (RFC 9113 §6.1)", () => {
  const client = open(small);
  for (let i = 0; i < 129; i++) client.send(dataFrame(1, "x", { pad: 255 }));
  // 129 × 257 bytes of which 256 were padding: half of 65,535 is credited at the 128th, 128 × 256 = 32,768.
  assert.deepEqual(client.said(), ["WINDOW_UPDATE 1 +32768"]);
});

Deno.test("Inbound: WINDOW_UPDATE waits until half of a window is credited (RFC 9113 §6.9)", () => {
  const client = open(small);
  client.send(dataFrame(1, new Uint8Array(60_000)));
  client.stream(1).credit(32_767);
  assert.deepEqual(client.said(), []);
  client.stream(1).credit(1);
  assert.deepEqual(client.said(), ["WINDOW_UPDATE 1 +32768"]);
  client.stream(1).credit(17_232); // 50,000 in all: half of the connection's 100,000.
  assert.deepEqual(client.said(), ["WINDOW_UPDATE 0 +50000"]);
});

Deno.test("Inbound: no more can be credited than was received", () => {
  const client = open(small);
  client.send(dataFrame(1, new Uint8Array(40_000)));
  client.stream(1).credit(maxWindow);
  assert.deepEqual(client.said(), ["WINDOW_UPDATE 1 +40000"]);
});

Deno.test("Inbound: a stream that closes gives the connection back what was not credited (RFC 9113 §6.9)", () => {
  const client = open(small);
  client.send(dataFrame(1, new Uint8Array(60_000)), rstStream(1));
  assert.deepEqual(client.said(), ["WINDOW_UPDATE 0 +60000"]);
});

Deno.test("Inbound: data for a stream that we reset still count, and are credited (RFC 9113 §5.1)", () => {
  const client = open(small);
  client.stream(1).reset(ErrorCode.CANCEL);
  client.send(dataFrame(1, new Uint8Array(50_000)), dataFrame(1, new Uint8Array(50_000)));
  assert.deepEqual(client.said(), [
    "RST_STREAM 1 CANCEL",
    "WINDOW_UPDATE 0 +50000",
    "WINDOW_UPDATE 0 +50000",
  ]);
});

Deno.test("Inbound: however streams end, the connection's window comes back (RFC 9113 §6.9, seeded)", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new SeededPrng(seed);
    const client = ScriptedClient.open(small);
    let window = small.connectionWindowBytes;
    for (let id = 1; id < 600; id += 2) {
      client.send(client.requestFrame(id, postRequest, 0));
      const stream = client.stream(id);
      for (let frames = prng.int(0, 4); frames > 0; frames--) {
        if (prng.int(0, 8) === 0) stream.reset(ErrorCode.CANCEL);
        if (prng.int(0, 3) === 0) stream.credit(prng.int(0, 20_000));
        const data = dataFrame(id, new Uint8Array(prng.int(0, 9000)), { pad: prng.int(0, 256) });
        window -= data.length - 9;
        client.send(data);
      }
      if (prng.int(0, 2) === 0 || stream.isClosed) client.send(rstStream(id));
      else {
        client.send(dataFrame(id, "", { flags: endStream }));
        stream.respondBlock(head, true);
      }
      for (const { type, streamId, payload } of client.frames()) {
        if (type === 8 && streamId === 0) window += new DataView(payload.buffer).getUint32(0);
      }
      assert.ok(window > small.connectionWindowBytes / 2, `seed ${seed}: ${window} left`);
    }
    assert.equal(client.connection.openStreams, 0);
    assert.equal(client.connection.isFinished, false, `seed ${seed}`);
  }
});

Deno.test("Inbound: a body above all windows passes as it is credited (RFC 9113 §5.2)", () => {
  const client = open(small);
  client.onData = (stream, data) => stream.credit(data.length);
  for (let i = 0; i < 64; i++) client.send(dataFrame(1, new Uint8Array(16_384)));
  assert.equal(client.bodies.get(1)!.length, 1 << 20);
  assert.deepEqual(client.heard().filter((event) => event.startsWith("reset")), []);
});

Deno.test("Outbound: sends what the stream's window allows, then goes on (RFC 9113 §5.2)", () => {
  const client = asking({ 4: 10 });
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(new Uint8Array(25), true);
  assert.deepEqual(client.said(), ["HEADERS 1", "DATA 1 (10)"]);
  assert.equal(client.stream(1).queuedBytes, 15);
  client.send(windowUpdate(1, 5));
  assert.deepEqual(client.said(), ["DATA 1 (5)"]);
  client.send(windowUpdate(1, 100));
  assert.deepEqual(client.said(), ["DATA 1 (10) END_STREAM"]);
  assert.equal(client.stream(1).isClosed, true);
});

Deno.test("Outbound: sends what the connection's window allows, in turns (RFC 9113 §5.2)", () => {
  const client = ScriptedClient.open({}, { 4: maxWindow });
  client.send(client.requestFrame(1), client.requestFrame(3));
  for (const id of [1, 3]) {
    client.stream(id).respondBlock(head, false);
    client.stream(id).send(new Uint8Array(40_000), true);
  }
  assert.deepEqual(client.said(), [
    "HEADERS 1",
    "HEADERS 3",
    "DATA 1 (16384)",
    "DATA 3 (16384)",
    "DATA 1 (16384)",
    "DATA 3 (16383)", // 65,535 in all.
  ]);
  assert.equal(client.connection.hasOutput, false);
  client.send(windowUpdate(0, 10_000));
  assert.deepEqual(client.said(), ["DATA 1 (7232) END_STREAM", "DATA 3 (2768)"]);
});

Deno.test("Outbound: windows go negative, and must be made up for (RFC 9113 §6.9.2)", () => {
  const client = asking({ 4: 100 });
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(new Uint8Array(150), true);
  client.frames();
  client.send(settings({ 4: 20 })); // 0 - 80.
  client.send(windowUpdate(1, 80));
  assert.deepEqual(client.said(), ["SETTINGS ACK"]);
  client.send(windowUpdate(1, 1));
  assert.deepEqual(client.said(), ["DATA 1 (1)"]);
  client.send(settings({ 4: 70 }));
  assert.deepEqual(client.said(), ["SETTINGS ACK", "DATA 1 (49) END_STREAM"]);
});

Deno.test("Outbound: a window above 2^31-1 is an error of its stream, or of the connection (RFC 9113 §6.9.1)", () => {
  const stream = asking();
  stream.send(windowUpdate(1, maxWindow - 65_535));
  assert.deepEqual(stream.said(), []);
  stream.send(windowUpdate(1, 1));
  assert.deepEqual(stream.said(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"]);
  assert.deepEqual(stream.heard(), ["reset 1 FLOW_CONTROL_ERROR"]);
  const connection = asking();
  connection.send(windowUpdate(0, maxWindow - 65_535), windowUpdate(0, 1));
  assert.deepEqual(connection.said(), ["GOAWAY 1 FLOW_CONTROL_ERROR"]);
  const bySettings = asking();
  bySettings.send(windowUpdate(1, maxWindow - 65_535), settings({ 4: 65_536 }));
  assert.deepEqual(bySettings.said(), ["GOAWAY 1 FLOW_CONTROL_ERROR"]);
});

Deno.test("Outbound: WINDOW_UPDATE of 0 is an error of its stream (RFC 9113 §6.9)", () => {
  const client = asking();
  client.send(windowUpdate(1, 0));
  assert.deepEqual(client.said(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
});

Deno.test("Outbound: the peer's MAX_FRAME_SIZE bounds DATA and header blocks (RFC 9113 §4.2, §6.10)", () => {
  const client = asking({ 5: 20_000 });
  const list = [[":status", "200"], ["x", "\u0000".repeat(45_000)]] as const;
  client.stream(1).respond(list, false);
  client.stream(1).send(new Uint8Array(45_000), true);
  const frames = client.frames();
  assert.deepEqual(frames.map(({ type, payload }) => [type, payload.length]), [
    [1, 20_000],
    [9, 20_000],
    [9, 5_008], // 1 for :status; 1, 2 for the name and 4, 45,000 for the value of x.
    [0, 20_000],
    [0, 20_000],
    [0, 5_000],
  ]);
  const block = concat(...frames.slice(0, 3).map(({ payload }) => payload));
  assert.deepEqual(client.decoder.decode(block).headers, list);
});

Deno.test("Outbound: pieces of a body share frames, and keep their order", () => {
  const client = asking();
  client.stream(1).respondBlock(head, false);
  for (const piece of ["one ", "two ", "three"]) {
    client.stream(1).send(text(piece), piece === "three");
  }
  const frames = client.frames();
  assert.equal(frames.length, 2);
  assert.deepEqual(frames[1]!.payload, text("one two three"));
});

Deno.test("Outbound: trailers follow the body, however long it waits (RFC 9113 §8.1)", () => {
  const client = asking({ 4: 4 });
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(text("hello"), false);
  client.stream(1).respondBlock(trailers, true);
  assert.deepEqual(client.said(), ["HEADERS 1", "DATA 1 (4)"]);
  client.send(windowUpdate(1, 1));
  assert.deepEqual(client.said(), ["DATA 1 (1)", "HEADERS 1 END_STREAM"]);
});

Deno.test("Outbound: an empty end needs no window (RFC 9113 §6.9.1)", () => {
  const client = asking({ 4: 0 });
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(new Uint8Array(0), true);
  assert.deepEqual(client.said(), ["HEADERS 1", "DATA 1 (0) END_STREAM"]);
});

Deno.test("unaryReply: head, body and trailers in one piece (RFC 9113 §8.1)", () => {
  const client = asking();
  client.stream(1).unaryReply(head, text("hello"), trailers);
  const pieces = client.connection.takeOutput();
  assert.equal(pieces.length, 1);
  assert.equal(pieces[0]!.length, 27 + head.length + 5 + trailers.length);
  assert.equal(client.stream(1).isClosed, true);
});

Deno.test("unaryReply: waits where windows or sizes do not allow it at once (RFC 9113 §5.2)", () => {
  for (
    const [peerSettings, bytes, expected] of [
      [{ 4: 3 }, 5, ["HEADERS 1", "DATA 1 (3)"]],
      [{ 4: 1 << 20 }, 20_000, [
        "HEADERS 1",
        "DATA 1 (16384)",
        "DATA 1 (3616)",
        "HEADERS 1 END_STREAM",
      ]],
      [{ 4: 0 }, 0, ["HEADERS 1", "HEADERS 1 END_STREAM"]],
    ] as const
  ) {
    const client = asking(peerSettings);
    client.stream(1).unaryReply(head, new Uint8Array(bytes), trailers);
    assert.deepEqual(client.said(), expected);
  }
});

Deno.test("Outbound: a smaller HEADER_TABLE_SIZE is answered by an empty table, once (RFC 7541 §4.2)", () => {
  const client = ScriptedClient.open({}, { 1: 100 });
  client.send(client.requestFrame(1), client.requestFrame(3), settings({ 1: 0 }));
  const blocks = [1, 3].flatMap((id) => {
    client.stream(id).unaryReply(head, text("x"), trailers);
    return client.frames().filter(({ type }) => type === 1).map(({ payload }) => payload);
  });
  assert.deepEqual(blocks, [concat(Uint8Array.of(0x20), head), trailers, head, trailers]);
});

Deno.test("Outbound: a body of 500 MB is framed as it is taken, and not copied", () => {
  const client = asking({ 4: maxWindow, 5: 1 << 20 });
  client.send(windowUpdate(0, maxWindow - 65_535));
  const body = new Uint8Array(500_000_000); // Zero pages: no memory unless it is read.
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(body, true);
  let bytes = 0;
  let takes = 0;
  for (let pieces = client.connection.takeOutput(); pieces.length > 0; takes++) {
    const taken = pieces.reduce((sum, piece) => sum + piece.length, 0);
    assert.ok(taken <= (512 + 256) * 1024 + 100, `${taken} bytes at once`);
    for (const piece of pieces) {
      if (piece.buffer === body.buffer) bytes += piece.length;
      else assert.ok(piece.length < 100, `${piece.length} bytes copied`);
    }
    pieces = client.connection.takeOutput();
  }
  assert.equal(bytes, 500_000_000);
  assert.ok(takes > 900);
  assert.equal(client.stream(1).isClosed, true);
});

Deno.test("writable: comes when a long queue has become short, once", () => {
  const client = asking({ 4: maxWindow, 5: 1 << 20 });
  const stream = client.stream(1);
  stream.respondBlock(head, false);
  stream.send(new Uint8Array(400_000), false);
  client.onWritable = () => {
    client.onWritable = () => {};
    stream.send(new Uint8Array(10), true);
  };
  client.send(windowUpdate(0, 1 << 20));
  assert.deepEqual(client.heard(), []);
  client.bytes();
  assert.deepEqual(client.heard(), ["writable 1"]);
  assert.equal(stream.isClosed, true);
});

Deno.test("reset: NO_ERROR waits for a whole response, and asks the client to stop (RFC 9113 §8.1)", () => {
  const client = open({}, { 4: 3 });
  const stream = client.stream(1);
  stream.unaryReply(head, text("hello"), trailers);
  stream.reset(ErrorCode.NO_ERROR);
  assert.deepEqual(client.said(), ["HEADERS 1", "DATA 1 (3)"]);
  client.send(windowUpdate(1, 9));
  assert.deepEqual(client.said(), ["DATA 1 (2)", "HEADERS 1 END_STREAM", "RST_STREAM 1 NO_ERROR"]);
  const atOnce = open();
  atOnce.stream(1).unaryReply(head, text("hello"), trailers);
  atOnce.stream(1).reset(ErrorCode.NO_ERROR);
  assert.equal(atOnce.said().at(-1), "RST_STREAM 1 NO_ERROR");
});

Deno.test("reset: after a request that has ended there is nothing to stop (RFC 9113 §8.1)", () => {
  const client = open({}, { 4: 3 });
  client.stream(1).unaryReply(head, text("hello"), trailers);
  client.stream(1).reset(ErrorCode.NO_ERROR);
  client.send(dataFrame(1, "", { flags: endStream }), windowUpdate(1, 9));
  assert.equal(client.said().at(-1), "HEADERS 1 END_STREAM");
});

Deno.test("reset: any other code drops what is queued (RFC 9113 §6.4)", () => {
  const client = asking();
  client.stream(1).respondBlock(head, false);
  client.stream(1).send(new Uint8Array(5), true);
  client.stream(1).reset(ErrorCode.INTERNAL_ERROR);
  assert.deepEqual(client.said(), ["HEADERS 1", "RST_STREAM 1 INTERNAL_ERROR"]);
});
