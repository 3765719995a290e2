import assert from "node:assert/strict";
import { ManualClock } from "../../lib/base/mod.ts";
import { defaultLimits, type Http2Limits } from "../../lib/http2/mod.ts";
import type { DirectMethod } from "../../lib/transport/direct_method.ts";
import { Pump } from "../../lib/transport/pump.ts";
import {
  callFrames,
  callHeaders,
  frame,
  FrameType,
  join,
  parseFrames,
  preface,
} from "./client_frames.ts";
import { FakeChannel } from "./fake_channel.ts";
import { decodeBlock, fakeState, framed, pattern, prefix, RecordingMethod } from "./fake_stream.ts";

interface Started {
  pump: Pump;
  channel: FakeChannel;
  clock: ManualClock;
  closed: Pump[];
}

function start(method: DirectMethod, limits: Partial<Http2Limits> = {}): Started {
  const clock = new ManualClock();
  const channel = new FakeChannel();
  const closed: Pump[] = [];
  const state = fakeState({ clock });
  (state.routes.direct as Map<string, DirectMethod>).set(method.path, method);
  const pump = new Pump(channel, {
    state,
    limits: { ...defaultLimits, ...limits },
    onClosed: (which) => closed.push(which),
  });
  void pump.run();
  return { pump, channel, clock, closed };
}

/** Lets everything run that waits for nothing from outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** Stream ids of the trailers with grpc-status 0 that were written. */
function okStreams(channel: FakeChannel): number[] {
  return parseFrames(channel.written)
    .filter((sent) => sent.type === FrameType.headers && (sent.flags & 1) === 1)
    .filter((sent) => decodeBlock(sent.payload)["grpc-status"] === "0")
    .map((sent) => sent.streamId);
}

Deno.test("Pump: writes SETTINGS without waiting for the peer (RFC 9113 §3.4)", async () => {
  const { pump, channel } = start(new RecordingMethod());
  await settle();
  assert.equal(parseFrames(channel.written)[0]!.type, FrameType.settings);
  pump.close();
});

Deno.test("Pump: serves calls wherever their bytes are cut", async () => {
  const input = join(preface, callFrames(1, framed(pattern(100))), callFrames(3, prefix(0)));
  for (let cut = 1; cut < input.length; cut += 13) {
    const { pump, channel } = start(new RecordingMethod());
    channel.feed(input.subarray(0, cut));
    channel.feed(input.subarray(cut));
    await settle();
    assert.deepEqual(okStreams(channel), [1, 3], `cut at ${cut}`);
    pump.close();
  }
});

Deno.test("Pump: reads on while a write is under way, and never writes twice at once", async () => {
  const method = new RecordingMethod();
  const { pump, channel } = start(method);
  channel.holdsWrites = true;
  channel.feed(preface);
  for (let i = 0; i < 5; i++) {
    channel.feed(callFrames(2 * i + 1, framed(pattern(10))));
    await settle();
  }
  assert.equal(method.messages.length, 5);
  assert.equal(channel.writesUnderWay, 1);
  channel.releaseWrites();
  await settle();
  assert.deepEqual(okStreams(channel), [1, 3, 5, 7, 9]);
  assert.equal(channel.writesUnderWayMax, 1);
  pump.close();
});

Deno.test("Pump: stops reading while too much output waits, and reads on when it is written", async () => {
  const { pump, channel } = start(new RecordingMethod(), { outputBytesMax: 1_000 });
  channel.feed(preface);
  await settle();
  channel.holdsWrites = true;
  for (let i = 0; i < 200; i++) channel.feed(callFrames(2 * i + 1, prefix(0)));
  await settle();
  assert.ok(pump.connection.readsPaused);
  assert.ok(channel.unreadBytes > 0);
  assert.ok(pump.connection.outputBytes < 2_000);
  channel.releaseWrites();
  await settle();
  assert.equal(channel.unreadBytes, 0);
  assert.equal(okStreams(channel).length, 200);
  pump.close();
});

