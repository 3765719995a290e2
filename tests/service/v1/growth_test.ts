import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { deleteHistogram, hasDirty, type Registry } from "../../../lib/accum/mod.ts";
import { SeededPrng } from "../../../lib/base/mod.ts";
import {
  type Axis,
  type HistSpec,
  IntegerAxis,
  makeHistSpec,
  parseHistSpec,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { readSamples } from "../../../lib/service/v1/columns.ts";
import { binSamples } from "../../../lib/service/v1/fill_samples.ts";
import { applyPlanned, grownJson, LAYOUT_TRIES_MAX } from "../../../lib/service/v1/growth.ts";
import { createHistogram } from "../../../lib/service/v1/manage.ts";
import { CreateRequestSchema } from "../../../lib/wire/gen_v1.ts";
import { doubleView, fillMessage, idMessage } from "../../support/hist_messages.ts";
import { Status, TestService, textOf } from "../support.ts";
import {
  anonymous,
  assertHolds,
  assertRefused,
  assertSameBins,
  contentsOf,
  type Entries,
  fillEntries,
  localHist,
  makeHistogram,
  samplesRequest,
} from "./fill_support.ts";
import type { GrowthOrder, GrowthReport } from "./growth_worker.ts";
import { growingAxes, threadEntries } from "./growth_worker.ts";

const x = new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1, growth: true });

function jsonOf(registry: Registry, id: string): string {
  return registry.find(id)!.metadata.json;
}

Deno.test("FillSamples: growing axes change their bins in the JSON, and nothing else", () => {
  const service = new TestService();
  const axis = (more: object) => ({
    type: "regular",
    lower: 0.0,
    upper: 2.0,
    bins: 4,
    underflow: true,
    overflow: true,
    circular: false,
    ...more,
  });
  const made = {
    uhi_schema: 1,
    writer_info: { someone: { note: 1.5 }, "boost-histogram": { storage_type: "Unlimited" } },
    axes: [
      { type: "category_str", categories: ["b", "a"], flow: true, metadata: { name: "s" } },
      axis({
        writer_info: { "boost-histogram": { growth: true }, other: [1] },
        metadata: { name: "x", label: "X", unit: "GeV" },
      }),
      axis({ metadata: { name: "y" } }),
    ],
    storage: { type: "double", values: [[[1]]] },
    metadata: { name: "n", label: "l", more: { deep: null } },
  };
  const request = create(CreateRequestSchema, { uhiJson: JSON.stringify(made) });
  const id = createHistogram(service.context, anonymous, request).value.histId;
  fillEntries(service, id, { columns: [["a"], [-0.7, 3.2], [1]] });
  const grown = structuredClone(made);
  Object.assign(grown.axes[1]!, { lower: -1, upper: 3.5, bins: 9 });
  grown.storage = { type: "double" } as typeof grown.storage;
  assert.deepEqual(JSON.parse(jsonOf(service.registry, id)), grown);
  const { storage, categoryAxes } = parseHistSpec(jsonOf(service.registry, id));
  assert.deepEqual([storage, categoryAxes[0]!.categories], ["unlimited", ["b", "a"]]);
});

Deno.test("FillSamples: what others hold moves along, and old layouts are told apart", async () => {
  const service = new TestService();
  const axes = [new StrCategoryAxis({ name: "s", growth: true }), x];
  const id = makeHistogram(service, axes);
  service.commit();
  fillEntries(service, id, { columns: [["a", "b"], [0.1, 0.6]] });
  fillEntries(service, id, { columns: [["b"], [-1.2, 2.3, Infinity]] });
  const all = { columns: [["a", "b", "b", "b", "b"], [0.1, 0.6, -1.2, 2.3, Infinity]] };
  assertHolds(contentsOf(service, id), localHist(axes, "double", all));
  // The compatible service: Describe tells the axes, and Fill wants their length.
  const { body } = await service.ask("Describe", idMessage(id));
  assert.equal(parseHistSpec(textOf(body)).denseExtents[0], 10);
  const fill = (cells: number) =>
    service.ask("Fill", fillMessage(id, { key: ["a"], view: doubleView(Array(cells).fill(1)) }));
  assert.equal((await fill(4)).status, Status.invalidArgument);
  assert.equal((await fill(10)).status, Status.ok);
  assert.equal((await service.contents(id))["a"]![4], 2);
});

Deno.test("FillSamples: an integer axis without bins gets its first ones", () => {
  const service = new TestService();
  const axes = [
    new IntegerAxis({ name: "i", lower: 5, upper: 5, growth: true }),
    new VariableAxis({ name: "v", edges: [0, 1], growth: true }),
  ];
  const id = makeHistogram(service, axes, "weight");
  assert.equal(fillEntries(service, id, { columns: [[3, 7], [0.5, 4]], weight: [2, 3] }), 2);
  assert.equal(fillEntries(service, id, { columns: [[-1], [-4]] }), 1);
  const all = { columns: [[3, 7, -1], [0.5, 4, -4]], weight: [2, 3, 1] };
  assertHolds(contentsOf(service, id), localHist(axes, "weight", all));
});

