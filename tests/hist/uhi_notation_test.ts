import assert from "node:assert/strict";
import { type AxisSelection, parseUhi, type SelectionEntry } from "../../lib/hist/mod.ts";

const at = (axis: number | string, take: AxisSelection): SelectionEntry => ({ axis, take });
const index = (i: number) => ({ type: "index", index: i }) as const;
const loc = (value: number | string | boolean) => ({ type: "loc", value }) as const;

const readings: [text: string, entries: SelectionEntry[]][] = [
  ["3", [at(0, index(3))]],
  ["-1", [at(0, index(-1))]],
  [" 1 , 2 ,", [at(0, index(1)), at(1, index(2))]],
  [":, 2", [at(1, index(2))]],
  ["loc(0.5)", [at(0, loc(0.5))]],
  ["loc(-2)", [at(0, loc(-2))]],
  ["loc(True), loc('a')", [at(0, loc(true)), at(1, loc("a"))]],
  ["loc(0.5)+1", [at(0, { ...loc(0.5), offset: 1 })]],
  ["loc(0.5) - 2", [at(0, { ...loc(0.5), offset: -2 })]],
  ["0.5j", [at(0, loc(0.5))]],
  ["-.5e1j", [at(0, loc(-5))]],
  ["2+3j", [at(0, { ...loc(3), offset: 2 })]],
  ["-1-3j", [at(0, { ...loc(-3), offset: -1 })]],
  ["'it\\'s', \"b\"", [at(0, loc("it's")), at(1, loc("b"))]],
  ["at(-1)", [at(0, { type: "at", index: -1 })]],
  ["underflow, overflow-1", [
    at(0, { type: "underflow" }),
    at(1, { type: "overflow", offset: -1 }),
  ]],
  ["len", [at(0, { type: "overflow" })]],
  ["2:5", [at(0, { type: "slice", start: index(2), stop: index(5) })]],
  [":5", [at(0, { type: "slice", stop: index(5) })]],
  ["5:", [at(0, { type: "slice", start: index(5) })]],
  ["::sum", [at(0, { type: "slice", action: "sum" })]],
  ["sum", [at(0, { type: "slice", action: "sum" })]],
  ["0:len:sum", [
    at(0, { type: "slice", start: index(0), stop: { type: "overflow" }, action: "sum" }),
  ]],
  ["::rebin(2)", [at(0, { type: "slice", action: { type: "factor", factor: 2 } })]],
  ["rebin(factor=2)", [at(0, { type: "slice", action: { type: "factor", factor: 2 } })]],
  ["::2j", [at(0, { type: "slice", action: { type: "factor", factor: 2 } })]],
  ["::rebin(groups=[1, 2])", [
    at(0, { type: "slice", action: { type: "groups", groups: [1, 2] } }),
  ]],
  ["::rebin(edges=[-1, 0.5,])", [
    at(0, { type: "slice", action: { type: "edges", edges: [-1, 0.5] } }),
  ]],
  ["3j:5j:rebin(2)", [
    at(0, {
      type: "slice",
      start: loc(3),
      stop: loc(5),
      action: { type: "factor", factor: 2 },
    }),
  ]],
  ["slice(-1j, None)", [at(0, { type: "slice", start: loc(-1) })]],
  ["slice(None, None, sum)", [at(0, { type: "slice", action: "sum" })]],
  ["['a', loc('b'), 2]", [at(0, { type: "pick", points: [loc("a"), loc("b"), index(2)] })]],
  ["'a*'", [at(0, { type: "pick", points: [{ type: "match", pattern: "a*" }] })]],
  ["['a?', 'b']", [
    at(0, { type: "pick", points: [{ type: "match", pattern: "a?" }, loc("b")] }),
  ]],
  ["..., 2", [at(-1, index(2))]],
  ["1, ..., 2, 3", [at(0, index(1)), at(-2, index(2)), at(-1, index(3))]],
  ["...", []],
  ["{}", []],
  ["{'x': 0.5j, 2: 1:3, \"y\": sum,}", [
    at("x", loc(0.5)),
    at(2, { type: "slice", start: index(1), stop: index(3) }),
    at("y", { type: "slice", action: "sum" }),
  ]],
  ["{'x': :}", []],
];

for (const [text, entries] of readings) {
  Deno.test(`parseUhi: ${text}`, () => {
    assert.deepEqual(parseUhi(text).entries, entries);
  });
}

Deno.test("parseUhi: as many items as axes, unless there is an ellipsis or a dictionary", () => {
  assert.equal(parseUhi("1, :, 2").rank, 3);
  assert.equal(parseUhi("1, ..., 2").rank, undefined);
  assert.equal(parseUhi("{'x': 1}").rank, undefined);
});

const refusals: [text: string, message: RegExp][] = [
  ["", /expected an index at column 1/],
  ["0.5", /a whole number; a value is written loc\(…\) or with j at column 1/],
  ["1 2", /expected the end at column 3/],
  ["1,,2", /expected an index at column 3/],
  ["..., ...", /more than one ellipsis/],
  ["loc(", /expected a number at column 5/],
  ["loc(1", /expected "\)" at column 6/],
  ["'a", /expected an index, a name, or a mark at column 1/],
  ["[1, 2", /expected "\]"/],
  ["::1.5j", /expected sum, rebin\(…\), or a whole number with j/],
  ["::mean", /expected sum/],
  ["1+2", /expected a number with j/],
  ["rebin(size=2)", /expected factor, groups, or edges at column 7/],
  ["{x: 1}", /expected the name or number of an axis at column 2/],
  ["{'x' 1}", /expected ":" at column 6/],
  ["{'x': 1", /expected "}"/],
  ["{'x': 1} 2", /expected the end/],
  ["'a*':'b'", /a pattern bounds no slice/],
  ["import os", /expected an index at column 1/],
  ["1,".repeat(40), /more than 32 items/],
  [" ".repeat(70_000), /more than 65536 characters/],
];

for (const [text, message] of refusals) {
  Deno.test(`parseUhi: refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(() => parseUhi(text), { name: "NotationError", message });
  });
}
