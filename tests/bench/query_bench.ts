/**
 * Query of the 979 MB histogram: 200 x 20 x 150 categories of 102 Weight cells, in this process, in memory only.
 *
 *     deno run -A tests/bench/query_bench.ts
 *
 * Prints for each question the time of the first call, the median of the others, and the bytes of the answer.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { addChunks, type ChunkAddition } from "../../lib/accum/mod.ts";
import { systemClock } from "../../lib/base/mod.ts";
import { Querier } from "../../lib/service/v1/query.ts";
import { createHistogram } from "../../lib/service/v1/manage.ts";
import { encodeChunkKey } from "../../lib/wire/mod.ts";
import {
  CellEncoding,
  CreateRequestSchema,
  QueryRequestSchema,
  QueryResponseSchema,
  type SelectionSchema,
} from "../../lib/wire/gen_v1.ts";
import { TestService } from "../service/support.ts";

const names = ["dataset", "region", "systematic"];
const counts = [200, 20, 150];
const bins = 100;
const cellsPerChunk = bins + 2;
const anonymous = { digest: null, counters: null };

const service = new TestService({ durability: "none", budgetBytes: 2 * 2 ** 30 });
const querier = new Querier(service.context);
const histId = make();

function make(): string {
  const request = create(CreateRequestSchema, { uhiJson: histJson() });
  return createHistogram(service.context, anonymous, request).value.histId;
}

function histJson(): string {
  const category = (name: string) => ({
    type: "category_str",
    categories: [],
    flow: false,
    metadata: { name },
    writer_info: { "boost-histogram": { growth: true } },
  });
  return JSON.stringify({
    uhi_schema: 1,
    axes: [...names.map(category), {
      type: "regular",
      lower: 0,
      upper: 500,
      bins,
      underflow: true,
      overflow: true,
      circular: false,
      metadata: { name: "mass" },
    }],
    storage: { type: "weighted" },
    metadata: { name: "large" },
  });
}

function categoryName(axis: number, i: number): string {
  return `${names[axis]}_${String(i).padStart(4, "0")}`;
}

/** Every cell of a chunk holds 1 + its systematic as value and 1 as variance. */
function build(): void {
  const handle = service.registry.find(histId)!;
  const cells = Array.from({ length: counts[2]! }, (_, systematic) => {
    const chunk = new Float64Array(2 * cellsPerChunk).fill(1);
    for (let i = 0; i < chunk.length; i += 2) chunk[i] = 1 + systematic;
    return new Uint8Array(chunk.buffer);
  });
  for (let dataset = 0; dataset < counts[0]!; dataset++) {
    const additions: ChunkAddition[] = [];
    for (let region = 0; region < counts[1]!; region++) {
      for (let systematic = 0; systematic < counts[2]!; systematic++) {
        const key = [dataset, region, systematic].map((i, axis) => categoryName(axis, i));
        additions.push({ key: encodeChunkKey(key), cells: cells[systematic]! });
      }
    }
    const { status } = addChunks(service.registry, handle, { additions, uniqueId: null });
    assert.equal(status, "done");
  }
}

type AxisSelectionInit = NonNullable<MessageInitShape<typeof SelectionSchema>["axes"]>[number];
type Take = NonNullable<AxisSelectionInit["take"]>;

function category(text: string): Take {
  const value = {
    point: { case: "category" as const, value: { value: { case: "text" as const, value: text } } },
  };
  return { case: "point", value };
}

const sum: Take = { case: "slice", value: { action: { case: "sum", value: {} } } };

interface Question {
  readonly title: string;
  readonly takes: readonly (Take | null)[];
  readonly encoding?: CellEncoding;
  readonly rounds: number;
  /** What a cell of the answer must hold. */
  readonly value: number;
}

const first = names.map((_, axis) => category(categoryName(axis, 7)));
const allSystematics = counts[2]! * (counts[2]! + 1) / 2;
const questions: readonly Question[] = [
  { title: "one slice of one axis", takes: first, rounds: 200, value: 8 },
  {
    title: "sum over 150 systematics",
    takes: [first[0]!, first[1]!, sum],
    rounds: 200,
    value: allSystematics,
  },
  {
    title: "one bin of 200 datasets, summed over 20 regions",
    takes: [null, sum, first[2]!, {
      case: "point",
      value: { point: { case: "index", value: 3n } },
    }],
    rounds: 50,
    value: 8 * counts[1]!,
  },
  {
    title: "150 systematics of one region, sparse",
    takes: [first[0]!, first[1]!, null],
    encoding: CellEncoding.SPARSE,
    rounds: 20,
    value: 1,
  },
  {
    title: "sum over everything (979 MB)",
    takes: [sum, sum, sum],
    rounds: 3,
    value: allSystematics * counts[0]! * counts[1]!,
  },
];

function ask(question: Question): Uint8Array {
  const axes = question.takes.flatMap((take, number) =>
    take === null ? [] : [{ axis: { case: "number" as const, value: number }, take }]
  );
  const request = create(QueryRequestSchema, {
    histId,
    selection: { axes },
    encoding: question.encoding ?? CellEncoding.DENSE,
  });
  const { value } = querier.query(anonymous, request);
  const cells = new Float64Array(value.cells.buffer, value.cells.byteOffset, 1);
  assert.equal(cells[0], question.value, question.title);
  return toBinary(QueryResponseSchema, value);
}

const builtFrom = systemClock.monotonicMs();
build();
const builtMs = systemClock.monotonicMs() - builtFrom;
const chunks = counts.reduce((a, b) => a * b, 1);
console.log(
  `${chunks} chunks, ${chunks * cellsPerChunk * 16 / 1e6} MB, built in ${
    builtMs.toFixed(0)
  } ms; Deno ${Deno.version.deno}`,
);
const emptyId = make();
const coldFrom = systemClock.monotonicMs();
const empty = create(QueryRequestSchema, { histId: emptyId });
toBinary(QueryResponseSchema, querier.query(anonymous, empty).value);
const coldMs = systemClock.monotonicMs() - coldFrom;
console.log(`first query of the process, of an empty histogram: ${coldMs.toFixed(2)} ms`);
for (const question of questions) {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= question.rounds; round++) {
    const from = systemClock.monotonicMs();
    bytes = ask(question).length;
    times.push(systemClock.monotonicMs() - from);
  }
  const [firstMs, ...others] = times;
  const median = others.sort((a, b) => a - b)[others.length >> 1]!;
  console.log(
    `${question.title.padEnd(48)} first ${firstMs!.toFixed(2).padStart(8)} ms   median ${
      median.toFixed(3).padStart(8)
    } ms   ${bytes} bytes`,
  );
}