Deno.test("FillSamples: an axis that would grow too far is refused before anything is made", () => {
  const service = new TestService({ messageBytesMax: 2 ** 20, budgetBytes: 4 * 2 ** 20 });
  const v = new VariableAxis({ name: "v", edges: [0, 1], growth: true });
  const huge = new RegularAxis({ name: "h", bins: 1, lower: 0, upper: 1e308, growth: true });
  const empty = new IntegerAxis({ name: "i", lower: 0, upper: 0, growth: true });
  const wide = new RegularAxis({ name: "w", bins: 2 ** 31 - 1, lower: 0, upper: 1, growth: true });
  const ascending = Array.from({ length: 20_000 }, (_, i) => 1 + 2 * i);
  const cases: [axes: Axis[], columns: number[][], code: Code, message: RegExp][] = [
    [[x], [[1e300]], Code.InvalidArgument, /^columns\[0\]: .* needs more than 2147483647 bins$/],
    [[x], [[0, -1e6]], Code.ResourceExhausted, /^columns: touch 1 chunks of 160000\d\d bytes/],
    [[x, x], [[9e3], [9e3]], Code.ResourceExhausted, /^columns: touch 1 chunks/],
    [[v], [ascending], Code.ResourceExhausted, /^columns\[0\]: the axis would grow to more than/],
    [[huge], [[1.5e308]], Code.InvalidArgument, /cannot grow so far/],
    [[empty, wide], [[0], [0]], Code.ResourceExhausted, /^columns: touch 1 chunks/],
  ];
  for (const [axes, columns, code, message] of cases) {
    const id = makeHistogram(service, axes);
    const json = jsonOf(service.registry, id);
    assertRefused(() => fillEntries(service, id, { columns }), code, message);
    assert.equal(jsonOf(service.registry, id), json);
    deleteHistogram(service.registry, service.registry.find(id)!);
  }
});

Deno.test("FillSamples: without memory for larger chunks nothing changes, and the id is free", () => {
  const service = new TestService({ budgetBytes: 2 ** 20 });
  const id = makeHistogram(service, [x]);
  fillEntries(service, id, { columns: [[0.3]] });
  const before = contentsOf(service, id);
  const far = { columns: [[70_000]], uniqueId: "u" };
  assertRefused(
    () => fillEntries(service, id, far),
    Code.ResourceExhausted,
    /^cannot fill: .*; delete histograms or raise --max-bytes$/,
  );
  assert.deepEqual(contentsOf(service, id).chunks, before.chunks);
  fillEntries(service, id, { columns: [[0.3]], uniqueId: "u" });
});

function localSum(service: TestService, id: string): number {
  return (contentsOf(service, id).chunks[0]!.cells as Float64Array).reduce((a, b) => a + b, 0);
}

/** Fills, and after each plan lets something else happen first. */
function fillAround(
  service: TestService,
  id: string,
  fill: { entries: Entries; uniqueId: string; between: (plan: number) => void },
): void {
  const request = samplesRequest(id, fill.entries);
  let plans = 0;
  applyPlanned(service.context, anonymous, {
    histId: id,
    uniqueId: new TextEncoder().encode(fill.uniqueId),
    plan: (spec: HistSpec) => {
      const planned = binSamples(spec, readSamples(spec, request), { bytesMax: 2 ** 20 });
      fill.between(++plans);
      return planned;
    },
  });
}

for (const [what, value] of [["grows it too", -3], ["does not", 0.2]] as const) {
  Deno.test(`growth: another thread grows the axes between plan and fill, which ${what}: nothing is lost`, () => {
    const service = new TestService();
    const other = new TestService({ beside: service });
    const id = makeHistogram(service, [x]);
    fillEntries(service, id, { columns: [[0.7]] });
    const between = (plan: number) => {
      if (plan <= 3) fillEntries(other, id, { columns: [[plan + 0.1]] });
    };
    fillAround(service, id, { entries: { columns: [[value]] }, uniqueId: "u", between });
    const all = { columns: [[0.7, 1.1, 2.1, 3.1, value]] };
    assertHolds(contentsOf(service, id), localHist([x], "double", all));
    assertHolds(contentsOf(other, id), localHist([x], "double", all));
  });
}

Deno.test("growth: a fill that never meets its layout gives up, ABORTED", () => {
  const service = new TestService();
  const id = makeHistogram(service, [x]);
  let plans = 0;
  const between = (plan: number) => {
    plans = plan;
    fillEntries(service, id, { columns: [[plan + 0.1]] });
  };
  const fill = { entries: { columns: [[0.2]] }, uniqueId: "u", between };
  assertRefused(
    () => fillAround(service, id, fill),
    Code.Aborted,
    /retry with the same unique_id$/,
  );
  assert.equal(plans, LAYOUT_TRIES_MAX);
  assert.equal(localSum(service, id), plans);
});

