/** @module */

import assert from "node:assert/strict";
import { nearestName } from "../../lib/server/nearest_name.ts";

Deno.test("nearestName: near names only", () => {
  const names = ["port", "host", "threads"];
  assert.equal(nearestName("prot", names), "port");
  assert.equal(nearestName("thr", names), "threads");
  assert.equal(nearestName("elephant", names), null);
  assert.equal(nearestName("x", names), null);
});
