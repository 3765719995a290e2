import assert from "node:assert/strict";
import { routeUniversal, serveFetch } from "../../lib/transport/mod.ts";
import { echoHandlers } from "./echo_service.ts";

const handler = serveFetch(routeUniversal(echoHandlers()));

Deno.test("serveFetch: serves Connect", async () => {
  const response = await handler(
    new Request("http://x/test.Echo/Say", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify("hello"),
    }),
  );
  assert.equal(response.status, 200);
  assert.equal(await response.json(), "hello");
});

Deno.test("serveFetch: tells a gRPC client which port to use", async () => {
  const response = await handler(
    new Request("http://x/test.Echo/Say", {
      method: "POST",
      headers: { "content-type": "application/grpc" },
      body: new Uint8Array(5),
    }),
  );
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("grpc-status"), "12");
  assert.match(response.headers.get("grpc-message")!, /use the gRPC port$/);
});
