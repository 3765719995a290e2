/** @module */

import assert from "node:assert/strict";
import { OptionError } from "../../lib/server/start_error.ts";
import { parseTokenFile } from "../../lib/server/token_file.ts";

Deno.test("Token file: one a line, comments and blank lines, any line end", () => {
  const text = "\uFEFF# ours\r\n\r\n  alpha \n#beta\ngamma#1\rdelta";
  assert.deepEqual(parseTokenFile(text, "f"), new Set(["alpha", "gamma#1", "delta"]));
});

Deno.test("Token file: an empty one, and a line that is no token, are refused without showing them", () => {
  assert.throws(() => parseTokenFile("# only a comment\n", "f"), OptionError);
  assert.throws(() => parseTokenFile("good\ntop secret\n", "f"), (error: unknown) => {
    assert.ok(error instanceof OptionError);
    assert.match(error.message, /line 2/);
    assert.doesNotMatch(error.message, /secret|good/);
    return true;
  });
  assert.throws(() => parseTokenFile("grün\n", "f"), OptionError);
  assert.throws(() => parseTokenFile("a".repeat(1025), "f"), OptionError);
});
