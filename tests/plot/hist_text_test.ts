import assert from "node:assert/strict";
import {
  type Axis,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { describeHist, formatHistText } from "../../lib/plot/mod.ts";

const regular = (options: object) => new RegularAxis({ bins: 2, lower: 0, upper: 1, ...options });

/** The labels of a chart, without values and bars. */
function labels(axis: Axis): string[] {
  const text = formatHistText(new Hist([axis]));
  return text.split("\n").slice(1, -1).map((line) => line.replace(/ 0 +│.*/, ""));
}

// As boost-histogram 1.8.1 prints them.
const axes: [what: string, axis: Axis, labels: string[]][] = [
  [
    "ties of rounding go to even",
    regular({ upper: 12345 }),
    [
      "[     -inf,         0)",
      "[        0,      6172)",
      "[     6172, 1.234e+04)",
      "[1.234e+04,       inf)",
    ],
  ],
  [
    "sqrt has no lower end",
    new RegularAxis({ bins: 3, lower: 0, upper: 4, transform: { type: "sqrt" } }),
    [
      "[   inf,      0)",
      "[     0, 0.4444)",
      "[0.4444,  1.778)",
      "[ 1.778,      4)",
      "[     4,    inf)",
    ],
  ],
  [
    "a circle goes on",
    new RegularAxis({ bins: 2, lower: 0, upper: 1, circular: true }),
    ["[  0, 0.5)", "[0.5,   1)", "[  1, 1.5)"],
  ],
  ["growing integers", new IntegerAxis({ lower: 0, upper: 3, growth: true }), ["0", "1", "2"]],
  ["no underflow", regular({ underflow: false }), ["[  0, 0.5)", "[0.5,   1)", "[  1, inf)"]],
  ["categories and others", new IntCategoryAxis({ categories: [1] }), ["    1", "other"]],
];

for (const [what, axis, expected] of axes) {
  Deno.test(`formatHistText: labels, ${what} (boost-histogram)`, () => {
    assert.deepEqual(labels(axis), expected);
  });
}

Deno.test("formatHistText: a circular variable axis has its true edges, which upstream has not", () => {
  const axis = new VariableAxis({ edges: [0, 1, 3, 6], circular: true });
  assert.deepEqual(labels(axis), ["[0, 1)", "[1, 3)", "[3, 6)", "[6, 7)"]);
});

Deno.test("formatHistText: widths are bytes as in Boost, or characters on request", () => {
  const hist = new Hist([new StrCategoryAxis({ categories: ["é", "abc"], overflow: false })]);
  const line = (align: "bytes" | "characters") => formatHistText(hist, { align }).split("\n")[1]!;
  assert.ok(line("bytes").startsWith(" é 0 │"));
  assert.ok(line("characters").startsWith("  é 0 │"));
});

Deno.test("formatHistText: names cannot send commands to the terminal", () => {
  const hist = new Hist([new StrCategoryAxis({ categories: ["\x1b[2Ja\u009b"], name: "\x07" })]);
  const text = formatHistText(hist) + describeHist(hist);
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
});

for (
  const [storage, axis, text] of [
    [
      "mean",
      new StrCategoryAxis({ categories: ["a", 'q"'] }),
      '  category("a", "q\\"", metadata=metadata_t, options=overflow)\n' +
      "  (0): count=0, value=0, variance=nan\n  (1): count=0, value=0, variance=nan\n" +
      "  (2): count=0, value=0, variance=nan\n",
    ],
    [
      "weighted_mean",
      new IntegerAxis({ lower: 1, upper: 2, underflow: false, overflow: false }),
      "  integer(1, 2, metadata=metadata_t, options=none)\n" +
      "  (0): sum_of_weights=0, sum_of_weights_squared=0, value=0, variance=-nan\n",
    ],
  ] as [StorageType, Axis, string][]
) {
  Deno.test(`formatHistText: an empty table of ${storage} (boost-histogram)`, () => {
    assert.equal(formatHistText(new Hist([axis], { storage })), text);
  });
}

Deno.test("formatHistText: axes of means as Boost prints them", () => {
  const first = (axis: Axis) => {
    const text = formatHistText(new Hist([axis], { storage: "mean" }));
    return text.split(", metadata")[0]!.trim();
  };
  const log = { transform: { type: "log" }, lower: 1, upper: 10 } as const;
  const pow = { transform: { type: "pow", power: 3 }, lower: 1, upper: 10 } as const;
  assert.equal(first(regular(log)), "regular(func_transform, 2, 1, 10");
  assert.equal(first(regular(pow)), "regular(transform::pow{3}, 2, 1, 10");
  assert.equal(first(regular({ upper: 1e10 })), "regular(2, 0, 1e+10");
  assert.equal(first(new VariableAxis({ edges: [0, 1 / 3, 2] })), "variable(0, 0.333333, 2");
  assert.equal(first(new IntCategoryAxis({ categories: [1, -2] })), "category(1, -2");
});

Deno.test("describeHist: flow, growth, transform, quotes (hist)", () => {
  const describe = (axis: Axis) =>
    describeHist(new Hist([axis])).slice(5, -", storage=Double())".length);
  assert.equal(describe(regular({ growth: true })), "Regular(2, 0, 1, growth=True)");
  assert.equal(
    describe(regular({ underflow: false, overflow: false, name: "x", label: "x" })),
    "Regular(2, 0, 1, underflow=False, overflow=False, name='x')",
  );
  assert.equal(
    describe(regular({ lower: 1, upper: 8, transform: { type: "pow", power: 3 } })),
    "Regular(2, 1, 8, transform=pow(3))",
  );
  assert.equal(describe(regular({ label: "l'q\"" })), `Regular(2, 0, 1, label='l\\'q"')`);
  assert.equal(describe(regular({ label: "it's" })), `Regular(2, 0, 1, label="it's")`);
  assert.equal(
    describe(new StrCategoryAxis({ categories: ["a"], overflow: false })),
    "StrCategory(['a'], overflow=False)",
  );
  assert.equal(describeHist(new Hist([], { storage: "int64" })), "Hist(storage=Int64())");
});
