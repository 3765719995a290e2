/**
 * HTTP/2 framing, stream states and header compression, asked by h2spec.
 *
 * @module
 */
import assert from "node:assert/strict";

import { h2specTool } from "../support/go_tools.ts";
import { runCommand } from "../support/run_command.ts";
import { withServer } from "../support/server.ts";
import { testWith, toolPath } from "../support/tools.ts";

const h2spec = await h2specTool();

/** What nghttpd 1.52 passes of the 146. */
const passedMin = 145;

testWith(
  [h2spec],
  "Server: passes at least 145 of h2spec's 146 (RFC 7540, RFC 7541, strict)",
  () =>
    withServer(async (server) => {
      const address = ["-h", server.host, "-p", String(server.port), "-P", "/"];
      const result = await runCommand([toolPath(h2spec), "-S", ...address, "-o", "2"]);
      const [, total, passed] = /(\d+) tests, (\d+) passed/.exec(result.stdout) ?? [];
      const failures = result.stdout.slice(result.stdout.indexOf("Failures:"));
      assert.equal(Number(total), 146, result.stdout + result.stderr);
      assert.ok(Number(passed) >= passedMin, failures);
      const client = await server.connect(); // it is well after all that
      client.close();
    }),
);
