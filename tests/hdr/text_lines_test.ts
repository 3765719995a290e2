import assert from "node:assert/strict";
import { readLines, type TextSource } from "../../lib/hdr/text_lines.ts";

async function linesOf(source: TextSource, lineCharsMax = 100): Promise<(string | null)[]> {
  return await Array.fromAsync(readLines(source, lineCharsMax));
}

Deno.test("readLines: the same lines wherever the text is cut", async () => {
  const text = "a\n\nTäg=µ,1\r\nlast";
  const expected = ["a", "", "Täg=µ,1\r", "last"];
  assert.deepEqual(await linesOf(text), expected);
  assert.deepEqual(await linesOf(text.split("")), expected);
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(await linesOf([bytes.subarray(0, cut), bytes.subarray(cut)]), expected);
  }
});

Deno.test("readLines: no line behind the last end, one for an open end", async () => {
  assert.deepEqual(await linesOf("a\n"), ["a"]);
  assert.deepEqual(await linesOf(""), []);
  assert.deepEqual(await linesOf("\n"), [""]);
});

Deno.test("readLines: null for a line over the limit, and the next one is whole", async () => {
  assert.deepEqual(await linesOf("12345\n123456\nnext\n", 5), ["12345", null, "next"]);
  assert.deepEqual(await linesOf(["123", "45", "6\n1234", "5", "6"], 5), [null, null]);
});
