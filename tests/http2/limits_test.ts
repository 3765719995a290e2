/** Floods and stalls: each limit of Http2Limits, to the last that is allowed and one beyond. */
import assert from "node:assert/strict";
import { encodeHeaderBlock, ErrorCode } from "../../lib/http2/mod.ts";
import { getRequest, postRequest, ScriptedClient } from "./support/client.ts";
import {
  ack,
  concat,
  dataFrame,
  endHeaders,
  endStream,
  frame,
  ping,
  preface,
  priority,
  readFrames,
  rstStream,
  settings,
  text,
  windowUpdate,
} from "./support/frames.ts";

const head = encodeHeaderBlock([[":status", "200"]]);
const trailers = encodeHeaderBlock([["grpc-status", "0"]]);

function open(limits = {}, peerSettings = {}): ScriptedClient {
  const client = ScriptedClient.open(limits, peerSettings);
  client.send(client.requestFrame(1, postRequest, 0));
  client.heard();
  return client;
}

/** Sends `make(i)` for i = 0, 1, … while the connection lives, at most `countMax`; returns how many were taken without an end. */
function flood(client: ScriptedClient, make: (i: number) => Uint8Array, countMax: number): number {
  for (let i = 0; i < countMax; i++) {
    client.send(make(i));
    if (client.connection.isFinished) return i;
  }
  return countMax;
}

function assertCalmed(client: ScriptedClient): void {
  assert.match(client.said().at(-1)!, /^GOAWAY \d+ ENHANCE_YOUR_CALM$/);
}

Deno.test("resetsBurst: 1,000 client resets, and not one more (CVE-2023-44487)", () => {
  const client = ScriptedClient.open();
  const taken = flood(
    client,
    (i) => concat(client.requestFrame(2 * i + 1), rstStream(2 * i + 1)),
    5000,
  );
  assert.equal(taken, 1000);
  assertCalmed(client);
});

Deno.test("resetsPerSecond: resets at the average rate go on for ever (CVE-2023-44487)", () => {
  const client = ScriptedClient.open({ resetsBurst: 10, resetsPerSecond: 10 });
  const taken = flood(client, (i) => {
    client.clock.advance(100);
    return concat(client.requestFrame(2 * i + 1), rstStream(2 * i + 1));
  }, 500);
  assert.equal(taken, 500);
  assert.equal(flood(client, (i) => rstStream(2 * i + 1), 100), 9); // No more than the burst was saved.
});

const madeResets: [name: string, attack: (id: number) => Uint8Array][] = [
  ["WINDOW_UPDATE of 0", (id) => windowUpdate(id, 0)],
  ["window overflow", (id) => windowUpdate(id, 0x7fff_ffff)],
  ["self-dependency", (id) => priority(id, id)],
  ["DATA beyond content-length", (id) => dataFrame(id, "xx")],
];

for (const [name, attack] of madeResets) {
  Deno.test(`resetsBurst: our resets count too: ${name} (CVE-2025-8671)`, () => {
    const client = ScriptedClient.open();
    const list = [...postRequest, ["content-length", "1"] as const];
    const taken = flood(client, (i) => {
      client.bytes(); // The attacker reads what it gets.
      return concat(client.requestFrame(2 * i + 1, list, 0), attack(2 * i + 1));
    }, 5000);
    assert.equal(taken, 1000);
    assertCalmed(client);
  });
}

Deno.test("controlRepliesMax: 1,000 unread replies, and not one more (CVE-2019-9512, -9515)", () => {
  for (const attack of [ping(), settings({ 3: 1 })]) {
    const client = ScriptedClient.open();
    assert.equal(flood(client, () => attack, 5000), 1000);
    assertCalmed(client);
  }
});

Deno.test("controlRepliesMax: within one segment, too", () => {
  const client = ScriptedClient.open();
  client.send(...Array(1500).fill(ping()));
  assertCalmed(client);
});

Deno.test("idleFramesBurst: 10,000 frames without use, though replies are read (CVE-2019-9513)", () => {
  const useless: [string, Uint8Array][] = [
    ["PING", ping()],
    ["PING ACK", ping("12345678", ack)],
    ["SETTINGS", settings()],
    ["SETTINGS ACK", settings({}, ack)],
    ["PRIORITY", priority(77, 1)],
    ["WINDOW_UPDATE", windowUpdate(0, 1)],
    ["WINDOW_UPDATE of a stream", windowUpdate(1, 1)],
    ["unknown", frame(0xbb, { payload: text("zzzz") })],
  ];
  for (const [name, attack] of useless) {
    const client = open();
    const taken = flood(client, () => {
      client.bytes();
      return attack;
    }, 20_000);
    // One for the first SETTINGS; 2 pardoned for the request do not exceed the burst.
    assert.ok(taken === 10_000, `${name}: ${taken}`);
    assertCalmed(client);
  }
});

