import assert from "node:assert/strict";
import { matchesGlob } from "../../lib/hist/glob.ts";

// The answers are those of Python's fnmatch.fnmatchcase.
const cases: [pattern: string, matching: string[], others: string[]][] = [
  ["*", ["", "a", "a/b"], []],
  ["a*", ["a", "ab"], ["", "ba"]],
  ["*a*b", ["ab", "xaxbb"], ["a", "ba", "abc"]],
  ["?", ["a", "😀", "*"], ["", "ab"]],
  ["a?c", ["abc", "a?c"], ["ac"]],
  ["[ab]*", ["a", "bc"], ["c"]],
  ["[!ab]*", ["c", "!"], ["a", ""]],
  ["[a-c]?", ["bx"], ["dx", "-x"]],
  ["[]]*", ["]"], ["["]],
  ["[*", ["[", "[x"], ["x"]],
  ["[a-]*", ["a", "-"], ["b"]],
  ["tt̄_*", ["tt̄_up"], ["tt_up"]],
  ["A*", ["A"], ["a"]],
];

for (const [pattern, matching, others] of cases) {
  Deno.test(`matchesGlob: ${pattern} (fnmatch)`, () => {
    for (const text of matching) assert.equal(matchesGlob(text, pattern), true, text);
    for (const text of others) assert.equal(matchesGlob(text, pattern), false, text);
  });
}

Deno.test("matchesGlob: many stars take no exponential time", () => {
  assert.equal(matchesGlob("a".repeat(500), "*a".repeat(200) + "b"), false);
});
