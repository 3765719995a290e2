import assert from "node:assert/strict";
import { formatHist, Hist, parseHist, RegularAxis } from "../../lib/hist/mod.ts";
import { readGolden } from "./golden.ts";

interface TextCase {
  desc: string;
  text: string;
}

const golden = readGolden<Record<"axes" | "storages" | "misc", TextCase[]>>("uhi_json.json");
const fills = readGolden<{ cases: { hist: string; storage: string; uhi_json?: string }[] }>(
  "fills.json",
);

for (const { desc, text } of [...golden.axes, ...golden.storages, ...golden.misc]) {
  // The edges of transformed axes depend on the last bit of exp and pow.
  if (desc.includes("transform")) continue;
  Deno.test(`parseHist, formatHist: ${desc}, the same text (uhi_json.json)`, () => {
    assert.equal(formatHist(parseHist(text), { sparse: desc.includes("sparse") }), text);
  });
}

for (const { hist, storage, uhi_json: text } of fills.cases) {
  if (text === undefined) continue;
  Deno.test(`parseHist, formatHist: filled ${hist}, ${storage}, the same text (fills.json)`, () => {
    assert.equal(formatHist(parseHist(text)), text);
    const sparse = formatHist(parseHist(text), { sparse: true });
    assert.equal(formatHist(parseHist(sparse)), text);
  });
}

for (const { desc, text } of golden.axes.filter(({ desc }) => desc.includes("transform"))) {
  Deno.test(`parseHist, formatHist: ${desc}, the same but for the last digits (uhi_json.json)`, () => {
    const numbers = /-?\d+\.\d+/g;
    const actual = formatHist(parseHist(text));
    assert.equal(actual.replaceAll(numbers, "x"), text.replaceAll(numbers, "x"));
    const expected = text.match(numbers)!.map(Number);
    for (const [i, value] of actual.match(numbers)!.map(Number).entries()) {
      assert.ok(Math.abs(value - expected[i]!) <= 1e-12 * Math.abs(expected[i]!), `${value}`);
    }
  });
}

Deno.test("formatHist: a new histogram carries no notes but the one that boost-histogram needs", () => {
  const axes = [new RegularAxis({ bins: 1, lower: 0, upper: 1 })];
  assert.doesNotMatch(formatHist(new Hist(axes, { storage: "int64" })), /writer_info/);
  assert.match(
    formatHist(new Hist(axes, { storage: "unlimited" })),
    /"writer_info": \{"boost-histogram": \{"storage_type": "Unlimited"\}\}/,
  );
});

Deno.test("parseHist: integers beyond 2^53 keep their bits, as do NaN and infinities", () => {
  const text = (type: string, values: string) =>
    `{"uhi_schema": 1, "axes": [{"type": "boolean"}], "storage": {"type": "${type}", "values": ${values}}}`;
  for (
    const [type, values] of [
      ["int", "[9223372036854775807, -9223372036854775808]"],
      ["double", "[NaN, -Infinity]"],
      ["double", "[-0.0, 5e-324]"],
    ] as const
  ) {
    assert.equal(formatHist(parseHist(text(type, values))), text(type, values));
  }
});

const axis = '{"type": "regular", "lower": 0, "upper": 1, "bins": 1, ' +
  '"underflow": true, "overflow": true, "circular": false}';
const refusals: [what: string, storage: string, path: string, message: RegExp][] = [
  ["too few bins", '"type": "double", "values": [1, 2]', "storage.values", /of 3 bins, not of 2/],
  ["too deep", '"type": "double", "values": [1, 2, [3]]', "storage.values[2]", /not an array/],
  ["no array", '"type": "double", "values": 1', "storage.values", /of 3 bins, not a number/],
  ["a string", '"type": "double", "values": [1, "2", 3]', "storage.values[1]", /not a string/],
  ["half an integer", '"type": "int", "values": [1, 2.5, 3]', "storage.values[1]", /not 2.5/],
  ["2^63", '"type": "int", "values": [9223372036854775808, 0, 0]', "storage.values[0]", /64-bit/],
  ["NaN of integers", '"type": "int", "values": [NaN, 0, 0]', "storage.values[0]", /not NaN/],
  ["no variances", '"type": "weighted", "values": [0, 0, 0]', "storage.variances", /is missing/],
  ["no sparse values", '"type": "int", "index": [[1]]', "storage.values", /is missing/],
  [
    "an index of 2-D",
    '"type": "int", "index": [[1], [1]], "values": [1]',
    "storage.index",
    /1 arr/,
  ],
  ["bin 3 of 3", '"type": "int", "index": [[3]], "values": [1]', "storage.index[0][0]", /below 3/],
  ["bin -1", '"type": "int", "index": [[-1]], "values": [1]', "storage.index[0][0]", /below 3/],
  ["too few values", '"type": "int", "index": [[1, 2]], "values": [1]', "storage.values", /of 2/],
];

for (const [what, storage, path, message] of refusals) {
  Deno.test(`parseHist: refuses ${what}`, () => {
    const text = `{"axes": [${axis}], "storage": {${storage}}}`;
    assert.throws(() => parseHist(text), { name: "HistFormatError", path, message });
  });
}

Deno.test("parseHist: refuses more than 2^31 - 1 cells before it allocates any", () => {
  const huge = axis.replace('"bins": 1', '"bins": 2147483647');
  const text = `{"axes": [${huge}], "storage": {"type": "int", "index": [[]], "values": []}}`;
  assert.throws(() => parseHist(text), { name: "HistFormatError", path: "axes" });
});
