import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { SeededPrng } from "../../../lib/base/mod.ts";
import {
  type Axis,
  BooleanAxis,
  IntCategoryAxis,
  IntegerAxis,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { fillSamples } from "../../../lib/service/v1/fill_samples.ts";
import { FillSamplesRequestSchema } from "../../../lib/wire/gen_v1.ts";
import { TestService } from "../support.ts";
import {
  anonymous,
  assertHolds,
  assertRefused,
  contentsOf,
  type Entries,
  fillEntries,
  localHist,
  makeHistogram,
} from "./fill_support.ts";

const x = new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 1 });

const edges = [-Infinity, -0.1, 0, 0.25, 0.99, 1, 2, Infinity, NaN];

const axesOfValues: Record<string, Axis> = {
  "regular": x,
  "regular without flow": new RegularAxis({
    name: "x",
    bins: 4,
    lower: 0,
    upper: 1,
    underflow: false,
    overflow: false,
  }),
  "circular": new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 1, circular: true }),
  "logarithmic": new RegularAxis({
    name: "x",
    bins: 4,
    lower: 0.1,
    upper: 10,
    transform: { type: "log" },
  }),
  "variable": new VariableAxis({ name: "x", edges: [0, 0.25, 1] }),
  "boolean": new BooleanAxis({ name: "x" }),
  "growing": new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 1, growth: true }),
};

for (const [what, axis] of Object.entries(axesOfValues)) {
  Deno.test(`FillSamples: flow, NaN and edges as lib/hist has them (${what})`, () => {
    const service = new TestService();
    const id = makeHistogram(service, [axis], "int64");
    const entries = { columns: [edges] };
    const entryCount = fillEntries(service, id, entries);
    const hist = localHist([axis], "int64", entries);
    assertHolds(contentsOf(service, id), hist);
    const sum = hist.values({ flow: true }).reduce((a, b) => a + b, 0);
    assert.equal(entryCount, sum);
  });
}

Deno.test("FillSamples: a growing category is a key, another one the overflow bin, or drops its entry", () => {
  const axes = [
    new StrCategoryAxis({ name: "grows", growth: true, categories: ["a"] }),
    new IntCategoryAxis({ name: "over", categories: [7], overflow: true }),
    new StrCategoryAxis({ name: "none", categories: ["p", "q"], overflow: false }),
    x,
  ];
  const entries = {
    columns: [
      ["z", "a", "z", "b", "c"],
      [7, 8, 9, 7, 7],
      ["p", "p", "q", "r", "q"],
      [0.1, 0.1, 0.6, 0.1, 5],
    ],
  };
  const service = new TestService();
  const id = makeHistogram(service, axes);
  assert.equal(fillEntries(service, id, entries), 4);
  const contents = contentsOf(service, id);
  assert.deepEqual(contents.chunks.map(({ key }) => key), [
    ["z", 7, "p"],
    ["a", null, "p"],
    ["z", null, "q"],
    ["c", 7, "q"],
  ]);
  assertHolds(contents, localHist(axes, "double", entries));
});

Deno.test("FillSamples: a single value stands for all entries, in every column", () => {
  const axes = [
    new StrCategoryAxis({ name: "s", growth: true }),
    new IntegerAxis({ name: "i", lower: 0, upper: 3 }),
    x,
  ];
  const cases: Entries[] = [
    { columns: [["a"], [1], [0.1, 0.2, 0.9]], weight: [2] },
    { columns: [["a", "b", "a"], [1], [0.3]], weight: [1, 2, 3] },
    { columns: [["a"], [1], [0.3]], weight: [1, 2, 3] },
    { columns: [["a"], [5], [0.3]] },
  ];
  for (const entries of cases) {
    const service = new TestService();
    const id = makeHistogram(service, axes, "weight");
    fillEntries(service, id, entries);
    assertHolds(contentsOf(service, id), localHist(axes, "weight", entries));
  }
});

Deno.test("FillSamples: no entries take the unique id and make no chunk", () => {
  const service = new TestService();
  const id = makeHistogram(service, [new StrCategoryAxis({ name: "s", growth: true }), x]);
  const fill = { columns: [["a"], []], uniqueId: "u" };
  assert.equal(fillEntries(service, id, fill), 0);
  assert.deepEqual(contentsOf(service, id).chunks, []);
  assertRefused(() => fillEntries(service, id, fill), Code.AlreadyExists, /its unique_id already/);
});

Deno.test("FillSamples: a histogram of categories only, and one of weights without columns that vary", () => {
  const service = new TestService();
  const axes = [new StrCategoryAxis({ name: "s", growth: true })];
  const id = makeHistogram(service, axes);
  assert.equal(fillEntries(service, id, { columns: [["a", "b", "a"]] }), 3);
  assert.equal(fillEntries(service, id, { columns: [["a"]], weight: [0.5, 4] }), 2);
  const all = { columns: [["a", "b", "a", "a", "a"]], weight: [1, 1, 1, 0.5, 4] };
  assertHolds(contentsOf(service, id), localHist(axes, "double", all));
});

