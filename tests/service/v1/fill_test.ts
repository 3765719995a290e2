import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { SeededPrng } from "../../../lib/base/mod.ts";
import {
  type Axis,
  ChunkedHist,
  formatHistSpec,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  makeHistSpec,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
  VariableAxis,
} from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { fillCells } from "../../../lib/service/v1/fill.ts";
import { type CategorySchema, FillRequestSchema } from "../../../lib/wire/gen_v1.ts";
import { TestService } from "../support.ts";
import {
  anonymous,
  assertHolds,
  assertRefused,
  assertSameCells,
  contentsOf,
  type Entries,
  fillChunked,
  fillEntries,
  localHist,
  makeHistogram,
} from "./fill_support.ts";

const x = new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1 });
const growing = new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1, growth: true });

type Part = MessageInitShape<typeof CategorySchema>["value"];
const text = (value: string): Part => ({ case: "text", value });
const integer = (value: bigint): Part => ({ case: "integer", value });
const unset: Part = { case: undefined };

function fill(
  service: TestService,
  histId: string,
  request: { key?: Part[]; cells?: number; uhiJson?: string; uniqueId?: string },
): void {
  const { key = [], cells = 4, uhiJson = "", uniqueId } = request;
  const chunk = {
    key: key.map((value) => ({ value: value! })),
    cells: new Uint8Array(new Float64Array(cells).fill(1).buffer),
  };
  const id = uniqueId === undefined ? {} : { uniqueId: new TextEncoder().encode(uniqueId) };
  const message = create(FillRequestSchema, { histId, chunks: [chunk], uhiJson, ...id });
  fillCells(service.context, anonymous, message);
}

Deno.test("Fill: keys of any category of their kind, and unset for the overflow bin of an axis that has one", () => {
  const service = new TestService();
  const id = makeHistogram(service, [
    new StrCategoryAxis({ name: "s", categories: ["a"] }),
    new IntCategoryAxis({ name: "c", growth: true }),
    x,
  ]);
  fill(service, id, { key: [text("z"), integer(-5n)] });
  fill(service, id, { key: [unset, integer(7n)] });
  fill(service, id, { key: [unset, integer(7n)] });
  assert.deepEqual(
    contentsOf(service, id).chunks.map(({ key, cells }) => [...key, cells[0]]),
    [["z", -5, 1], [null, 7, 2]],
  );
  const cases: [key: Part[], message: RegExp][] = [
    [[text("a")], /^chunks\[0\]\.key: has 1 values, the histogram has 2 category axes$/],
    [[text("a"), unset], /^chunks\[0\]\.key\[1\]: is unset; the axis "c" has no overflow bin$/],
    [
      [integer(1n), integer(1n)],
      /key\[0\]: is of kind integer; the axis "s" has string categories$/,
    ],
    [[text("a"), text("b")], /key\[1\]: is of kind text; the axis "c" has integer categories$/],
    [[text("a"), integer(2n ** 31n)], /key\[1\]: 2147483648 is outside of 32 bits/],
    [[text("\ud800"), integer(1n)], /key\[0\]: is no well-formed Unicode$/],
    [[text("x".repeat(65_522)), integer(1n)], /key: has 65536 bytes, the limit is 65535$/],
  ];
  for (const [key, message] of cases) {
    assertRefused(() => fill(service, id, { key }), Code.InvalidArgument, message);
  }
});

Deno.test("Fill: cells of another length are refused, all or nothing, and the id is free", () => {
  const service = new TestService();
  const id = makeHistogram(service, [growing]);
  const good = new Uint8Array(32);
  const chunks = [{ cells: good }, { cells: new Uint8Array(31) }];
  const request = create(FillRequestSchema, { histId: id, chunks, uniqueId: Uint8Array.of(1) });
  assertRefused(
    () => fillCells(service.context, anonymous, request),
    Code.InvalidArgument,
    /^chunks\[1\]\.cells: has 31 bytes, a chunk has 32; if the axes have grown, send uhi_json$/,
  );
  assert.deepEqual(contentsOf(service, id).chunks, []);
  request.chunks.length = 1;
  fillCells(service.context, anonymous, request);
  request.chunks[0]!.cells = new Uint8Array(1);
  assertRefused(
    () => fillCells(service.context, anonymous, request),
    Code.AlreadyExists,
    /already exists$/,
  );
});

