/** Streams and frames as a client may and may not send them. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../lib/http2/mod.ts";
import { getRequest, postRequest, ScriptedClient } from "./support/client.ts";
import {
  ack,
  dataFrame,
  endHeaders,
  endStream,
  frame,
  goaway,
  hasPriority,
  padded,
  ping,
  preface,
  priority,
  rstStream,
  settings,
  text,
  u32,
  windowUpdate,
} from "./support/frames.ts";

/** The stream 1 is half-closed by the client, and unanswered. */
function halfClosed(): ScriptedClient {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1));
  client.heard();
  return client;
}

/** The stream 1 has a request with a body to come. */
function open(): ScriptedClient {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, postRequest, 0));
  client.heard();
  return client;
}

/** The stream 1 is answered and closed. */
function ended(): ScriptedClient {
  const client = halfClosed();
  client.stream(1).respond([[":status", "200"]], true);
  client.frames();
  return client;
}

function assertGoaway(client: ScriptedClient, code: string, lastStreamId = 1): void {
  assert.equal(client.said().at(-1), `GOAWAY ${lastStreamId} ${code}`);
  assert.equal(client.connection.isFinished, true);
  assert.equal(client.connection.openStreams, 0);
}

Deno.test("Connection: starts with SETTINGS and a wider window (RFC 9113 §3.4)", () => {
  const client = new ScriptedClient();
  assert.deepEqual(client.said(), ["SETTINGS", `WINDOW_UPDATE 0 +${(16 << 20) - 65_535}`]);
});

Deno.test("Connection: acknowledges SETTINGS and PING with its eight bytes (RFC 9113 §6.5.3, §6.7)", () => {
  const client = ScriptedClient.open();
  client.send(settings({ 3: 100, 99: 1 }), ping("abcdefgh"), ping("abcdefgh", ack));
  const frames = client.frames();
  assert.deepEqual(frames.map(({ type, flags }) => [type, flags]), [[4, ack], [6, ack]]);
  assert.deepEqual(frames[1]!.payload, text("abcdefgh"));
});

Deno.test("Connection: refuses another preface, at the first wrong byte (RFC 9113 §3.4)", () => {
  for (const start of ["GET / HTTP/1.1\r\n", "PRI * HTTP/2.1", "\x16\x03\x01"]) {
    const client = new ScriptedClient();
    client.send(text(start));
    assertGoaway(client, "PROTOCOL_ERROR", 0);
  }
});

Deno.test("Connection: the first frame must be SETTINGS (RFC 9113 §3.4)", () => {
  for (const first of [ping(), settings({}, ack), windowUpdate(0, 1)]) {
    const client = new ScriptedClient();
    client.send(preface, first);
    assertGoaway(client, "PROTOCOL_ERROR", 0);
  }
});

Deno.test("Request: headers, data and trailers reach the owner (RFC 9113 §8.1)", () => {
  const client = ScriptedClient.open();
  const trailers = client.encoder;
  client.send(
    client.requestFrame(1, postRequest, 0),
    dataFrame(1, "hello"),
    frame(1, {
      flags: endHeaders | endStream,
      streamId: 1,
      payload: trailers.encode([["x", "y"]]),
    }),
  );
  assert.deepEqual(client.heard(), ["request 1", "data 1 (5)", "trailers 1"]);
  assert.deepEqual(client.headers.get(1), [["x", "y"]]);
});

Deno.test("Request: padding and priority are taken off (RFC 9113 §6.1, §6.2)", () => {
  const client = ScriptedClient.open();
  const block = client.encoder.encode(postRequest);
  const payload = [3, ...u32(0x8000_0000 + 5), 9, ...block, 0, 0, 0];
  client.send(
    frame(1, {
      flags: endHeaders | padded | hasPriority,
      streamId: 1,
      payload: Uint8Array.from(payload),
    }),
    dataFrame(1, "hello", { pad: 7, flags: endStream }),
  );
  assert.deepEqual(client.heard(), ["request 1", "data 1 (5) END_STREAM"]);
  assert.deepEqual(client.headers.get(1), postRequest);
});

Deno.test("Request: a padded frame that is all padding ends the request (RFC 9113 §6.1)", () => {
  const client = open();
  client.send(dataFrame(1, "", { pad: 4, flags: endStream }));
  assert.deepEqual(client.heard(), ["data 1 (0) END_STREAM"]);
});

Deno.test("Request: CONTINUATION completes the header block (RFC 9113 §6.10)", () => {
  const client = ScriptedClient.open();
  const block = client.encoder.encode(getRequest);
  client.send(
    frame(1, { flags: endStream, streamId: 1, payload: block.subarray(0, 3) }),
    frame(9, { streamId: 1 }),
    frame(9, { flags: endHeaders, streamId: 1, payload: block.subarray(3) }),
  );
  assert.deepEqual(client.heard(), ["request 1 END_STREAM"]);
  assert.deepEqual(client.headers.get(1), getRequest);
});