Deno.test("FillSamples: entries dropped on several axes count once", () => {
  const bare = { underflow: false, overflow: false };
  const axes = [
    new StrCategoryAxis({ name: "s", categories: ["a"], overflow: false }),
    new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1, ...bare }),
    new IntegerAxis({ name: "i", lower: 0, upper: 2, ...bare }),
  ];
  const service = new TestService();
  const id = makeHistogram(service, axes, "int64");
  const entries = { columns: [["a", "b", "a", "b"], [0.5, 0.5, 9, 9], [1, 1, 7, 7]] };
  assert.equal(fillEntries(service, id, entries), 1);
  assertHolds(contentsOf(service, id), localHist(axes, "int64", entries));
});

Deno.test("FillSamples: refuses what is wrong, by the name of its field, and changes nothing", () => {
  const service = new TestService({ messageBytesMax: 4096 });
  const axes = [
    new StrCategoryAxis({ name: "s", growth: true }),
    new IntegerAxis({ name: "i", lower: 0, upper: 3 }),
    x,
  ];
  const id = makeHistogram(service, axes);
  const integers = makeHistogram(service, [x], "int64");
  const means = makeHistogram(service, [x], "mean");
  const cases: [id: string, entries: Entries, code: Code, message: RegExp][] = [
    [id, { columns: [["a"]] }, Code.InvalidArgument, /^columns: there are 1, .* 3 axes$/],
    [
      id,
      { columns: [["a"], Array(7).fill(1), Array(5).fill(0)] },
      Code.InvalidArgument,
      /^columns\[2\]: has 5 values, others 7$/,
    ],
    [
      id,
      { columns: [["a"], [1, 1], [0]], weight: [1, 2, 3] },
      Code.InvalidArgument,
      /^weight: has 3 values, others 2$/,
    ],
    [
      id,
      { columns: [[1], [1], [0]] },
      Code.InvalidArgument,
      /^columns\[0\]: has doubles, the axis "s" \(category_str\) takes texts$/,
    ],
    [id, { columns: [["a"], ["b"], [0]] }, Code.InvalidArgument, /^columns\[1\]: has texts, /],
    [
      id,
      { columns: [["a"], [1, 1.5], [0]] },
      Code.InvalidArgument,
      /^columns\[1\]\.values\[1\]: 1\.5 is not a 32-bit integer$/,
    ],
    [
      id,
      { columns: [["a", "\ud800"], [1], [0]] },
      Code.InvalidArgument,
      /^columns\[0\]\.values\[1\]: is no well-formed Unicode$/,
    ],
    [id, { columns: [["a"], [1], [0]], sample: [1] }, Code.InvalidArgument, /^sample: only mean/],
    [
      integers,
      { columns: [[0]], weight: [1, 0.5] },
      Code.InvalidArgument,
      /^weight\.values\[1\]: 0\.5 is no safe integer; the storage is int64$/,
    ],
    [means, { columns: [[0]] }, Code.InvalidArgument, /^sample: is missing/],
    [
      id,
      { columns: [Array.from({ length: 40 }, (_, i) => `k${i}`), [1], [0]] },
      Code.ResourceExhausted,
      /^columns: touch 40 chunks of 240 bytes, the limit is 4096 for all$/,
    ],
    [id, { columns: [["x".repeat(65_531)], [1], [0]] }, Code.InvalidArgument, /65536 bytes/],
    ["0".repeat(32), { columns: [] }, Code.NotFound, /^unknown histogram id/],
  ];
  for (const [histId, entries, code, message] of cases) {
    const fill = { ...entries, uniqueId: "u" };
    assertRefused(() => fillEntries(service, histId, fill), code, message);
  }
  assertRefused(
    () => fillEntries(service, id, { columns: [["a"], [1], [0]], uniqueId: "x".repeat(1025) }),
    Code.InvalidArgument,
    /^invalid unique_id/,
  );
  const unset = create(FillSamplesRequestSchema, { histId: means, columns: [{}], sample: {} });
  assertRefused(
    () => fillSamples(service.context, anonymous, unset),
    Code.InvalidArgument,
    /^columns\[0\]: has no values$/,
  );
  for (const histId of [id, integers, means]) {
    assert.deepEqual(contentsOf(service, histId).chunks, []);
  }
  assert.equal(fillEntries(service, id, { columns: [["a"], [1], [0]], uniqueId: "u" }), 1);
});

