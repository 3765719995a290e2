import assert from "node:assert/strict";
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { HeaderList } from "../../lib/http2/mod.ts";
import { Exchange } from "../../lib/transport/exchange.ts";
import { RequestHead } from "../../lib/transport/request_head.ts";
import { fakeState, FakeStream, pattern } from "./fake_stream.ts";

const getHeaders: HeaderList = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/a.B/C?x=1"],
  [":authority", "host:1"],
];

interface Started {
  stream: FakeStream;
  exchange: Exchange;
  request: UniversalServerRequest;
  errors: unknown[];
}

/** Begins an exchange that `respond` answers. */
function start(
  respond: (request: UniversalServerRequest) => Promise<UniversalServerResponse>,
  options: { headers?: HeaderList; endStream?: boolean; budgetBytes?: number } = {},
): Started {
  const stream = new FakeStream();
  const errors: unknown[] = [];
  const requests: UniversalServerRequest[] = [];
  const universal = (received: UniversalServerRequest) => {
    requests.push(received);
    return respond(received);
  };
  const state = fakeState({ universal, errors, budgetBytes: options.budgetBytes ?? 1_000 });
  const head = new RequestHead();
  head.read(options.headers ?? getHeaders);
  const exchange = new Exchange(stream, { head, state, flusher: { scheduleFlush: () => {} } });
  exchange.begin(options.endStream ?? true);
  return { stream, exchange, request: requests[0]!, errors };
}

