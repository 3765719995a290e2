/** @module */

import assert from "node:assert/strict";
import { describeStartFailure, OptionError, StartError } from "../../lib/server/start_error.ts";

Deno.test("describeStartFailure: a sentence for what the user can mend, a stack for our own mistakes", () => {
  assert.deepEqual(describeStartFailure(new OptionError("Cannot a")), {
    text: "Cannot a",
    exitCode: 2,
  });
  assert.deepEqual(describeStartFailure(new StartError("Cannot b")), {
    text: "Cannot b",
    exitCode: 1,
  });
  assert.match(describeStartFailure(new Deno.errors.AddrInUse("in use")).text, /--port/);
  const ours = describeStartFailure(new TypeError("oops"));
  assert.match(ours.text, /start_error_test\.ts/);
  assert.equal(ours.exitCode, 70);
});
