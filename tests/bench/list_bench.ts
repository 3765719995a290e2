/**
 * The first page of 100,000 histograms, with and without a search: `deno run -A tests/bench/list_bench.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { CreateRequestSchema, ListRequestSchema } from "../../lib/wire/gen_v1.ts";
import { createHistogram, list } from "../../lib/service/v1/manage.ts";
import { histJson, TestService } from "../service/support.ts";

const HISTOGRAMS = 100_000;
const ROUNDS = 9;

const service = new TestService({ budgetBytes: 2 ** 30, durability: "none" });
const caller = { digest: null, counters: null };
const template = JSON.parse(histJson({ cells: 10 }));
for (let i = 0; i < HISTOGRAMS; i++) {
  const metadata = { name: `dataset${i % 200}/channel${i % 20}/hist${i}`, label: "m [GeV]" };
  const uhiJson = JSON.stringify({ ...template, metadata });
  createHistogram(service.context, caller, create(CreateRequestSchema, { uhiJson }));
}
for (
  const [title, search, matches] of [
    ["all", "", 100_000],
    ["search, 1 of 100,000", "hist77777", 1],
    ["search, 500 of 100,000", "dataset17/", 500],
  ] as const
) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { value } = list(service.context, caller, create(ListRequestSchema, { search }));
    times.push(performance.now() - start);
    assert.equal(value.totalCount, BigInt(matches));
  }
  const first = times[0]!;
  times.sort((a, b) => a - b);
  console.log(
    `${title}: first call ${first.toFixed(1)} ms, median ${
      times[ROUNDS >> 1]!.toFixed(1)
    } ms, worst ${times.at(-1)!.toFixed(1)} ms`,
  );
}
