import assert from "node:assert/strict";
import {
  type Axis,
  checkCompatible,
  formatHistSpec,
  HistFormatError,
  parseHistSpec,
} from "../../lib/hist/mod.ts";
import { readGolden } from "./golden.ts";

interface WireCase {
  desc: string;
  metadata_json: string;
  dense_metadata_json: string;
  dense_shape: number[];
  dense_dtype: string;
  chunk_axes: string[];
}

const cellKinds: Record<string, string> = { float64: "f64", int64: "i64" };

for (const golden of readGolden<{ chunked: WireCase[] }>("wire.json").chunked) {
  Deno.test(`parseHistSpec: ${golden.desc}, formats back to the same text (wire.json)`, () => {
    for (const text of [golden.metadata_json, golden.dense_metadata_json]) {
      assert.equal(formatHistSpec(parseHistSpec(text)), text);
    }
  });

  Deno.test(`parseHistSpec: ${golden.desc}, shape and cells (wire.json)`, () => {
    const spec = parseHistSpec(golden.metadata_json);
    checkCompatible(spec);
    assert.deepEqual(spec.denseExtents, golden.dense_shape);
    assert.deepEqual(spec.categoryAxes.map((axis) => axis.name), golden.chunk_axes);
    assert.equal(spec.cellKind, cellKinds[golden.dense_dtype] ?? "weighted");
    const cells = golden.dense_shape.reduce((a, b) => a * b, 1);
    assert.equal(spec.chunkBytes, cells * (spec.cellKind === "weighted" ? 16 : 8));
  });
}

const regular = {
  type: "regular",
  lower: 0,
  upper: 3,
  bins: 3,
  underflow: true,
  overflow: true,
  circular: false,
};
const variable = { type: "variable", edges: [0, 1, 3], underflow: true, overflow: true };
const integer = { ...regular, writer_info: { "boost-histogram": { orig_type: "Integer" } } };

function textOf(axis: unknown, storage: unknown = { type: "double" }): string {
  return JSON.stringify({ axes: [axis], storage })
    .replaceAll(/"(NaN|-?Infinity)"/g, "$1")
    .replaceAll(/"float (\d+)"/g, "$1.0");
}

function parseAxis(axis: unknown): Axis {
  return parseHistSpec(textOf(axis)).axes[0]!;
}

/** Extents that histserv 0.2.1 gives, by its own constructor; null where it refuses. */
const extents: [kind: string, flags: string, extent: number | null][] = [
  // Flags: underflow, overflow, circular, growth.
  ["regular", "uo--", 5],
  ["regular", "u---", 4],
  ["regular", "-o--", 4],
  ["regular", "----", 3],
  ["regular", "uoc-", 4],
  ["regular", "-oc-", 4],
  ["regular", "u-c-", null],
  ["regular", "--c-", null],
  ["regular", "uo-g", 5],
  ["regular", "u--g", null],
  ["regular", "-o-g", null],
  ["regular", "---g", null],
  ["regular", "uocg", null],
  ["variable", "uo--", 4],
  ["variable", "u---", 3],
  ["variable", "-o--", 3],
  ["variable", "----", 2],
  ["variable", "uoc-", 3],
  ["variable", "-oc-", 3],
  ["variable", "u-c-", null],
  ["variable", "uo-g", 4],
  ["variable", "-o-g", null],
  ["variable", "uocg", null],
  ["integer", "uo--", 5],
  ["integer", "u---", 4],
  ["integer", "-o--", 4],
  ["integer", "----", 3],
  ["integer", "uoc-", 3],
  ["integer", "--c-", 3],
  ["integer", "uo-g", 3],
  ["integer", "---g", 3],
  ["integer", "uocg", null],
];

for (const [kind, flags, extent] of extents) {
  const outcome = extent === null ? "is refused" : `has extent ${extent}`;
  Deno.test(`parseHistSpec: ${kind} ${flags} ${outcome} (histserv 0.2.1)`, () => {
    const info = {
      ...(kind === "integer" ? { orig_type: "Integer" } : {}),
      ...(flags.includes("g") ? { growth: true } : {}),
    };
    const text = textOf({
      ...(kind === "variable" ? variable : regular),
      underflow: flags.includes("u"),
      overflow: flags.includes("o"),
      circular: flags.includes("c"),
      writer_info: { "boost-histogram": info },
    });
    if (extent === null) assert.throws(() => parseHistSpec(text), HistFormatError);
    else assert.deepEqual(parseHistSpec(text).denseExtents, [extent]);
  });
}

Deno.test("parseHistSpec: category axes are no dimensions; without others a chunk is one cell", () => {
  const spec = parseHistSpec(
    textOf({ type: "category_str", categories: ["a"], flow: true }, { type: "weighted" }),
  );
  assert.deepEqual(spec.denseExtents, []);
  assert.equal(spec.chunkCells, 1);
  assert.equal(spec.chunkBytes, 16);
  assert.equal(spec.categoryAxes.length, 1);
});

