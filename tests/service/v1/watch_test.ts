import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  type ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import {
  addChunks,
  deleteHistogram,
  peekVersion,
  regrowHistogram,
  resetHistogram,
} from "../../../lib/accum/mod.ts";
import { BooleanAxis, formatHistSpec, Hist, RegularAxis } from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { HealthState, registerHistogramService } from "../../../lib/service/mod.ts";
import { WATCHES_MAX } from "../../../lib/service/v1/watch.ts";
import {
  HistogramService,
  type WatchRequestSchema,
  type WatchResponse,
} from "../../../lib/wire/gen_v1.ts";
import { TestService } from "../support.ts";
import { keyBytes, load } from "./questions.ts";

/** One histogram of two cells, and a client. */
class Bench {
  readonly service: TestService;
  readonly health = new HealthState();
  readonly histId: string;
  readonly client: Client<typeof HistogramService>;

  constructor(options: { token?: string } = {}) {
    this.service = new TestService();
    this.histId = load(this.service, new Hist([new BooleanAxis({ name: "b" })]), options.token);
    const transport = createRouterTransport((router) =>
      registerHistogramService(router, this.service.context, { health: this.health })
    );
    this.client = createClient(HistogramService, transport);
  }

  get handle() {
    return this.service.registry.find(this.histId)!;
  }

  /** Adds `value` to the first cell. */
  fill(value: number): void {
    const cells = new Uint8Array(Float64Array.of(value, 0).buffer);
    const additions = [{ key: keyBytes([]), cells }];
    addChunks(this.service.registry, this.handle, { additions, uniqueId: null });
  }

  watch(
    fields: MessageInitShape<typeof WatchRequestSchema> = {},
    options: { signal?: AbortSignal; token?: string } = {},
  ): Stream {
    const { signal, token } = options;
    const headers = token === undefined ? {} : { headers: { "x-histserv-token": token } };
    const request = { histId: this.histId, rateHz: 60, ...fields };
    return new Stream(
      this.client.watch(request, { ...headers, ...(signal ? { signal } : {}) }),
    );
  }
}

/** The answers of one watch. */
class Stream {
  readonly #answers: AsyncIterator<WatchResponse>;

  constructor(answers: AsyncIterable<WatchResponse>) {
    this.#answers = answers[Symbol.asyncIterator]();
  }

  /** The next answer, or null at the end. Atomics.waitAsync alone would not keep the event loop alive. */
  async next(): Promise<WatchResponse | null> {
    const alive = setInterval(() => {}, 1000);
    try {
      const { value, done } = await this.#answers.next();
      return done === true ? null : value;
    } finally {
      clearInterval(alive);
    }
  }

  /** The first cell of the next answer. */
  async cell(): Promise<number> {
    const answer = await this.next();
    assert.ok(answer, "the stream ended");
    return new Float64Array(answer.result!.cells.slice().buffer)[0]!;
  }

  async close(): Promise<void> {
    await this.#answers.return?.();
  }
}

async function failsWith(promise: Promise<unknown>, code: Code, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error: ConnectError) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.rawMessage, message);
    return true;
  });
}

/** Lets the stream run, without time passing on its clock; `answer` must not come. */
async function staysQuiet(answer: Promise<unknown>): Promise<void> {
  let hasCome = false;
  answer.then(() => hasCome = true, () => hasCome = true);
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  assert.equal(hasCome, false, "answered too early");
}

Deno.test("Watch: answers at once, then after a change, each time the whole of what was asked for", async () => {
  const bench = new Bench();
  const { clock } = bench.service;
  const stream = bench.watch();
  const first = (await stream.next())!;
  assert.equal(timestampMs(first.observedAt!), clock.wallMs());
  assert.deepEqual([...first.result!.cells], new Array(16).fill(0));
  bench.fill(2);
  bench.service.commit();
  clock.advance(17);
  const second = (await stream.next())!;
  assert.equal(new Float64Array(second.result!.cells.slice().buffer)[0], 2);
  assert.ok(second.result!.version > first.result!.version);
  await stream.close();
});

Deno.test("Watch: not before 1 / rate has passed, and then with all changes until then", async () => {
  const bench = new Bench();
  const stream = bench.watch({ rateHz: 0 });
  assert.equal(await stream.cell(), 0);
  bench.fill(1);
  bench.service.commit();
  bench.service.clock.advance(249); // The default is 4 Hz.
  const answer = stream.cell();
  await staysQuiet(answer);
  bench.fill(1);
  bench.service.commit();
  bench.service.clock.advance(1);
  assert.equal(await answer, 2);
  await stream.close();
});

Deno.test("Watch: says nothing while nothing changes", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  assert.equal(await stream.cell(), 0);
  bench.service.clock.advance(10_000);
  const answer = stream.cell();
  await staysQuiet(answer);
  bench.fill(3);
  bench.service.commit();
  assert.equal(await answer, 3);
  await stream.close();
});

Deno.test("Watch: answers only what is on disk, and looks again when the disk took it back", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  assert.equal(await stream.cell(), 0);
  bench.fill(5);
  bench.service.clock.advance(17);
  const answer = stream.cell();
  while (bench.service.context.gate.waiting === 0) await nextTurn();
  await staysQuiet(answer);
  bench.service.refuse();
  bench.service.commit();
  assert.equal(await answer, 0);
  bench.fill(7);
  bench.service.clock.advance(17);
  const next = stream.cell();
  while (bench.service.context.gate.waiting === 0) await nextTurn();
  bench.service.commit();
  assert.equal(await next, 7);
  await stream.close();
});