/** Lets everything run that waits for nothing from outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function* generate(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

Deno.test("Exchange: maps the request's headers, cookie crumbs joined (RFC 9113 §8.2.3)", () => {
  const { request } = start(() => Promise.resolve({ status: 200 }), {
    headers: [
      ...getHeaders,
      ["accept", "a"],
      ["accept", "b"],
      ["cookie", "k=1"],
      ["cookie", "l=2"],
    ],
  });
  assert.equal(request.httpVersion, "2");
  assert.equal(request.method, "GET");
  assert.equal(request.url, "https://host:1/a.B/C?x=1");
  assert.deepEqual([...request.header], [["accept", "a, b"], ["cookie", "k=1; l=2"]]);
});

Deno.test("Exchange: a response without a body is one block that ends the stream", async () => {
  const header = new Headers({ allow: "POST", connection: "close" });
  const { stream } = start(() => Promise.resolve({ status: 405, header }));
  await settle();
  assert.deepEqual(stream.acts, [
    { kind: "headers", headers: { ":status": "405", allow: "POST" }, endStream: true },
  ]);
});

Deno.test("Exchange: head, body and trailers", async () => {
  const { stream } = start(() =>
    Promise.resolve({
      status: 200,
      header: new Headers({ "content-type": "application/grpc" }),
      body: generate(pattern(3), pattern(4)),
      trailer: new Headers({ "grpc-status": "0" }),
    })
  );
  await settle();
  assert.deepEqual(stream.acts, [
    {
      kind: "headers",
      headers: { ":status": "200", "content-type": "application/grpc" },
      endStream: false,
    },
    { kind: "data", bytes: pattern(3), endStream: false },
    { kind: "data", bytes: pattern(4), endStream: false },
    { kind: "headers", headers: { "grpc-status": "0" }, endStream: true },
  ]);
});

Deno.test("Exchange: trailers set while the body is produced are sent", async () => {
  const trailer = new Headers();
  const { stream } = start(() =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        yield pattern(1);
        trailer.set("late", "1");
      })(),
      trailer,
    })
  );
  await settle();
  assert.deepEqual(stream.acts.at(-1), {
    kind: "headers",
    headers: { late: "1" },
    endStream: true,
  });
});

Deno.test("Exchange: a gRPC error without own headers is Trailers-Only", async () => {
  for (const ownHeader of [false, true]) {
    const header = new Headers({ "content-type": "application/grpc+proto" });
    if (ownHeader) header.set("x-own", "1");
    const { stream } = start(() =>
      Promise.resolve({
        status: 200,
        header,
        body: generate(),
        trailer: new Headers({ "grpc-status": "5" }),
      })
    );
    await settle();
    assert.equal(stream.acts.length, ownHeader ? 2 : 1);
    assert.equal(stream.status!.code, 5);
  }
});

Deno.test("Exchange: the body is read as it comes, and credited when it is read", async () => {
  const pieces: number[] = [];
  const { stream, exchange } = start(async (request) => {
    for await (const piece of request.body as AsyncIterable<Uint8Array>) pieces.push(piece.length);
    return { status: 200 };
  }, { endStream: false });
  exchange.data(pattern(10), false);
  await settle();
  assert.deepEqual([pieces, stream.creditedBytes], [[10], 10]);
  exchange.data(pattern(20), true);
  await settle();
  assert.deepEqual([pieces, stream.creditedBytes], [[10, 20], 30]);
  assert.equal(stream.acts.length, 1);
});

Deno.test("Exchange: what the handler leaves unread need not be sent (RFC 9113 §8.1)", async () => {
  const { stream, exchange } = start(() => Promise.resolve({ status: 404 }), { endStream: false });
  exchange.data(pattern(10), false);
  await settle();
  assert.deepEqual(stream.acts.map((act) => act.kind), ["headers", "reset"]);
  assert.deepEqual(stream.acts.at(-1), { kind: "reset", code: 0 });
  assert.equal(stream.creditedBytes, 10);
});

Deno.test("Exchange: no piece is asked for while too much waits to be sent", async () => {
  let produced = 0;
  const { stream, exchange } = start(() =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        for (; produced < 3; produced++) yield pattern(1);
      })(),
    })
  );
  stream.queuedBytes = 256 * 1024 + 1;
  await settle();
  assert.equal(produced, 0);
  exchange.writable();
  await settle();
  assert.equal(produced, 1);
  stream.queuedBytes = 0;
  exchange.writable();
  await settle();
  assert.equal(produced, 3);
  assert.deepEqual(stream.acts.at(-1), {
    kind: "data",
    bytes: new Uint8Array(0),
    endStream: true,
  });
});

Deno.test("Exchange: a reset aborts the signal, the body of the request, and the response", async () => {
  let isCleanedUp = false;
  const { stream, exchange, request, errors } = start((received) =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        try {
          yield pattern(1);
          await (received.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().next();
        } finally {
          isCleanedUp = true;
        }
      })(),
    }), { endStream: false });
  await settle();
  exchange.reset();
  await settle();
  assert.ok(request.signal.aborted);
  assert.equal((request.signal.reason as Error).name, "AbortError");
  assert.ok(isCleanedUp);
  assert.deepEqual(errors, []);
  assert.equal(stream.acts.filter((act) => act.kind === "data").length, 1);
});

Deno.test("Exchange: a reset stops a response that waits for the window", async () => {
  let isCleanedUp = false;
  const { stream, exchange } = start(() =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        try {
          for (;;) yield pattern(1);
        } finally {
          isCleanedUp = true;
        }
      })(),
    })
  );
  stream.queuedBytes = 1 << 20;
  await settle();
  exchange.reset();
  await settle();
  assert.ok(isCleanedUp);
});

Deno.test("Exchange: a handler that throws is answered 500 and reported", async () => {
  const { stream, errors } = start(() => Promise.reject(new RangeError("broken")));
  await settle();
  assert.deepEqual(stream.acts, [
    { kind: "headers", headers: { ":status": "500" }, endStream: true },
  ]);
  assert.equal(errors.length, 1);
});

Deno.test("Exchange: a body that throws resets the stream and is reported", async () => {
  const { stream, errors } = start(() =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        yield pattern(1);
        throw new RangeError("broken");
      })(),
    })
  );
  await settle();
  assert.deepEqual(stream.acts.at(-1), { kind: "reset", code: 2 });
  assert.equal(errors.length, 1);
});

Deno.test("Exchange: headers that fetch cannot hold are a bad request", async () => {
  const { stream } = start(() => Promise.resolve({ status: 200 }), {
    headers: [...getHeaders, ["bad name", "x"]],
  });
  await settle();
  assert.deepEqual(stream.acts[0], {
    kind: "headers",
    headers: { ":status": "400" },
    endStream: true,
  });
});

Deno.test("Exchange: a request beyond the budget of the listener is reset", async () => {
  const { stream, exchange, request } = start(() => new Promise(() => {}), {
    endStream: false,
    budgetBytes: 100,
  });
  exchange.data(pattern(101), false);
  await settle();
  assert.deepEqual(stream.acts, [{ kind: "reset", code: 0xb }]);
  assert.ok(request.signal.aborted);
});