Deno.test("growth: deleted or filled with the same id in between, it is told so", () => {
  const service = new TestService();
  const other = new TestService({ beside: service });
  const id = makeHistogram(service, [x]);
  const entries = { columns: [[4]] };
  const twice = () => fillEntries(other, id, { columns: [[0.5]], uniqueId: "u" });
  const fill = { entries, uniqueId: "u" };
  assertRefused(
    () => fillAround(service, id, { ...fill, between: twice }),
    Code.AlreadyExists,
    /already exists$/,
  );
  const gone = () => deleteHistogram(other.registry, other.registry.find(id)!);
  assertRefused(
    () => fillAround(service, id, { ...fill, uniqueId: "v", between: gone }),
    Code.NotFound,
    /^unknown histogram id/,
  );
});

Deno.test("growth: what the disk refuses shrinks back, and the same fill grows it again", () => {
  const service = new TestService();
  const id = makeHistogram(service, [x]);
  fillEntries(service, id, { columns: [[0.1]] });
  service.commit();
  const fill = { columns: [[-2.2]], uniqueId: "u" };
  fillEntries(service, id, fill);
  service.refuse();
  assertHolds(contentsOf(service, id), localHist([x], "double", { columns: [[0.1]] }));
  service.commit();
  fillEntries(service, id, fill);
  service.commit();
  const restored = new TestService({ registry: service.disk.restore() });
  const all = localHist([x], "double", { columns: [[0.1, -2.2]] });
  for (const memory of [service, restored]) assertHolds(contentsOf(memory, id), all);
});

Deno.test("grownJson: axes of each kind are read back as they grew (seeded)", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const prng = new SeededPrng(seed);
    const axes = [
      new RegularAxis({ name: "r", bins: 7, lower: 0.1, upper: 0.8, growth: true }),
      new IntegerAxis({ name: "i", lower: 0, upper: 2, growth: true }),
      new VariableAxis({ name: "v", edges: [0.1, 0.3, 1], growth: true }),
    ];
    const spec = makeHistSpec(axes);
    const grown = axes.map((axis) => axis.clone());
    for (let i = 0; i < 5; i++) {
      grown[0]!.growToHold(prng.int(-500, 500) / 100 + 0.003);
      grown[1]!.growToHold(prng.int(-20, 20));
      grown[2]!.growToHold(prng.int(-500, 500) / 100 + 0.003);
    }
    const json = JSON.stringify({
      axes: JSON.parse(jsonOfSpec(spec)).axes,
      storage: { type: "double" },
    });
    const read = parseHistSpec(grownJson(json, spec, grown));
    for (const [i, axis] of read.axes.entries()) {
      assertSameBins(axis, grown[i]!, `seed ${seed}`);
    }
  }
});

function jsonOfSpec(spec: HistSpec): string {
  const service = new TestService();
  return jsonOf(service.registry, makeHistogram(service, spec.axes));
}

Deno.test("growth: threads that fill and grow one histogram at once lose nothing (seeded)", async () => {
  const seed = Number(Deno.env.get("HISTSERV_SEED") ?? 20261122);
  const threads = 3;
  const fills = 60;
  const service = new TestService({ budgetBytes: 256 * 2 ** 20 });
  const id = makeHistogram(service, growingAxes(), "int64");
  service.commit();
  const workers: Worker[] = [];
  let running = threads;
  const ends = Array.from(
    { length: threads },
    (_, i) =>
      new Promise<GrowthReport>((resolve, reject) => {
        const worker = new Worker(import.meta.resolve("./growth_worker.ts"), { type: "module" });
        workers.push(worker);
        worker.onmessage = (event) => (running--, resolve(event.data as GrowthReport));
        worker.onerror = (event) => (running--, reject(event.error ?? event.message));
        const { buffer } = service.registry.arena;
        const order: GrowthOrder = { buffer, threadIndex: i + 1, seed, fills, histId: id };
        worker.postMessage(order);
      }),
  );
  try {
    while (running > 0) {
      if (hasDirty(service.registry.arena)) service.commit();
      await nextTurn();
    }
    for (const { error } of await Promise.all(ends)) assert.equal(error, null, `seed ${seed}`);
  } finally {
    for (const worker of workers) worker.terminate();
  }
  service.commit();
  const all = Array.from(
    { length: threads },
    (_, i) =>
      Array.from({ length: fills }, (_, n) => threadEntries({ seed, threadIndex: i + 1 }, n)),
  ).flat();
  const columns = growingAxes().map((_, axis) => all.flatMap((entries) => [...entries[axis]!]));
  const hist = localHist(growingAxes(), "int64", { columns: columns as number[][] });
  const restored = new TestService({ registry: service.disk.restore() });
  for (const memory of [service, restored]) {
    assertHolds(contentsOf(memory, id), hist, { note: `seed ${seed}` });
  }
});