Deno.test("idleFramesBurst: requests and data pardon; a client that works may ping (RFC 9113 §10.5)", () => {
  const client = ScriptedClient.open({ idleFramesBurst: 10, idleFramesPerSecond: 1 });
  client.onRequest = (stream) => stream.unaryReply(head, text("x"), trailers);
  for (let i = 0; i < 1000; i++) {
    client.send(client.requestFrame(2 * i + 1), ping(), windowUpdate(0, 1));
    client.bytes();
  }
  assert.equal(client.connection.isFinished, false);
});

Deno.test("emptyDataFramesMax: 100 on a connection, padded or not (CVE-2019-9518)", () => {
  for (
    const attack of [dataFrame(1, ""), dataFrame(1, "", { pad: 0 }), dataFrame(1, "", { pad: 9 })]
  ) {
    const client = open();
    assert.equal(flood(client, () => attack, 5000), 100);
    assertCalmed(client);
  }
});

Deno.test("continuationFramesMax: 8 after a HEADERS frame, however small (CVE-2024-27316)", () => {
  const client = ScriptedClient.open();
  client.send(frame(1, { streamId: 1 }));
  assert.equal(flood(client, () => frame(9, { streamId: 1 }), 100), 8);
  assertCalmed(client);
});

Deno.test("headerBlockBytesMax: 64 KiB in all frames (CVE-2024-27316)", () => {
  const client = ScriptedClient.open();
  const payload = new Uint8Array(16_384);
  client.send(frame(1, { streamId: 1, payload }));
  assert.equal(flood(client, () => frame(9, { streamId: 1, payload }), 100), 3);
  assertCalmed(client);
});

Deno.test("settingsEntriesMax: 32 in a frame", () => {
  const entries = (count: number) => frame(4, { payload: new Uint8Array(6 * count).fill(99) });
  const client = ScriptedClient.open();
  client.send(entries(32));
  assert.deepEqual(client.said(), ["SETTINGS ACK"]);
  client.send(entries(33));
  assertCalmed(client);
});

Deno.test("headerListBytesMax: a list of 16 KiB is served, a longer one answered 431 (RFC 6585 §5)", () => {
  const listBytes = (list: readonly (readonly [string, string])[]) =>
    list.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  const room = 16_384 - listBytes(getRequest) - 33;
  for (
    const [length, flags] of [[room, endStream], [room + 1, endStream], [room + 1, 0]] as const
  ) {
    const client = ScriptedClient.open();
    // Short in Huffman code: 5 bits a byte.
    client.send(client.requestFrame(1, [...getRequest, ["x", "a".repeat(length)]], flags));
    if (length === room) {
      assert.deepEqual(client.heard(), ["request 1 END_STREAM"]);
      continue;
    }
    assert.deepEqual(client.heard(), []);
    const frames = client.frames();
    assert.deepEqual(client.decoder.decode(frames[0]!.payload).headers[0], [":status", "431"]);
    assert.equal(frames.length, flags === endStream ? 1 : 2); // RST_STREAM(NO_ERROR) for the rest.
    client.send(client.requestFrame(3)); // The table is in step.
    assert.deepEqual(client.headers.get(3), getRequest);
  }
});

Deno.test("headerListBytesMax: trailers beyond it reset the stream", () => {
  const client = open();
  client.send(client.requestFrame(1, [["x", "a".repeat(16_384)]], endStream));
  assert.deepEqual(client.heard(), ["reset 1 PROTOCOL_ERROR"]);
});

Deno.test("concurrentStreamsMax: 250 are served, the next refused, one more after an end (RFC 9113 §5.1.2)", () => {
  const client = ScriptedClient.open();
  for (let i = 0; i < 251; i++) client.send(client.requestFrame(2 * i + 1));
  assert.equal(client.heard().length, 250);
  assert.equal(client.connection.openStreams, 250);
  assert.deepEqual(client.said(), ["RST_STREAM 501 REFUSED_STREAM"]);
  client.stream(1).respondBlock(head, true);
  client.send(client.requestFrame(503));
  assert.deepEqual(client.heard(), ["request 503 END_STREAM"]);
});