Deno.test("Request: a malformed one is reset, and the next is served (RFC 9113 §8.1.1)", () => {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, [...getRequest, ["X", "y"]]), client.requestFrame(3));
  assert.deepEqual(client.heard(), ["request 3 END_STREAM"]);
  assert.deepEqual(client.said(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
});

Deno.test("Request: more data than content-length are refused at once (RFC 9113 §8.1.1)", () => {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, [...postRequest, ["content-length", "4"]], 0));
  client.send(dataFrame(1, "hello"));
  assert.deepEqual(client.heard(), ["request 1", "reset 1 PROTOCOL_ERROR"]);
  assert.deepEqual(client.said(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
});

Deno.test("Request: fewer data than content-length are refused at the end (RFC 9113 §8.1.1)", () => {
  const list = [...postRequest, ["content-length", "6"] as const];
  for (
    const end of [
      (_: ScriptedClient) => dataFrame(1, "hello", { flags: endStream }),
      (client: ScriptedClient) => client.requestFrame(1, [["x", "y"]], endStream),
    ]
  ) {
    const client = ScriptedClient.open();
    client.send(client.requestFrame(1, list, 0), end(client));
    assert.equal(client.heard().at(-1), "reset 1 PROTOCOL_ERROR");
  }
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, list, endStream));
  assert.deepEqual(client.said(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
});

Deno.test("Request: as many data as content-length, in padded frames, are taken (RFC 9113 §8.1.1)", () => {
  const client = ScriptedClient.open();
  client.send(client.requestFrame(1, [...postRequest, ["content-length", "6"]], 0));
  client.send(dataFrame(1, "hel", { pad: 9 }), dataFrame(1, "lo!", { flags: endStream }));
  assert.equal(client.heard().at(-1), "data 1 (3) END_STREAM");
});

Deno.test("Trailers: they must end the request, and hold no pseudo field (RFC 9113 §8.1)", () => {
  for (const [list, flags] of [[[["x", "y"]], 0], [[[":path", "/"]], endStream]] as const) {
    const client = open();
    client.send(client.requestFrame(1, list, flags));
    assert.deepEqual(client.heard(), ["reset 1 PROTOCOL_ERROR"]);
  }
});

Deno.test("Stream ids: must be odd and increase (RFC 9113 §5.1.1)", () => {
  const even = ScriptedClient.open();
  even.send(even.requestFrame(2));
  assertGoaway(even, "PROTOCOL_ERROR", 0);
  const lower = ScriptedClient.open();
  lower.send(lower.requestFrame(5), lower.requestFrame(3));
  assertGoaway(lower, "PROTOCOL_ERROR", 5);
});

Deno.test("Idle stream: takes HEADERS and PRIORITY only (RFC 9113 §5.1)", () => {
  for (
    const illegal of [
      dataFrame(3, "x"),
      rstStream(3),
      windowUpdate(3, 1),
      windowUpdate(2, 1),
      frame(9, { flags: endHeaders, streamId: 3 }),
    ]
  ) {
    const client = halfClosed();
    client.send(illegal);
    assertGoaway(client, "PROTOCOL_ERROR");
  }
  const client = halfClosed();
  client.send(priority(3, 1));
  assert.deepEqual(client.said(), []);
});

Deno.test("Half-closed stream: takes WINDOW_UPDATE, PRIORITY, RST_STREAM (RFC 9113 §5.1)", () => {
  const client = halfClosed();
  client.send(windowUpdate(1, 1), priority(1, 0), rstStream(1));
  assert.deepEqual(client.heard(), ["reset 1 CANCEL"]);
  assert.deepEqual(client.said(), []);
});

Deno.test("Half-closed stream: DATA and HEADERS end the connection (RFC 9113 §5.1)", () => {
  const data = halfClosed();
  data.send(dataFrame(1, "x"));
  assertGoaway(data, "STREAM_CLOSED");
  assert.deepEqual(data.heard(), ["reset 1 STREAM_CLOSED"]);
  const headers = halfClosed();
  headers.send(headers.requestFrame(1));
  assertGoaway(headers, "STREAM_CLOSED");
});

Deno.test("Closed stream: DATA and HEADERS after both ends end the connection (RFC 9113 §5.1)", () => {
  const data = ended();
  data.send(dataFrame(1, "x"));
  assertGoaway(data, "STREAM_CLOSED");
  const headers = ended();
  headers.send(headers.requestFrame(1));
  assertGoaway(headers, "STREAM_CLOSED");
});

Deno.test("Closed stream: WINDOW_UPDATE, RST_STREAM, PRIORITY may be late (RFC 9113 §5.1)", () => {
  const client = ended();
  client.send(windowUpdate(1, 1), windowUpdate(1, 0), rstStream(1), priority(1, 0));
  assert.deepEqual(client.said(), []);
  assert.deepEqual(client.heard(), []);
});

