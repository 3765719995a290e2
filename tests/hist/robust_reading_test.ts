import assert from "node:assert/strict";
import { formatHist, formatHists, parseHist, parseHists } from "../../lib/hist/mod.ts";
import { readGolden } from "./golden.ts";

const { storages, misc } = readGolden<
  Record<"storages" | "misc", { desc: string; text: string }[]>
>(
  "uhi_json.json",
);

/** As small as a histogram can be written. */
const bare = `{"axes":[{"type":"regular","lower":0,"upper":2,"bins":2,"underflow":true,` +
  `"overflow":true,"circular":false}],"storage":{"type":"double"}}`;

Deno.test("parseHists: a file of all storages, as Python's writes it (uhi_json.json)", () => {
  const named = [...storages, ...misc].map(({ desc, text }) => [desc, text] as const);
  const file = `{${named.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(",\n ")}}`;
  const hists = parseHists(file);
  assert.deepEqual([...hists.keys()], named.map(([name]) => name));
  for (const [name, text] of named) {
    assert.equal(formatHist(hists.get(name)!, { sparse: name.includes("sparse") }), text);
  }
  assert.deepEqual(parseHists(formatHists(hists)), hists);
});

Deno.test("parseHists: a file that is one histogram, by its name or without one", () => {
  const { text } = storages[0]!;
  assert.deepEqual([...parseHists(text).keys()], ["h"]);
  assert.deepEqual([...parseHists(bare).keys()], [""]);
  assert.equal(parseHists("{}").size, 0);
});

Deno.test("parseHists: a histogram may be called axes", () => {
  assert.deepEqual([...parseHists(`{"axes": ${bare}}`).keys()], ["axes"]);
});

for (
  const [what, text, path] of [
    [
      "of an axis",
      `{"a": ${bare}, "b c": ${bare.replace('"bins":2', '"bins":0')}}`,
      "b c.axes[0].bins",
    ],
    [
      "of contents",
      `{"a": ${bare.replace('"double"', '"double","values":[1]')}}`,
      "a.storage.values",
    ],
    ["of what is no histogram", `{"a": 3}`, "a"],
    ["of a file that is none", `[${bare}]`, ""],
  ] as const
) {
  Deno.test(`parseHists: errors ${what} say where`, () => {
    assert.throws(() => parseHists(text), { name: "HistFormatError", path });
  });
}

Deno.test("parseHists: the limit of cells is for the whole file", () => {
  const file = `{"a": ${bare}, "b": ${bare}}`;
  assert.equal(parseHists(file, { cellsMax: 8 }).size, 2);
  assert.throws(() => parseHists(file, { cellsMax: 7 }), { path: "b.axes" });
});

Deno.test("parseHist: nothing optional is needed", () => {
  const hist = parseHist(bare);
  assert.deepEqual([hist.name, hist.label, hist.storage], ["", "", "double"]);
  assert.deepEqual([...hist.values({ flow: true })], [0, 0, 0, 0]);
});

Deno.test("parseHist: notes of unknown writers are kept, unknown members ignored", () => {
  const text = bare.replace(
    '"storage"',
    '"uhi_schema":7,"writer_info":{"ROOT":{"a":[1,null]},"x":{}},"@comment":"c","storage"',
  );
  assert.match(formatHist(parseHist(text)), /"writer_info": \{"ROOT": \{"a": \[1, null\]\}/);
});

Deno.test("parseHist: bare NaN and infinities, in contents and edges", () => {
  const variable = `{"axes":[{"type":"variable","edges":[-Infinity,0,Infinity],"underflow":false,` +
    `"overflow":false,"circular":false}],"storage":{"type":"weighted","values":[NaN,1],"variances":[1,Infinity]}}`;
  const hist = parseHist(variable);
  assert.deepEqual([...hist.values()], [NaN, 1]);
  assert.deepEqual([...hist.variances()!], [1, Infinity]);
});

Deno.test("parseHist: sparse means", () => {
  const text = bare.replace(
    '"double"',
    '"mean","index":[[2]],"counts":[2],"values":[1.5],"variances":[0.5]',
  );
  const hist = parseHist(text);
  assert.deepEqual([...hist.counts({ flow: true })], [0, 0, 2, 0]);
  assert.deepEqual([...hist.view("sum_of_deltas_squared", { flow: true })], [0, 0, 0.5, 0]);
});

Deno.test("parseHist: means must have all their arrays", () => {
  for (const key of ["counts", "values", "variances"]) {
    const rest = ["counts", "values", "variances"].filter((other) => other !== key);
    const arrays = rest.map((other) => `"${other}":[0,0,0,0]`).join(",");
    assert.throws(() => parseHist(bare.replace('"double"', `"mean",${arrays}`)), {
      path: `storage.${key}`,
      message: /is missing/,
    });
  }
});
