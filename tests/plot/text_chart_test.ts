import assert from "node:assert/strict";
import { formatGeneral, textChart } from "../../lib/plot/mod.ts";

// As C's printf writes them.
const numbers: [value: number, digits: number, text: string][] = [
  [0, 4, "0"],
  [-0, 4, "-0"],
  [1, 4, "1"],
  [12.5, 4, "12.5"],
  [0.0001, 4, "0.0001"],
  [0.00001, 4, "1e-05"],
  [0.00012345, 4, "0.0001234"],
  [12345, 4, "1.234e+04"],
  [12355, 4, "1.236e+04"],
  [9999.5, 4, "1e+04"],
  [99985, 4, "9.998e+04"],
  [99995, 4, "1e+05"],
  [99996, 4, "1e+05"],
  [2501000000.001, 4, "2.501e+09"],
  [1e100, 6, "1e+100"],
  [5e-324, 6, "4.94066e-324"],
  [1 / 3, 6, "0.333333"],
  [-1234567, 6, "-1.23457e+06"],
  [0.5, 1, "0.5"],
  [NaN, 4, "nan"],
  [-Infinity, 4, "-inf"],
];

for (const [value, digits, text] of numbers) {
  Deno.test(`formatGeneral: ${value} with ${digits} digits is ${text} (printf)`, () => {
    assert.equal(formatGeneral(value, digits), text);
  });
}

const rows = [{ label: ["a"], value: 2 }, { label: ["bb"], value: -1 }, {
  label: ["c"],
  value: 0.5,
}];

Deno.test("textChart: bars to both sides of zero", () => {
  assert.equal(
    textChart(rows, { width: 20 }),
    [
      "       ┌───────────┐",
      " a 2   │   ██████▋ │",
      "bb -1  │███        │",
      " c 0.5 │   █▋      │",
      "       └───────────┘",
    ].join("\n"),
  );
});

Deno.test("textChart: in ASCII", () => {
  assert.equal(
    textChart(rows, { width: 20, unicode: false }),
    [
      "       +-----------+",
      " a 2   |   ======= |",
      "bb -1  |===        |",
      " c 0.5 |   ==      |",
      "       +-----------+",
    ].join("\n"),
  );
});

Deno.test("textChart: nothing if there is no room, a frame if there are no rows", () => {
  assert.equal(textChart(rows, { width: 9 }), "");
  assert.equal(textChart([], { width: 6 }), " ┌───┐\n └───┘");
});

Deno.test("textChart: what is no number has no bar and does not disturb the others", () => {
  const [, first, second] = textChart([{ label: ["a"], value: NaN }, { label: ["b"], value: 1 }], {
    width: 12,
  }).split("\n");
  assert.equal(first, "a nan │    │");
  assert.equal(second, "b 1   │███ │");
});
