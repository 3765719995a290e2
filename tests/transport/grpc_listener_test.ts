import assert from "node:assert/strict";
import { ManualClock } from "../../lib/base/mod.ts";
import {
  type ChannelAcceptor,
  ConnectionSet,
  type ServeOptions,
} from "../../lib/transport/grpc_listener.ts";
import type { ByteChannel } from "../../lib/transport/pump.ts";
import { callFrames, FrameType, join, parseFrames, preface } from "./client_frames.ts";
import { FakeChannel } from "./fake_channel.ts";
import { prefix, RecordingMethod } from "./fake_stream.ts";

/** Accepts what the test says, an error too. */
class FakeAcceptor implements ChannelAcceptor {
  isClosed = false;
  #queue: (ByteChannel | Error)[] = [];
  #wake: (() => void) | null = null;

  put(item: ByteChannel | Error): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  async accept(): Promise<ByteChannel | null> {
    while (this.#queue.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.isClosed) return null;
    const item = this.#queue.shift()!;
    if (item instanceof Error) throw item;
    return item;
  }

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }
}

interface Started {
  set: ConnectionSet;
  acceptor: FakeAcceptor;
  clock: ManualClock;
  method: RecordingMethod;
  errors: unknown[];
}

function start(options: Partial<ServeOptions> = {}): Started {
  const clock = new ManualClock();
  const acceptor = new FakeAcceptor();
  const method = new RecordingMethod();
  const errors: unknown[] = [];
  const set = new ConnectionSet([acceptor], {
    routes: {
      direct: new Map([[method.path, method]]),
      universal: () => Promise.resolve({ status: 404 }),
    },
    clock,
    onConnectionError: (error) => errors.push(error),
    ...options,
  });
  return { set, acceptor, clock, method, errors };
}

/** Lets everything run that waits for nothing from outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle();
}

Deno.test("ConnectionSet: above the cap connections are accepted and closed at once", async () => {
  const { set, acceptor } = start({ connectionsMax: 2 });
  const channels = [new FakeChannel(), new FakeChannel(), new FakeChannel()];
  for (const channel of channels) acceptor.put(channel);
  await settle();
  assert.deepEqual(channels.map((channel) => channel.isClosed), [false, false, true]);
  assert.equal(set.connectionCount, 2);
  assert.deepEqual(set.counts, { accepted: 2, refused: 1, acceptErrors: 0 });
  // One leaves, the next may come.
  channels[0]!.feed(null);
  await settle();
  const next = new FakeChannel();
  acceptor.put(next);
  await settle();
  assert.equal(next.isClosed, false);
  set.close();
  assert.ok(channels[1]!.isClosed && next.isClosed && acceptor.isClosed);
});

Deno.test("ConnectionSet: a failure to accept, EMFILE say, is reported and does not end the listener", async () => {
  const { set, acceptor, errors } = start();
  acceptor.put(new TypeError("Too many open files (os error 24)"));
  const channel = new FakeChannel();
  acceptor.put(channel);
  await until(() => set.connectionCount === 1);
  assert.equal(errors.length, 1);
  assert.equal(set.counts.acceptErrors, 1);
  set.close();
});

Deno.test("ConnectionSet: tick closes silent connections (defaultLimits.prefaceMsMax)", async () => {
  const { set, acceptor, clock } = start();
  acceptor.put(new FakeChannel());
  await settle();
  for (let i = 0; i < 24; i++) {
    clock.advance(500);
    set.tick();
  }
  await until(() => set.connectionCount === 0);
  set.close();
});

Deno.test("ConnectionSet: drain answers what is under way and then resolves", async () => {
  const { set, acceptor, clock, method } = start();
  method.answersAtOnce = false;
  const [busy, idle] = [new FakeChannel(), new FakeChannel()];
  acceptor.put(busy);
  acceptor.put(idle);
  busy.feed(join(preface, callFrames(1, prefix(0))));
  idle.feed(preface);
  await until(() => method.replies.length === 1);
  let isDrained = false;
  const drained = set.drain(60_000).then(() => isDrained = true);
  const joined = set.drain(1);
  assert.ok(acceptor.isClosed);
  await settle();
  assert.equal(isDrained, false);
  assert.ok(parseFrames(busy.written).some((sent) => sent.type === FrameType.goaway));
  method.replies[0]!.ok([]);
  await until(() => {
    clock.advance(100);
    if (busy.isWriteClosed && !busy.isClosed) busy.feed(null);
    return isDrained;
  });
  await Promise.all([drained, joined]);
  assert.ok(busy.isClosed && idle.isClosed);
  assert.ok(parseFrames(busy.written).some((sent) => sent.type === FrameType.headers));
  assert.ok(clock.monotonicMs() < 60_000);
});

Deno.test("ConnectionSet: drain cuts what is not done after the grace", async () => {
  const { set, acceptor, clock, method } = start();
  method.answersAtOnce = false;
  const channel = new FakeChannel();
  acceptor.put(channel);
  channel.feed(join(preface, callFrames(1, prefix(0))));
  await until(() => method.replies.length === 1);
  const drained = set.drain(5_000);
  clock.advance(5_000);
  await drained;
  assert.ok(channel.isClosed);
  assert.ok(method.replies[0]!.isCancelled);
});
