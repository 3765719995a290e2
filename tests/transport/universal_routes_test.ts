import assert from "node:assert/strict";
import { routeUniversal } from "../../lib/transport/mod.ts";
import { echoHandlers } from "./echo_service.ts";

const routes = routeUniversal(echoHandlers());

function request(url: string, contentType: string): Parameters<typeof routes>[0] {
  return {
    httpVersion: "2",
    url,
    method: "POST",
    header: new Headers({ "content-type": contentType }),
    body: (async function* () {})(),
    signal: new AbortController().signal,
  };
}

Deno.test("routeUniversal: an unknown method of gRPC is UNIMPLEMENTED, with grpc-core's words", async () => {
  for (const contentType of ["application/grpc", "application/grpc+json"]) {
    const response = await routes(request("http://x/test.Echo/Nope", contentType));
    assert.equal(response.status, 200);
    assert.deepEqual(Object.fromEntries(response.header!), {
      "content-type": contentType,
      "grpc-status": "12",
      "grpc-message": "Method not found!",
    });
  }
});

Deno.test("routeUniversal: any other unknown path is 404", async () => {
  for (
    const url of ["http://x/", "http://x", "http://x/test.Echo/Nope", "http://x/?/test.Echo/Say"]
  ) {
    assert.equal((await routes(request(url, "application/json"))).status, 404, url);
  }
});

Deno.test("routeUniversal: a known path is found with or without a query", async () => {
  for (const query of ["", "?a=/b"]) {
    // The handler itself refuses the content type.
    const response = await routes(request("http://x/test.Echo/Say" + query, "text/plain"));
    assert.equal(response.status, 415);
  }
});