Deno.test("parseHistSpec: an integer axis without bins makes chunks without cells", () => {
  assert.equal(parseHistSpec(textOf({ ...integer, ...{ upper: 0, bins: 0 } })).chunkCells, 2);
  const none = { ...integer, upper: 0, bins: 0, underflow: false, overflow: false };
  assert.equal(parseHistSpec(textOf(none)).chunkBytes, 0);
});

Deno.test("parseHistSpec: 2 billion bins are read, their bytes exact", () => {
  const spec = parseHistSpec(textOf({ ...regular, bins: 2_000_000_000 }, { type: "weighted" }));
  assert.equal(spec.chunkBytes, 2_000_000_002 * 16);
});

Deno.test("parseHistSpec: refuses what needs 2^53 bytes, however many axes say it", () => {
  const axis = { ...regular, bins: 2_000_000_000 };
  for (const count of [2, 32]) {
    const text = JSON.stringify({ axes: Array(count).fill(axis), storage: { type: "int" } });
    assert.throws(() => parseHistSpec(text), { path: "axes" });
  }
});

Deno.test("parseHistSpec: a million edges are read", () => {
  const edges = Array.from({ length: 1_000_001 }, (_, i) => i / 7);
  const [axis] = parseHistSpec(textOf({ ...variable, edges, circular: false })).axes;
  assert.equal(axis!.size, 1_000_000);
});

Deno.test("parseHistSpec: schema, metadata and unknown notes may be missing or strange", () => {
  for (
    const rest of [
      {},
      { uhi_schema: 2 },
      { uhi_schema: "x", extra: [1] },
      { metadata: {} },
      { metadata: { name: null, "@hidden": 1, other: 2 } },
      { writer_info: { other: { growth: 7 } } },
      { writer_info: null },
    ]
  ) {
    const text = JSON.stringify({ axes: [regular], storage: { type: "double" }, ...rest });
    const spec = parseHistSpec(text);
    assert.deepEqual([spec.name, spec.label], ["", ""]);
  }
});

Deno.test("parseHistSpec: contents are ignored", () => {
  const storage = { type: "int", values: [["x"]] };
  assert.equal(parseHistSpec(textOf(regular, storage)).storage, "int64");
});

Deno.test("parseHistSpec: boost-histogram's notes tell AtomicInt64 and Unlimited", () => {
  const note = (type: string) => ({ writer_info: { "boost-histogram": { orig_type: type } } });
  const atomic = textOf(regular, { type: "int", ...note("AtomicInt64") });
  const unlimited = textOf(regular, { type: "double", ...note("Unlimited") });
  assert.equal(parseHistSpec(atomic).storage, "atomic_int64");
  assert.equal(parseHistSpec(unlimited).storage, "unlimited");
  assert.match(formatHistSpec(parseHistSpec(unlimited)), /"storage": \{"type": "double"\}/);
});

Deno.test("parseHistSpec: infinite outer edges are allowed, descending regular axes too", () => {
  assert.equal(
    parseAxis({ ...variable, edges: ["-Infinity", 1, "Infinity"], circular: false }).size,
    2,
  );
  const [descending] = parseHistSpec(textOf({ ...regular, lower: 3, upper: 0 })).denseAxes;
  assert.equal(descending!.index(2.5), 0);
});

Deno.test("parseHistSpec: a transform that we do not know leaves a variable axis", () => {
  const info = { "boost-histogram": { transform: "banana" } };
  assert.equal(parseAxis({ ...variable, circular: false, writer_info: info }).type, "variable");
});