Deno.test("Watch: ends with NOT_FOUND once a deletion is on disk", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  assert.equal(await stream.cell(), 0);
  deleteHistogram(bench.service.registry, bench.handle);
  bench.service.clock.advance(17);
  const answer = stream.next();
  while (bench.service.context.gate.waiting === 0) await nextTurn();
  await staysQuiet(answer);
  bench.service.commit();
  await failsWith(answer, Code.NotFound, /unknown histogram id/);
});

Deno.test("Watch: goes on when the disk takes a deletion back", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  assert.equal(await stream.cell(), 0);
  deleteHistogram(bench.service.registry, bench.handle);
  bench.service.clock.advance(17);
  const answer = stream.cell();
  while (bench.service.context.gate.waiting === 0) await nextTurn();
  bench.service.refuse();
  bench.service.commit();
  bench.fill(4);
  bench.service.commit();
  assert.equal(await answer, 4);
  await stream.close();
});

Deno.test("Watch: shows a reset and a growth", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  bench.fill(1);
  bench.service.commit();
  assert.equal(await stream.cell(), 1);
  resetHistogram(bench.service.registry, bench.handle);
  bench.service.commit();
  bench.service.clock.advance(17);
  assert.equal(await stream.cell(), 0);
  const axis = new RegularAxis({ name: "b", bins: 3, lower: 0, upper: 3 });
  const json = formatHistSpec(new Hist([axis]).spec);
  const metadata = { ...bench.handle.metadata, json, chunkBytes: 40 };
  regrowHistogram(bench.service.registry, bench.handle, { metadata, move: () => {} });
  bench.service.commit();
  bench.service.clock.advance(17);
  assert.equal((await stream.next())!.result!.cells.length, 40);
  await stream.close();
});

Deno.test("Watch: ends with OK when the server drains; of a draining one answers once", async () => {
  const bench = new Bench();
  const stream = bench.watch();
  assert.equal(await stream.cell(), 0);
  const end = stream.next();
  await staysQuiet(end);
  bench.health.drain();
  assert.equal(await end, null);
  const late = bench.watch();
  assert.equal(await late.cell(), 0);
  assert.equal(await late.next(), null);
});

Deno.test("Watch: an answer that waits for the disk does not hold up the drain", async () => {
  const bench = new Bench();
  bench.fill(1);
  const end = bench.watch().next();
  while (bench.service.context.gate.waiting === 0) await nextTurn();
  bench.health.drain();
  assert.equal(await end, null);
});

Deno.test("Watch: leaves nothing behind when the client goes", async () => {
  const bench = new Bench();
  const abort = new AbortController();
  const stream = bench.watch({}, { signal: abort.signal });
  assert.equal(await stream.cell(), 0);
  assert.equal(bench.health.watcherCount, 1);
  const next = stream.next();
  await staysQuiet(next);
  abort.abort();
  await failsWith(next, Code.Canceled, /./);
  while (bench.health.watcherCount > 0) await nextTurn();
});

Deno.test(`Watch: a thread serves ${WATCHES_MAX} streams, and another after one has gone`, async () => {
  const bench = new Bench();
  const aborts = Array.from({ length: WATCHES_MAX }, () => new AbortController());
  const streams = aborts.map(({ signal }) => bench.watch({ rateHz: 0.01 }, { signal }));
  for (const stream of streams) assert.equal(await stream.cell(), 0);
  await failsWith(bench.watch().next(), Code.ResourceExhausted, /1000 watches/);
  const left = streams[0]!.next();
  aborts[0]!.abort();
  await failsWith(left, Code.Canceled, /./);
  while (bench.health.watcherCount >= WATCHES_MAX) await nextTurn();
  const another = bench.watch();
  assert.equal(await another.cell(), 0);
  bench.health.drain();
  assert.equal(await another.next(), null);
});

Deno.test("Watch: refuses a rate out of range and what a query refuses", async () => {
  const bench = new Bench({ token: "mine" });
  for (const rateHz of [-1, 60.5, NaN, Infinity]) {
    await failsWith(
      bench.watch({ rateHz }, { token: "mine" }).next(),
      Code.InvalidArgument,
      /rate_hz is .* in \(0, 60\], or 0 for 4/,
    );
  }
  const take = { case: "slice" as const, value: { start: {} } };
  const axes = [{ axis: { case: "number" as const, value: 0 }, take }];
  await failsWith(
    bench.watch({ selection: { axes } }, { token: "mine" }).next(),
    Code.InvalidArgument,
    /^selection\.axes\[0\]\.slice\.start: no point is set$/,
  );
  await failsWith(bench.watch().next(), Code.NotFound, /unknown histogram id/);
});

Deno.test("peekVersion: is the version, or -1 for a void handle", () => {
  const bench = new Bench();
  const { handle, service: { registry } } = bench;
  const before = peekVersion(registry, handle);
  bench.fill(1);
  assert.equal(peekVersion(registry, handle), before + 1);
  deleteHistogram(registry, handle);
  assert.equal(peekVersion(registry, handle), -1);
});