Deno.test("Closed stream: after the client's RST_STREAM it may send nothing (RFC 9113 §5.1)", () => {
  const data = open();
  data.send(rstStream(1), dataFrame(1, "x"));
  assertGoaway(data, "STREAM_CLOSED");
  const headers = open();
  headers.send(rstStream(1), headers.requestFrame(1));
  assertGoaway(headers, "STREAM_CLOSED");
});

Deno.test("Closed stream: after our RST_STREAM late frames are dropped, and HPACK stays in step (RFC 9113 §5.1)", () => {
  const client = open();
  client.stream(1).reset(ErrorCode.CANCEL);
  client.send(
    dataFrame(1, "late"),
    client.requestFrame(1, [["x-late", "1"]], endStream),
    client.requestFrame(3, [...getRequest, ["x-late", "1"]]),
  );
  assert.deepEqual(client.heard(), ["request 3 END_STREAM"]);
  assert.deepEqual(client.headers.get(3)!.at(-1), ["x-late", "1"]);
  assert.deepEqual(client.said(), ["RST_STREAM 1 CANCEL"]);
});

Deno.test("Header block: nothing may come between its frames (RFC 9113 §6.10)", () => {
  for (
    const between of [ping(), dataFrame(1, ""), frame(9, { streamId: 3 }), frame(0xbb), settings()]
  ) {
    const client = ScriptedClient.open();
    client.send(frame(1, { streamId: 1 }), between);
    assertGoaway(client, "PROTOCOL_ERROR", 0);
  }
});

Deno.test("CONTINUATION: needs a header block before it (RFC 9113 §6.10)", () => {
  const client = halfClosed();
  client.send(frame(9, { flags: endHeaders, streamId: 1 }));
  assertGoaway(client, "PROTOCOL_ERROR");
});

const illegalFrames: [rule: string, code: string, bytes: Uint8Array][] = [
  ["DATA on stream 0 (§6.1)", "PROTOCOL_ERROR", dataFrame(0, "x")],
  ["HEADERS on stream 0 (§6.2)", "PROTOCOL_ERROR", frame(1, { flags: endHeaders })],
  ["PRIORITY on stream 0 (§6.3)", "PROTOCOL_ERROR", priority(0, 1)],
  ["RST_STREAM on stream 0 (§6.4)", "PROTOCOL_ERROR", rstStream(0)],
  ["SETTINGS on a stream (§6.5)", "PROTOCOL_ERROR", frame(4, { streamId: 1 })],
  ["PING on a stream (§6.7)", "PROTOCOL_ERROR", frame(6, { streamId: 1, payload: u32(1) })],
  [
    "GOAWAY on a stream (§6.8)",
    "PROTOCOL_ERROR",
    frame(7, { streamId: 1, payload: text("12345678") }),
  ],
  [
    "PUSH_PROMISE from a client (§8.4)",
    "PROTOCOL_ERROR",
    frame(5, { streamId: 1, payload: u32(2) }),
  ],
  ["PRIORITY of 4 bytes (§6.3)", "FRAME_SIZE_ERROR", frame(2, { streamId: 1, payload: u32(0) })],
  [
    "RST_STREAM of 5 bytes (§6.4)",
    "FRAME_SIZE_ERROR",
    frame(3, { streamId: 1, payload: text("12345") }),
  ],
  ["SETTINGS of 5 bytes (§6.5)", "FRAME_SIZE_ERROR", frame(4, { payload: text("12345") })],
  [
    "SETTINGS ACK with payload (§6.5)",
    "FRAME_SIZE_ERROR",
    frame(4, { flags: ack, payload: text("123456") }),
  ],
  ["PING of 7 bytes (§6.7)", "FRAME_SIZE_ERROR", ping("1234567")],
  ["GOAWAY of 7 bytes (§6.8)", "FRAME_SIZE_ERROR", frame(7, { payload: text("1234567") })],
  ["WINDOW_UPDATE of 3 bytes (§6.9)", "FRAME_SIZE_ERROR", frame(8, { payload: text("123") })],
  ["WINDOW_UPDATE of 0 (§6.9)", "PROTOCOL_ERROR", windowUpdate(0, 0)],
  [
    "DATA padded by its length (§6.1)",
    "PROTOCOL_ERROR",
    frame(0, { flags: padded, streamId: 1, payload: text("\x03ab") }),
  ],
  [
    "DATA padded without a pad length (§6.1)",
    "FRAME_SIZE_ERROR",
    frame(0, { flags: padded, streamId: 1 }),
  ],
  [
    "HEADERS padded by its length (§6.2)",
    "PROTOCOL_ERROR",
    frame(1, { flags: padded | endHeaders, streamId: 3, payload: text("\x03ab") }),
  ],
  [
    "HEADERS padded without a pad length (§6.2)",
    "PROTOCOL_ERROR",
    frame(1, { flags: padded | endHeaders, streamId: 3 }),
  ],
  [
    "HEADERS too short for its priority (§6.2)",
    "PROTOCOL_ERROR",
    frame(1, { flags: hasPriority | endHeaders, streamId: 3, payload: text("abcd") }),
  ],
  [
    "a DATA frame above MAX_FRAME_SIZE, from its head (§4.2)",
    "FRAME_SIZE_ERROR",
    frame(0, { streamId: 1, length: (1 << 20) + 1 }),
  ],
  [
    "a HEADERS frame above 16 KiB, from its head (§4.2)",
    "FRAME_SIZE_ERROR",
    frame(1, { streamId: 3, length: 16_385 }),
  ],
  [
    "an unknown frame above MAX_FRAME_SIZE (§4.2)",
    "FRAME_SIZE_ERROR",
    frame(0xbb, { length: (1 << 20) + 1 }),
  ],
  [
    "a malformed header block (§4.3)",
    "COMPRESSION_ERROR",
    frame(1, { flags: endHeaders, streamId: 3, payload: Uint8Array.of(0x80) }),
  ],
  ["ENABLE_PUSH of 2 (§6.5.2)", "PROTOCOL_ERROR", settings({ 2: 2 })],
  ["INITIAL_WINDOW_SIZE of 2^31 (§6.5.2)", "FLOW_CONTROL_ERROR", settings({ 4: 0x8000_0000 })],
  ["MAX_FRAME_SIZE of 16,383 (§6.5.2)", "PROTOCOL_ERROR", settings({ 5: 16_383 })],
  ["MAX_FRAME_SIZE of 2^24 (§6.5.2)", "PROTOCOL_ERROR", settings({ 5: 1 << 24 })],
];