const refusals: [what: string, text: string, path: string, message: RegExp][] = [
  ["init_empty", "", "", /^Cannot read JSON: expected a value/],
  ["init_notjson", "{not json", "", /^Cannot read JSON: expected a property name/],
  ["init_json_list", "[]", "", /^A histogram must be a JSON object, not an array$/],
  ["init_json_null", "null", "", /^A histogram must be a JSON object, not null$/],
  ["init_no_axes_key", '{"storage": {"type": "double"}}', "axes", /^axes: is missing$/],
  ["init_no_storage", '{"axes": []}', "storage", /^storage: is missing$/],
  ["init_unknown_axis_type", textOf({ type: "banana" }), "axes[0].type", /"banana"/],
  ["init_unknown_storage", textOf(regular, { type: "banana" }), "storage.type", /"banana"/],
  ["init_axis_missing_bins", textOf({ ...regular, bins: undefined }), "axes[0].bins", /missing/],
  ["init_bins_zero", textOf({ ...regular, bins: 0 }), "axes[0].bins", /from 1 to 2147483647/],
  ["init_bins_negative", textOf({ ...regular, bins: -1 }), "axes[0].bins", /from 1 to/],
  ["init_bins_str", textOf({ ...regular, bins: "3" }), "axes[0].bins", /an integer, not a string/],
  ["init_bins_float", textOf({ ...regular, bins: 3.5 }), "axes[0].bins", /an integer, not a float/],
  ["integral float", textOf({ ...regular, bins: "float 3" }), "axes[0].bins", /not a float/],
  ["init_lower_eq_upper", textOf({ ...regular, upper: 0 }), "axes[0].upper", /must differ/],
  ["2^31 bins", textOf({ ...regular, bins: 2 ** 31 }), "axes[0].bins", /from 1 to/],
  ["1e400 bins", textOf(regular).replace('"bins":3', '"bins":1e400'), "axes[0].bins", /a float/],
  ["NaN lower", textOf({ ...regular, lower: "NaN" }), "axes[0].lower", /must be finite/],
  ["null upper", textOf({ ...regular, upper: null }), "axes[0].upper", /not null/],
  ["no underflow", textOf({ ...regular, underflow: undefined }), "axes[0].underflow", /missing/],
  ["flag 1", textOf({ ...regular, circular: 1 }), "axes[0].circular", /true or false/],
  [
    "init_variable_unsorted",
    textOf({ ...variable, edges: [0, 2, 1], circular: false }),
    "axes[0].edges",
    /^axes\[0\]\.edges: must be strictly ascending$/,
  ],
  [
    "edge of the wrong type",
    textOf({ ...variable, edges: [0, "1"], circular: false }),
    "axes[0].edges[1]",
    /a number, not a string/,
  ],
  [
    "edges no array",
    textOf({ ...variable, edges: "abc", circular: false }),
    "axes[0].edges",
    /an array, not a string/,
  ],
  [
    "init_strcat_dup",
    textOf({ type: "category_str", categories: ["a", "a"], flow: true }),
    "axes[0].categories",
    /must differ from each other/,
  ],
  [
    "category of the wrong type",
    textOf({ type: "category_str", categories: ["a", 1], flow: true }),
    "axes[0].categories[1]",
    /must be strings, not a number/,
  ],
  [
    "category beyond 32 bits",
    textOf({ type: "category_int", categories: [2 ** 31], flow: true }),
    "axes[0].categories[0]",
    /32-bit integers/,
  ],
  ["no flow", textOf({ type: "category_int", categories: [] }), "axes[0].flow", /is missing/],
  ["integer of wrong bins", textOf({ ...integer, bins: 4 }), "axes[0].bins", /upper - lower = 3/],
  ["integer of halves", textOf({ ...integer, lower: 0.5 }), "axes[0].lower", /not a float/],
  ["integer beyond", textOf({ ...integer, upper: 2 ** 31 }), "axes[0].upper", /32-bit/],
  ["axis no object", textOf(5), "axes[0]", /an object, not a number/],
  ["notes no object", textOf({ ...regular, writer_info: 1 }), "axes[0].writer_info", /an object/],
  [
    "name no string",
    textOf({ ...regular, metadata: { name: 5 } }),
    "axes[0].metadata.name",
    /a string/,
  ],
  [
    "33 axes",
    JSON.stringify({ axes: Array(33).fill(regular), storage: { type: "int" } }),
    "axes",
    /more than 32/,
  ],
];

for (const [what, text, path, message] of refusals) {
  Deno.test(`parseHistSpec: refuses ${what} (field/histserv.md)`, () => {
    assert.throws(() => parseHistSpec(text), (error) => {
      assert.ok(error instanceof HistFormatError);
      assert.equal(error.path, path);
      assert.match(error.message, message);
      return true;
    });
  });
}

const named = { ...regular, metadata: { name: "x" } };
const log = {
  ...variable,
  circular: false,
  metadata: { name: "x" },
  writer_info: { "boost-histogram": { transform: "log", bins: 2, lower: 1.5, upper: 3.5 } },
};
const incompatible: [what: string, axes: unknown[], path: string][] = [
  ["init_axes_empty", [], "axes"],
  ["init_axis_no_metadata", [named, regular], "axes[1].metadata.name"],
  ["init_unnamed_axis", [{ ...regular, metadata: { name: "" } }], "axes[0].metadata.name"],
  ["init_dup_axis_names", [named, { ...integer, ...named }], "axes[1].metadata.name"],
  ["transformed", [log], "axes[0]"],
];

for (const [what, axes, path] of incompatible) {
  Deno.test(`checkCompatible: refuses ${what} (field/histserv.md)`, () => {
    const spec = parseHistSpec(JSON.stringify({ axes, storage: { type: "double" } }));
    assert.throws(() => checkCompatible(spec), { name: "HistFormatError", path });
  });
}

for (const type of ["mean", "weighted_mean"]) {
  Deno.test(`checkCompatible: refuses storage ${type} as Python's histserv does (wire.json)`, () => {
    const axis = { ...regular, metadata: { name: "x" } };
    const spec = parseHistSpec(textOf(axis, { type }));
    assert.deepEqual([spec.cellKind, spec.cellBytes], [type, type === "mean" ? 24 : 32]);
    assert.equal(spec.chunkBytes, 5 * spec.cellBytes);
    assert.throws(() => checkCompatible(spec), {
      name: "HistFormatError",
      message: `storage.type: "${type}" is not supported yet`,
    });
  });
}
