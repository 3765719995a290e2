import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { systemClock } from "../../lib/base/mod.ts";
import {
  createGzipCompression,
  type DirectMethod,
  type DirectReply,
  type GrpcListener,
  routeUniversal,
  serveHttp2,
  type ServeOptions,
  type TlsCredentials,
} from "../../lib/transport/mod.ts";
import { debianTool } from "../support/debian.ts";
import { encodeHeaderBlock } from "../../lib/http2/mod.ts";
import { ClientConnection } from "../support/h2_client.ts";
import { GrpcClient } from "../support/grpc_client.ts";
import { runCommandOrThrow } from "../support/run_command.ts";
import { testWith, toolPath } from "../support/tools.ts";
import { echoHandlers, EchoService } from "./echo_service.ts";
import { decodeBlock, framed, grpcHeaders, pattern } from "./fake_stream.ts";

const curlTool = await debianTool("curl", "curl");

const echoMethod: DirectMethod = {
  path: "/test.Direct/Echo",
  admit: () => ({ maxBytes: 64 << 20 }),
  call: (message, _metadata, reply) => reply.ok([message.slice()]),
};
const failMethod: DirectMethod = {
  path: "/test.Direct/Fail",
  admit: () => ({ maxBytes: 1_000 }),
  call: (_message, _metadata, reply) => reply.fail(9, "not now: é%"),
};
const hangMethod: DirectMethod = {
  path: "/test.Direct/Hang",
  admit: () => ({ maxBytes: 1_000 }),
  call: () => {},
};

const gzip = createGzipCompression((error) =>
  new ConnectError(
    error.message,
    error.reason === "too_large" ? Code.ResourceExhausted : Code.InvalidArgument,
    undefined,
    undefined,
    error,
  )
);

interface Served {
  listener: GrpcListener;
  host: string;
  port: number;
}

async function withServer(
  body: (served: Served) => Promise<void>,
  options: Partial<ServeOptions> & { tls?: TlsCredentials } = {},
): Promise<void> {
  const methods = [echoMethod, failMethod, hangMethod];
  const listener = serveHttp2({
    listeners: [{ hostname: "127.0.0.1", port: 0 }],
    routes: {
      direct: new Map(methods.map((method) => [method.path, method])),
      universal: routeUniversal(echoHandlers({ acceptCompression: [gzip] })),
    },
    clock: systemClock,
    ...options,
  });
  try {
    await body({ listener, host: "127.0.0.1", port: listener.addresses[0]!.port });
  } finally {
    listener.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve));
}

async function withGrpc(
  served: Served,
  body: (client: GrpcClient) => Promise<void>,
): Promise<void> {
  const client = await GrpcClient.connect(served);
  try {
    await body(client);
  } finally {
    client.close();
  }
}

Deno.test("serveHttp2: a direct method echoes messages of all sizes", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      for (const size of [0, 1, 2_000, 16_384, 65_531, 80_000, 1 << 20, 9_000_001]) {
        const answer = await client.call("", pattern(size), { path: echoMethod.path });
        assert.equal(answer.status, 0, `${size} bytes`);
        assert.deepEqual(new Uint8Array(answer.body), pattern(size));
      }
      assert.equal(served.listener.bufferedBytes, 0);
    })
  ));

Deno.test("serveHttp2: many calls at once on one connection", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const sizes = Array.from({ length: 200 }, (_, i) => i * 997);
      const answers = await Promise.all(
        sizes.map((size) => client.call("", pattern(size), { path: echoMethod.path })),
      );
      sizes.forEach((size, i) => assert.equal(answers[i]!.body.length, size));
    })
  ));

Deno.test("serveHttp2: a failure is a status with its message, percent-encoded on the way", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const answer = await client.call("", pattern(3), { path: failMethod.path });
      assert.deepEqual([answer.status, answer.message], [9, "not now: é%"]);
    })
  ));

Deno.test("serveHttp2: a gzip request is decompressed", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const answer = await client.call("", gzipSync(pattern(100_000)), {
        path: echoMethod.path,
        compressedFlag: 1,
        headers: { "grpc-encoding": "gzip" },
      });
      assert.deepEqual(new Uint8Array(answer.body), pattern(100_000));
    })
  ));

Deno.test("serveHttp2: oversize messages are refused while they are sent, and cost no window", () =>
  withServer(async (served) => {
    const answers: (string | undefined)[] = [];
    const resets: number[] = [];
    const connection = await ClientConnection.open(served, {
      headers: (_streamId, block) => answers.push(decodeBlock(block)["grpc-status"]),
      data: () => {},
      reset: (_streamId, code) => resets.push(code),
      closed: () => {},
    });
    const headers = encodeHeaderBlock(
      grpcHeaders().map(([name, value]) => [name, name === ":path" ? echoMethod.path : value]),
    );
    // 60 MB in all: more than the connection's window of 16 MiB, if nothing were given back.
    for (let i = 0; i < 20; i++) {
      connection.request(headers, framed(new Uint8Array(3_000_000)));
      connection.flush();
      await until(() => answers.length > i);
    }
    assert.deepEqual(answers, Array(20).fill("8"));
    assert.deepEqual(resets, Array(20).fill(0));
    assert.equal(served.listener.bufferedBytes, 0);
    await connection.close();
  }, { messageBytesMax: 1_000_000 }));