Deno.test("FillSamples: a repeated unique id is told before what else is wrong", () => {
  const service = new TestService();
  const id = makeHistogram(service, [x]);
  fillEntries(service, id, { columns: [[0.5]], uniqueId: "u" });
  const bad = { columns: [], uniqueId: "u" };
  assertRefused(
    () => fillEntries(service, id, bad),
    Code.AlreadyExists,
    /unique_id already exists/,
  );
});

Deno.test("FillSamples: integers fill integer axes, categories and booleans, to their last digit", () => {
  const axes = [
    new IntCategoryAxis({ name: "c", growth: true }),
    new IntegerAxis({ name: "i", lower: -2, upper: 2 }),
    new BooleanAxis({ name: "b" }),
    x,
  ];
  const service = new TestService();
  const id = makeHistogram(service, axes, "int64");
  const integers = (values: bigint[]) => ({
    values: { case: "integers" as const, value: { values } },
  });
  const request = create(FillSamplesRequestSchema, {
    histId: id,
    columns: [
      integers([2147483647n, -2147483648n]),
      integers([-2n, 1n]),
      integers([0n, 5n]),
      integers([0n]),
    ],
    weight: { values: [9007199254740991, -3] },
  });
  fillSamples(service.context, anonymous, request);
  const entries = {
    columns: [[2147483647, -2147483648], [-2, 1], [0, 5], [0]],
    weight: [9007199254740991, -3],
  };
  assertHolds(contentsOf(service, id), localHist(axes, "int64", entries));
  request.columns[0] = create(FillSamplesRequestSchema, { columns: [integers([2n ** 31n])] })
    .columns[0]!;
  assertRefused(
    () => fillSamples(service.context, anonymous, request),
    Code.InvalidArgument,
    /^columns\[0\]\.values\[0\]: 2147483648 is not a 32-bit integer$/,
  );
});

Deno.test("FillSamples: parts are one fill, also after a restart (seeded)", () => {
  const storages = ["double", "int64", "weight", "unlimited", "mean", "weighted_mean"] as const;
  for (let round = 0; round < 60; round++) {
    const seed = 7 + 131 * round;
    const prng = new SeededPrng(seed);
    const storage = storages[round % storages.length]!;
    const note = `seed ${seed}, ${storage}`;
    const grows = prng.int(0, 2) === 1;
    const axes: Axis[] = [
      new StrCategoryAxis({ name: "s", growth: true }),
      new RegularAxis({ name: "x", bins: 5, lower: -1, upper: 1.5, growth: grows }),
      new IntCategoryAxis({ name: "c", categories: [0, 2], overflow: prng.int(0, 2) === 1 }),
      new IntegerAxis({ name: "i", lower: 0, upper: 3, growth: grows }),
      new VariableAxis({ name: "v", edges: [0, 1, 3], circular: prng.int(0, 2) === 1 }),
    ].slice(0, prng.int(1, 6));
    const count = prng.int(1, 200);
    const draw = (axis: Axis): (number | string)[] =>
      Array.from({ length: count }, () => {
        if (axis.type === "category_str") return "abc"[prng.int(0, 3)]!;
        if (axis.type === "category_int" || axis.type === "integer") return prng.int(-4, 7);
        return prng.int(-400, 400) / 100 + 0.0031;
      });
    const isInteger = storage === "int64";
    const needsSample = storage.endsWith("mean");
    const entries: Entries = {
      columns: axes.map((axis) => draw(axis) as number[]),
      ...(prng.int(0, 2) === 0 ? {} : {
        weight: Array.from(
          { length: count },
          () => isInteger ? prng.int(-9, 9) : prng.int(1, 900) / 300,
        ),
      }),
      ...(needsSample
        ? { sample: Array.from({ length: count }, () => prng.int(0, 1000) / 77) }
        : {}),
    };
    const service = new TestService();
    const id = makeHistogram(service, axes, storage);
    for (let from = 0; from < count;) {
      const to = from + prng.int(1, count - from + 1);
      const part = (values: readonly number[]) => values.slice(from, to);
      fillEntries(service, id, {
        columns: entries.columns.map((values) => part(values as number[])),
        ...(entries.weight ? { weight: part(entries.weight) } : {}),
        ...(entries.sample ? { sample: part(entries.sample) } : {}),
        uniqueId: String(from),
      });
      if (prng.int(0, 2) === 0) service.commit();
      from = to;
    }
    service.commit();
    const hist = localHist(axes, storage, entries);
    const isExact = isInteger || (!entries.weight && !needsSample);
    const restored = new TestService({ registry: service.disk.restore(), disk: service.disk });
    for (const memory of [service, restored]) {
      assertHolds(contentsOf(memory, id), hist, { tolerance: isExact ? 0 : 1e-12, note });
    }
    assert.deepEqual(contentsOf(restored, id).chunks, contentsOf(service, id).chunks, note);
  }
});