Deno.test("outputBytesMax: reads pause until the output is taken (CVE-2019-9517)", () => {
  const client = ScriptedClient.open({}, { 4: 0x7fff_ffff });
  client.send(windowUpdate(0, 0x7fff_0000));
  client.onRequest = (stream) => stream.unaryReply(head, new Uint8Array(10_000), trailers);
  const body = 10_000 + 27 + head.length + trailers.length;
  for (let i = 0; i < 200; i++) {
    client.send(client.requestFrame(2 * i + 1));
    assert.ok(client.connection.outputBytes <= (1 << 20) + body * 2);
  }
  assert.equal(client.connection.readsPaused, true);
  client.connection.takeOutput();
  assert.equal(client.connection.readsPaused, false);
});

Deno.test("prefaceMsMax: silence, half a preface, or no SETTINGS end after 10 s", () => {
  for (const start of [new Uint8Array(0), preface.subarray(0, 10), preface]) {
    const client = new ScriptedClient();
    client.send(start);
    client.tick(10_000);
    assert.equal(client.connection.isFinished, false);
    client.tick(1);
    assert.equal(client.connection.isFinished, true);
    assert.equal(client.said().at(-1), "GOAWAY 0 PROTOCOL_ERROR");
  }
});

Deno.test("headerBlockMsMax: a frame or a header block that does not end is given up after 10 s", () => {
  for (
    const start of [
      frame(1, { streamId: 1 }),
      frame(1, { streamId: 1, flags: endHeaders, length: 100 }),
      frame(6, { length: 8 }),
      ping().subarray(0, 4),
    ]
  ) {
    const client = ScriptedClient.open();
    client.send(start);
    client.tick(10_000);
    assert.equal(client.connection.isFinished, false);
    client.tick(1);
    assertCalmed(client);
  }
});

Deno.test("headerBlockMsMax: frames that are cut again and again, but do end, are no stall", () => {
  const client = open();
  const bytes = concat(...Array(60).fill(ping()));
  for (let at = 0; at < bytes.length; at += 17) {
    client.send(bytes.subarray(at === 0 ? 0 : at - 5, at + 12));
    client.tick(900);
    client.bytes();
  }
  assert.equal(client.connection.isFinished, false);
});

Deno.test("bodyStallMsMax: a request without a byte for 60 s is cancelled, others are not", () => {
  const client = open();
  client.send(client.requestFrame(3, postRequest, 0), client.requestFrame(5));
  client.heard();
  client.tick(50_000);
  client.send(dataFrame(3, "x"));
  client.tick(10_001);
  assert.deepEqual(client.heard(), ["data 3 (1)", "reset 1 CANCEL"]);
  client.tick(50_000);
  assert.deepEqual(client.heard(), ["reset 3 CANCEL"]);
  assert.deepEqual(client.said(), ["RST_STREAM 1 CANCEL", "RST_STREAM 3 CANCEL"]);
  client.tick(300_000); // The request of stream 5 has ended: its owner may take its time.
  assert.equal(client.connection.isFinished, false);
});

Deno.test("bodyStallMsMax: when the last stream is given up, so is the connection", () => {
  const client = open();
  client.tick(60_001);
  assert.deepEqual(client.said(), ["RST_STREAM 1 CANCEL", "GOAWAY 1 NO_ERROR"]);
  assert.equal(client.connection.isFinished, true);
});

Deno.test("bodyStallMsMax: a client that may not send, because nothing was credited, is not to blame", () => {
  const client = open({ streamWindowBytes: 65_535 });
  client.send(dataFrame(1, new Uint8Array(65_535)));
  client.heard();
  client.tick(300_000);
  client.stream(1).credit(65_535);
  client.tick(60_000);
  assert.deepEqual(client.heard(), []);
  client.tick(1);
  assert.deepEqual(client.heard(), ["reset 1 CANCEL"]);
});

Deno.test("responseStallMsMax: a response whose window stays shut is cancelled after 60 s (CVE-2019-9517)", () => {
  const client = ScriptedClient.open({}, { 4: 1 });
  client.send(client.requestFrame(1));
  client.stream(1).unaryReply(head, text("hello"), trailers);
  client.bytes();
  client.tick(60_000);
  client.send(windowUpdate(1, 1));
  client.bytes();
  client.tick(60_000);
  client.heard();
  client.tick(1);
  assert.deepEqual(client.heard(), ["reset 1 CANCEL"]);
});