Deno.test("serveHttp2: a deadline is answered", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const headers = { "grpc-timeout": "30m" };
      const answer = await client.call("", pattern(3), { path: hangMethod.path, headers });
      assert.equal(answer.status, 4);
    })
  ));

Deno.test("serveHttp2: connect-es serves gRPC for other paths, gzip too", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const message = toBinary(StringValueSchema, create(StringValueSchema, { value: "hé" }));
      const plain = await client.call("", message, { path: "/test.Echo/Say" });
      assert.equal(fromBinary(StringValueSchema, plain.body).value, "hé");
      const zipped = await client.call("", gzipSync(message), {
        path: "/test.Echo/Say",
        compressedFlag: 1,
        headers: { "grpc-encoding": "gzip", "grpc-accept-encoding": "identity" },
      });
      assert.equal(fromBinary(StringValueSchema, zipped.body).value, "hé");
      const unknown = await client.call("", message, { path: "/test.Echo/Nope" });
      assert.deepEqual([unknown.status, unknown.message], [12, "Method not found!"]);
    })
  ));

Deno.test("serveHttp2: Connect and gRPC-Web, unary and streaming, over h2c", () =>
  withServer(async (served) => {
    using httpClient = Deno.createHttpClient({ http1: false, http2: true });
    const fetchH2c: typeof fetch = (input, init) => fetch(input, { ...init, client: httpClient });
    const transportOptions = {
      baseUrl: `http://${served.host}:${served.port}`,
      fetch: fetchH2c,
    };
    for (const createTransport of [createConnectTransport, createGrpcWebTransport]) {
      const client = createClient(EchoService, createTransport(transportOptions));
      const large = "x".repeat(3_000_000);
      assert.equal((await client.say({ value: large })).value, large);
      const repeated: string[] = [];
      for await (const message of client.repeat({ value: "again" })) repeated.push(message.value);
      assert.deepEqual(repeated, ["again", "again", "again"]);
    }
    const notFound = await fetchH2c(`${transportOptions.baseUrl}/nothing`);
    assert.equal(notFound.status, 404);
    await notFound.body?.cancel();
    const wrongVerb = await fetchH2c(`${transportOptions.baseUrl}/test.Echo/Say`);
    assert.equal(wrongVerb.status, 405);
    await wrongVerb.body?.cancel();
  }));

Deno.test("serveHttp2: bodies of 20 MB pass through connect-es under back-pressure", () =>
  withServer((served) =>
    withGrpc(served, async (client) => {
      const value = "y".repeat(20_000_000);
      const message = toBinary(StringValueSchema, create(StringValueSchema, { value }));
      const answer = await client.call("", message, { path: "/test.Echo/Say" });
      assert.equal(answer.body.length, message.length);
      assert.equal(served.listener.bufferedBytes, 0);
    })
  ));

Deno.test("serveHttp2: a connection that is cut cancels its calls and is forgotten", () => {
  const replies: DirectReply[] = [];
  const method: DirectMethod = {
    path: "/test.Service/Method",
    admit: () => ({ maxBytes: 1_000 }),
    call: (_message, _metadata, reply) => void replies.push(reply),
  };
  const direct = new Map([[method.path, method]]);
  const universal = () => Promise.resolve({ status: 404 });
  return withServer(async (served) => {
    const ignore = { headers: () => {}, data: () => {}, reset: () => {}, closed: () => {} };
    const connection = await ClientConnection.open(served, ignore);
    connection.request(encodeHeaderBlock(grpcHeaders()), framed(pattern(3)));
    connection.flush();
    await until(() => replies.length === 1);
    assert.equal(served.listener.connectionCount, 1);
    await connection.close();
    await until(() => served.listener.connectionCount === 0);
    assert.ok(replies[0]!.isCancelled);
    replies[0]!.ok([]);
  }, { routes: { direct, universal } });
});

Deno.test("serveHttp2: drain lets a call under way finish and refuses new connections", () =>
  withServer(async (served) => {
    await withGrpc(served, async (client) => {
      const under = client.call("", new Uint8Array(0), {
        path: hangMethod.path,
        headers: { "grpc-timeout": "200m" },
      });
      await client.call("", new Uint8Array(0), { path: echoMethod.path });
      const drained = served.listener.drain(30_000);
      assert.equal((await under).status, 4);
      await drained;
    });
    await assert.rejects(Deno.connect({ hostname: served.host, port: served.port }));
  }));

testWith([curlTool], "serveHttp2: curl with prior knowledge", () =>
  withServer(async (served) => {
    const url = `http://${served.host}:${served.port}/test.Echo/Say`;
    const { stdout } = await runCommandOrThrow([
      toolPath(curlTool),
      "--silent",
      "--http2-prior-knowledge",
      "--header",
      "content-type: application/json",
      "--data",
      '"hello"',
      "--write-out",
      " %{http_version} %{http_code}",
      url,
    ]);
    assert.equal(stdout, '"hello" 2 200');
  }));