Deno.test("Pump: many replies of one turn are written together", async () => {
  const method = new RecordingMethod();
  method.answersAtOnce = false;
  const { pump, channel } = start(method);
  channel.feed(preface);
  for (let i = 0; i < 50; i++) channel.feed(callFrames(2 * i + 1, prefix(0)));
  await settle();
  const before = channel.writeCount;
  for (const reply of method.replies) reply.ok([]);
  await settle();
  assert.equal(okStreams(channel).length, 50);
  // http2's buffer grows on the way, so they may come in a few pieces.
  assert.ok(channel.writeCount <= before + 3);
  pump.close();
});

Deno.test("Pump: goes on after a short write", async () => {
  const { pump, channel } = start(new RecordingMethod());
  channel.writeBytesMax = 7;
  channel.feed(join(preface, callFrames(1, framed(pattern(100)))));
  await settle();
  assert.deepEqual(okStreams(channel), [1]);
  pump.close();
});

Deno.test("Pump: the end of the stream closes the connection and cancels its calls", async () => {
  const method = new RecordingMethod();
  method.answersAtOnce = false;
  const { channel, closed } = start(method);
  channel.feed(join(preface, callFrames(1, prefix(0))));
  await settle();
  channel.feed(null);
  await settle();
  assert.ok(channel.isClosed);
  assert.equal(closed.length, 1);
  assert.ok(method.replies[0]!.isCancelled);
  method.replies[0]!.ok([]);
});

Deno.test("Pump: after GOAWAY it discards what comes until the peer closes, at most a second", async () => {
  for (const peerCloses of [true, false]) {
    const { pump, channel, clock, closed } = start(new RecordingMethod());
    // DATA on stream 0: PROTOCOL_ERROR, RFC 9113 §6.1.
    channel.feed(join(preface, frame(FrameType.data)));
    await settle();
    const last = parseFrames(channel.written).at(-1)!;
    assert.equal(last.type, FrameType.goaway);
    assert.deepEqual([channel.isWriteClosed, channel.isClosed], [true, false]);
    channel.feed(pattern(100_000));
    await settle();
    assert.equal(channel.unreadBytes, 0);
    if (peerCloses) channel.feed(null);
    else {
      for (let i = 0; i < 4; i++) {
        pump.tick(clock.monotonicMs());
        clock.advance(500);
      }
    }
    await settle();
    assert.ok(channel.isClosed);
    assert.equal(closed.length, 1);
  }
});

Deno.test("Pump: a finished connection whose last write hangs is closed, too", async () => {
  const { pump, channel, clock } = start(new RecordingMethod());
  await settle();
  channel.holdsWrites = true;
  channel.feed(join(preface, frame(FrameType.data)));
  await settle();
  assert.equal(channel.isClosed, false);
  for (let i = 0; i < 4; i++) {
    pump.tick(clock.monotonicMs());
    clock.advance(500);
  }
  await settle();
  assert.ok(channel.isClosed);
});

Deno.test("Pump: drain says GOAWAY, answers what is under way, and ends", async () => {
  const method = new RecordingMethod();
  method.answersAtOnce = false;
  const { pump, channel, clock } = start(method);
  channel.feed(join(preface, callFrames(1, prefix(0)), callHeaders(3)));
  await settle();
  pump.drain();
  await settle();
  assert.ok(parseFrames(channel.written).some((sent) => sent.type === FrameType.goaway));
  method.replies[0]!.ok([]);
  // The body of a request that had begun is still taken.
  channel.feed(frame(FrameType.data, { flags: 1, streamId: 3, payload: prefix(0) }));
  await settle();
  method.replies[1]!.ok([]);
  await settle();
  for (let i = 0; i < 10 && !channel.isWriteClosed; i++) {
    clock.advance(500);
    pump.tick(clock.monotonicMs());
    await settle();
  }
  assert.deepEqual(okStreams(channel), [1, 3]);
  assert.ok(channel.isWriteClosed);
  pump.close();
});