Deno.test("Fill: the client's axes may be the server's, smaller, larger, or to another side", () => {
  const service = new TestService();
  const id = makeHistogram(service, [growing], "int64");
  const all = [0.2, -0.7, 0.3, 1.7, 2.2, NaN];
  for (const values of [[0.2], [-0.7], [0.3], [1.7, 2.2], [NaN]]) {
    const hist = ChunkedHist.fromHist(localHist([growing], "int64", { columns: [values] }));
    fillChunked(service, id, { hist });
  }
  assertHolds(contentsOf(service, id), localHist([growing], "int64", { columns: [all] }));
});

Deno.test("Fill: axes of another lattice, storage or number are FAILED_PRECONDITION, with the axis", () => {
  const service = new TestService({ messageBytesMax: 2 ** 20 });
  const c = new StrCategoryAxis({ name: "s", growth: true });
  const id = makeHistogram(service, [c, growing, x]);
  const like = (axes: Axis[], storage: StorageType = "double") =>
    formatHistSpec(makeHistSpec(axes, { storage }));
  const other = (options: object) =>
    new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1, growth: true, ...options });
  const ints = new IntCategoryAxis({ name: "s", growth: true });
  const cases: [uhiJson: string, code: Code, message: RegExp][] = [
    [
      like([c, other({ lower: 0.1 }), x]),
      Code.FailedPrecondition,
      /^uhi_json: axes\[1\]: is not of/,
    ],
    [like([c, other({ bins: 3 }), x]), Code.FailedPrecondition, /^uhi_json: axes\[1\]: is not of/],
    [like([c, growing, growing]), Code.FailedPrecondition, /^uhi_json: axes\[2\]: is not of/],
    [
      like([ints, growing, x]),
      Code.FailedPrecondition,
      /^uhi_json: axes\[0\]: is of type category_int, the histogram's is category_str$/,
    ],
    [like([c, growing]), Code.FailedPrecondition, /^uhi_json: axes: are 2, the histogram has 3$/],
    [
      like([c, growing, x], "weight"),
      Code.FailedPrecondition,
      /^uhi_json: storage: is weight, the histogram's is double$/,
    ],
    ["{", Code.InvalidArgument, /^uhi_json: /],
    [
      like([
        c,
        other({ bins: 2 ** 31 - 1 }),
        new IntegerAxis({ lower: 0, upper: 0, growth: true }),
      ]),
      Code.ResourceExhausted,
      /^uhi_json: its cells would have 171\d+ bytes, the limit is 1048576$/,
    ],
    [
      like([c, other({ lower: 50_000, upper: 50_001 }), x]),
      Code.ResourceExhausted,
      /^uhi_json: its cells would have 32\d+ bytes/,
    ],
  ];
  for (const [uhiJson, code, message] of cases) {
    const request = { histId: id, uhiJson, uniqueId: Uint8Array.of(1) };
    const action = () => fillCells(service.context, anonymous, create(FillRequestSchema, request));
    assertRefused(action, code, message);
  }
  // Labels and the categories seen do not count.
  const same = [
    new StrCategoryAxis({ name: "t", label: "T", categories: ["q"], growth: true }),
    growing,
    new RegularAxis({ name: "y", bins: 2, lower: 0, upper: 1 }),
  ];
  fill(service, id, { key: [text("a")], cells: 16, uhiJson: like(same) });
});

Deno.test("Fill: cells that would need too many bytes on the merged axes are refused", () => {
  const service = new TestService({ messageBytesMax: 2000 });
  const id = makeHistogram(service, [growing]);
  fillEntries(service, id, { columns: [[100]] });
  const hist = ChunkedHist.fromHist(localHist([growing], "double", { columns: [[0.2]] }));
  assertHolds(contentsOf(service, id), localHist([growing], "double", { columns: [[100]] }));
  fillChunked(service, id, { hist });
  const far = ChunkedHist.fromHist(localHist([growing], "double", { columns: [[-40]] }));
  assertRefused(() => fillChunked(service, id, { hist: far }), Code.ResourceExhausted, /^uhi_json/);
});

