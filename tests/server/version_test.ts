/** @module */

import assert from "node:assert/strict";
import { version } from "../../lib/server/version.ts";

Deno.test("version: is the one of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.equal(version, config.version);
});