for (const [rule, code, bytes] of illegalFrames) {
  Deno.test(`Connection: refuses ${rule.replace("(§", "(RFC 9113 §")}`, () => {
    const client = open();
    client.send(bytes);
    assertGoaway(client, code, code === "COMPRESSION_ERROR" ? 3 : 1);
    assert.deepEqual(client.heard(), [`reset 1 ${code}`]);
    client.send(ping()); // Nothing is heard any more.
    assert.deepEqual(client.said(), []);
  });
}

Deno.test("Connection: ignores unknown frames, flags and the reserved bit (RFC 9113 §4.1, §5.5)", () => {
  const client = ScriptedClient.open();
  client.send(frame(0xbb, { flags: 0xff, streamId: 77, payload: text("zzzz") }));
  const request = client.requestFrame(1);
  request[4]! |= 0xd2;
  request[5]! |= 0x80;
  client.send(request);
  assert.deepEqual(client.heard(), ["request 1 END_STREAM"]);
});

Deno.test("PRIORITY: a stream on itself is an error (RFC 7540 §5.3.1)", () => {
  const openStream = open();
  openStream.send(priority(1, 1));
  assert.deepEqual(openStream.heard(), ["reset 1 PROTOCOL_ERROR"]);
  const block = openStream.encoder.encode(getRequest);
  const payload = Uint8Array.from([...u32(3), 7, ...block]);
  openStream.send(frame(1, { flags: endHeaders | hasPriority, streamId: 3, payload }));
  assert.deepEqual(openStream.said(), [
    "RST_STREAM 1 PROTOCOL_ERROR",
    "RST_STREAM 3 PROTOCOL_ERROR",
  ]);
  const idle = open();
  idle.send(priority(9, 9));
  assertGoaway(idle, "PROTOCOL_ERROR");
});

Deno.test("RST_STREAM: the owner hears the peer's code, and the stream is dead (RFC 9113 §6.4)", () => {
  const client = halfClosed();
  client.send(rstStream(1, ErrorCode.REFUSED_STREAM));
  assert.deepEqual(client.heard(), ["reset 1 REFUSED_STREAM"]);
  const stream = client.stream(1);
  assert.equal(stream.isClosed, true);
  stream.respond([[":status", "200"]], false);
  stream.send(text("x"), true);
  stream.unaryReply(text("x"), text("x"), text("x"));
  stream.credit(5);
  stream.reset(ErrorCode.CANCEL);
  assert.deepEqual(client.said(), []);
});

Deno.test("GOAWAY: open streams are finished, then the connection (RFC 9113 §6.8)", () => {
  const client = halfClosed();
  client.send(goaway());
  assert.equal(client.connection.isFinished, false);
  client.stream(1).respond([[":status", "200"]], true);
  assert.deepEqual(client.said(), ["HEADERS 1 END_STREAM"]);
  assert.equal(client.connection.isFinished, true);
});
