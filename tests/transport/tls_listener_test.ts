import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/mod.ts";
import { routeUniversal, serveHttp2 } from "../../lib/transport/mod.ts";
import { echoHandlers } from "./echo_service.ts";

const dataUrl = new URL("../data/transport/", import.meta.url);
const [ca, cert, key] = await Promise.all(
  ["ca.pem", "server.pem", "server_key.pem"].map((name) =>
    Deno.readTextFile(new URL(name, dataUrl))
  ),
) as [string, string, string];

async function withTlsServer(body: (port: number) => Promise<void>): Promise<void> {
  const listener = serveHttp2({
    listeners: [{ hostname: "127.0.0.1", port: 0 }],
    routes: { direct: new Map(), universal: routeUniversal(echoHandlers()) },
    clock: systemClock,
    tls: { cert, key },
  });
  try {
    await body(listener.addresses[0]!.port);
  } finally {
    listener.close();
  }
}

Deno.test("serveHttp2: with TLS it speaks h2 by ALPN (RFC 9113 §3.2)", () =>
  withTlsServer(async (port) => {
    using client = Deno.createHttpClient({ caCerts: [ca], http1: false, http2: true });
    const value = "z".repeat(1_000_000);
    const response = await fetch(`https://localhost:${port}/test.Echo/Say`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
      client,
    });
    assert.equal(await response.json(), value);
  }));

Deno.test("serveHttp2: a peer that will not speak h2 is hung up on, a silent one holds nobody up", () =>
  withTlsServer(async (port) => {
    const silent = await Deno.connect({ hostname: "127.0.0.1", port });
    const options = { hostname: "localhost", port, caCerts: [ca] };
    const http1 = await Deno.connectTls({ ...options, alpnProtocols: ["http/1.1"] });
    await assert.rejects(http1.handshake());
    http1.close();
    const none = await Deno.connectTls(options);
    const read = none.read(new Uint8Array(10)).catch(() => null);
    assert.equal(await read, null);
    none.close();
    silent.close();
  }));

Deno.test("serveHttp2: credentials that are none are refused at once", () => {
  const options = {
    listeners: [{ hostname: "127.0.0.1", port: 0 }],
    routes: { direct: new Map(), universal: routeUniversal([]) },
    clock: systemClock,
  };
  assert.throws(() => serveHttp2({ ...options, tls: { cert: "", key } }), {
    name: "InvalidData",
  });
});