Deno.test("Fill: clients that grew apart are one fill, with raw values in between (seeded)", () => {
  const storages = ["double", "int64", "weight", "mean", "weighted_mean"] as const;
  for (let round = 0; round < 40; round++) {
    const seed = 3 + 211 * round;
    const prng = new SeededPrng(seed);
    const storage = storages[round % storages.length]!;
    const axes = [
      new StrCategoryAxis({ name: "s", growth: true }),
      new RegularAxis({ name: "x", bins: 4, lower: 0.1, upper: 0.9, growth: true }),
      new IntegerAxis({ name: "i", lower: 0, upper: 2, growth: true }),
    ];
    const service = new TestService();
    const id = makeHistogram(service, axes, storage);
    const parts: Entries[] = [];
    for (let part = 0; part < 5; part++) {
      const count = prng.int(1, 30);
      const draw = <T>(value: () => T): T[] => Array.from({ length: count }, value);
      const entries: Entries = {
        columns: [
          draw(() => "ab"[prng.int(0, 2)]!),
          draw(() => prng.int(-300, 300) / 100 + 0.0031),
          draw(() => prng.int(-5, 9)),
        ],
        ...(storage === "int64" ? {} : { weight: draw(() => prng.int(1, 90) / 30) }),
        ...(storage.endsWith("mean") ? { sample: draw(() => prng.int(0, 999) / 7) } : {}),
      };
      parts.push(entries);
      if (part % 2 === 0) {
        const hist = ChunkedHist.fromHist(localHist(axes, storage, entries));
        fillChunked(service, id, { hist, uniqueId: String(part) });
      } else fillEntries(service, id, { ...entries, uniqueId: String(part) });
    }
    const all = (column: (entries: Entries) => readonly unknown[]) =>
      parts.flatMap(column) as number[];
    const hist = localHist(axes, storage, {
      columns: axes.map((_, i) => all(({ columns }) => columns[i] as number[])),
      ...(parts[0]!.weight ? { weight: all(({ weight }) => weight!) } : {}),
      ...(parts[0]!.sample ? { sample: all(({ sample }) => sample!) } : {}),
    });
    const note = `seed ${seed}, ${storage}`;
    assertHolds(contentsOf(service, id), hist, {
      tolerance: storage === "int64" ? 0 : 1e-12,
      note,
    });
  }
});

Deno.test("Fill: means merge as lib/hist adds them, bit for bit (seeded)", () => {
  for (const storage of ["mean", "weighted_mean"] as const) {
    for (let seed = 1; seed <= 20; seed++) {
      const prng = new SeededPrng(seed);
      const axes = [
        new StrCategoryAxis({ name: "s", growth: true }),
        new VariableAxis({ name: "v", edges: [0, 1, 3] }),
      ];
      const service = new TestService();
      const id = makeHistogram(service, axes, storage);
      const local = new ChunkedHist(axes, { storage });
      for (let part = 0; part < 6; part++) {
        const count = prng.int(1, 20);
        const draw = (scale: number) =>
          Array.from({ length: count }, () => prng.int(0, 4000) / scale);
        const hist = new ChunkedHist(axes, { storage });
        const columns = { s: "ab"[prng.int(0, 2)]!, v: draw(1000) };
        const options = { weight: draw(1300), sample: draw(7) };
        hist.fill(columns, options);
        for (const { key, cells } of hist.chunks()) local.addChunk(key, cells);
        if (part % 2 === 0) fillChunked(service, id, { hist });
        else {
          const { weight, sample } = options;
          fillEntries(service, id, { columns: [[columns.s], columns.v], weight, sample });
        }
      }
      for (const { key, cells } of contentsOf(service, id).chunks) {
        assertSameCells(cells, local.chunk(key)!, 0, `seed ${seed}`);
      }
    }
  }
});

Deno.test("Fill: a mean of one entry, and an empty one, stay what they are", () => {
  const service = new TestService();
  const id = makeHistogram(service, [x], "mean");
  const hist = new Hist([x], { storage: "mean" });
  hist.fill([[0.1]], { sample: [5] });
  const part = ChunkedHist.fromHist(hist);
  fillChunked(service, id, { hist: part });
  fillChunked(service, id, { hist: ChunkedHist.fromHist(new Hist([x], { storage: "mean" })) });
  fillChunked(service, id, { hist: part });
  hist.add(hist);
  assertHolds(contentsOf(service, id), hist);
});
