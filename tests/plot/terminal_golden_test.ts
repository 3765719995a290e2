import assert from "node:assert/strict";
import { parseHist } from "../../lib/hist/mod.ts";
import { describeHist, formatHistText } from "../../lib/plot/mod.ts";

const golden = JSON.parse(
  Deno.readTextFileSync(new URL("../data/plot/terminal.json", import.meta.url)),
) as { cases: { desc: string; str: string; repr: string; uhi: unknown }[] };

for (const { desc, str, repr, uhi } of golden.cases) {
  const text = JSON.stringify(uhi).replaceAll(/"(NaN|-?Infinity)"/g, "$1");

  Deno.test(`formatHistText: ${desc}, as Python's str (terminal.json)`, () => {
    assert.equal(formatHistText(parseHist(text)), str);
  });

  Deno.test(`describeHist: ${desc}, as Python's repr (terminal.json)`, () => {
    assert.equal(describeHist(parseHist(text)), repr);
  });
}