Deno.test("writeStallMsMax: output that nobody takes, or that is not written, ends it after 60 s", () => {
  for (const takes of [0, 1]) {
    const client = open();
    client.send(ping());
    if (takes === 1) client.connection.takeOutput();
    client.tick(1000);
    client.tick(60_000);
    assert.equal(client.connection.isStalled, false);
    client.tick(1);
    assert.equal(client.connection.isStalled, true);
    assert.equal(client.connection.isFinished, true);
    assert.deepEqual(client.connection.takeOutput(), []);
    assert.deepEqual(client.heard().at(-1), "reset 1 CANCEL");
  }
});

Deno.test("idleMsMax: 10 minutes without a stream end it politely, pings or not", () => {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1));
  client.tick(3_600_000 - 1);
  client.stream(1).respondBlock(head, true);
  client.bytes();
  for (let minute = 0; minute < 10; minute++) {
    client.send(ping());
    client.bytes();
    client.tick(60_000);
  }
  assert.equal(client.connection.isFinished, false);
  client.tick(1);
  assert.deepEqual(client.said(), ["GOAWAY 1 NO_ERROR"]);
  assert.equal(client.connection.isFinished, true);
});

Deno.test("drain: tells twice, serves what came between, refuses what came after (RFC 9113 §6.8)", () => {
  const client = open();
  client.connection.drain();
  client.connection.drain();
  const frames = client.frames();
  assert.equal(frames.length, 2);
  assert.deepEqual([...frames[0]!.payload.subarray(0, 4)], [0x7f, 0xff, 0xff, 0xff]);
  client.send(client.requestFrame(3));
  assert.deepEqual(client.heard(), ["request 3 END_STREAM"]);
  client.send(frame(6, { flags: ack, payload: frames[1]!.payload }));
  assert.deepEqual(client.said(), ["GOAWAY 3 NO_ERROR"]);
  client.send(client.requestFrame(5));
  assert.deepEqual(client.said(), ["RST_STREAM 5 REFUSED_STREAM"]);
  client.send(dataFrame(1, "x", { flags: endStream }));
  client.stream(1).unaryReply(head, text("x"), trailers);
  assert.equal(client.connection.isFinished, false);
  client.stream(3).unaryReply(head, text("x"), trailers);
  assert.equal(client.connection.isFinished, true);
  assert.equal(client.said().at(-1), "HEADERS 3 END_STREAM");
});

Deno.test("drainMsMax: a client that does not answer gets the second GOAWAY after 1 s (RFC 9113 §6.8)", () => {
  const client = open();
  client.connection.drain();
  client.bytes();
  client.tick(1000);
  assert.deepEqual(client.said(), []);
  client.tick(1);
  assert.deepEqual(client.said(), ["GOAWAY 1 NO_ERROR"]);
});

Deno.test("drain: before SETTINGS it is over at once", () => {
  const client = new ScriptedClient();
  client.connection.drain();
  assert.equal(client.connection.isFinished, true);
  assert.equal(client.said().at(-1), "GOAWAY 0 NO_ERROR");
});

Deno.test("socketClosed: every open stream hears of it, once, and nothing is left to write", () => {
  const client = open();
  client.send(client.requestFrame(3), ping());
  client.heard();
  client.connection.socketClosed();
  client.connection.socketClosed();
  assert.deepEqual(client.heard(), ["reset 1 CANCEL", "reset 3 CANCEL"]);
  assert.equal(client.connection.hasOutput, false);
  assert.equal(client.connection.isFinished, true);
  client.send(ping());
  assert.deepEqual(client.said(), []);
});

Deno.test("resetsBurst: the owner's own resets count, but not NO_ERROR (RFC 9113 §8.1)", () => {
  for (const [code, finished] of [[ErrorCode.NO_ERROR, false], [ErrorCode.CANCEL, true]] as const) {
    const client = ScriptedClient.open({ resetsBurst: 5, resetsPerSecond: 0 });
    client.onRequest = (stream) => {
      stream.respondBlock(head, true);
      stream.reset(code);
    };
    flood(client, (i) => client.requestFrame(2 * i + 1, postRequest, 0), 10);
    assert.equal(client.connection.isFinished, finished);
    assert.ok(readFrames(client.bytes()).length > 5);
  }
});
