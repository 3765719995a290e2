/**
 * Fills of histserv.v1 with raw values: decoding of the message, and binning with adding, one million entries each.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromBinary, toBinary } from "@bufbuild/protobuf";

import { SeededPrng } from "../../lib/base/mod.ts";
import {
  type Axis,
  IntegerAxis,
  RegularAxis,
  type StorageType,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import { fillSamples } from "../../lib/service/v1/fill_samples.ts";
import { FillSamplesRequestSchema } from "../../lib/wire/gen_v1.ts";
import {
  anonymous,
  makeHistogram,
  samplesRequest,
  type Values,
} from "../service/v1/fill_support.ts";
import { TestService } from "../service/support.ts";

const entryCount = 1_000_000;
const prng = new SeededPrng(1);
const x = Float64Array.from({ length: entryCount }, () => 6 * prng.uniform() - 3);
const weight = Array.from({ length: entryCount }, () => prng.uniform());
const names = Array.from({ length: entryCount }, () => `dataset ${prng.int(0, 20)}`);
const numbers = Array.from({ length: entryCount }, () => prng.int(-8, 8));

const regular = (growth = false) =>
  new RegularAxis({ name: "x", bins: 100, lower: -3, upper: 3, growth });

interface FillCase {
  readonly axes: readonly Axis[];
  readonly columns: readonly Values[];
  readonly weight?: readonly number[];
  readonly storage?: StorageType;
}

const cases: Record<string, FillCase> = {
  "1-D regular": { axes: [regular()], columns: [x] },
  "1-D regular, weighted": { axes: [regular()], columns: [x], weight, storage: "weight" },
  "1-D regular, growing": { axes: [regular(true)], columns: [x] },
  "20 texts, regular": {
    axes: [new StrCategoryAxis({ name: "s", growth: true }), regular()],
    columns: [names, x],
  },
  "regular, integer": {
    axes: [regular(), new IntegerAxis({ name: "i", lower: -8, upper: 8 })],
    columns: [x, numbers],
  },
};

for (const [name, { axes, columns, ...options }] of Object.entries(cases)) {
  const service = new TestService({ messageBytesMax: 2 ** 28 });
  const id = makeHistogram(service, axes, options.storage);
  const bytes = toBinary(
    FillSamplesRequestSchema,
    samplesRequest(id, { columns, ...options }),
  );
  const request = fromBinary(FillSamplesRequestSchema, bytes);
  Deno.bench(`1e6 entries, ${name}: bin and add`, { group: name, n: 10 }, () => {
    const { value } = fillSamples(service.context, anonymous, request);
    assert.equal(value.entryCount, BigInt(entryCount));
  });
  Deno.bench(`1e6 entries, ${name}: decode the message`, { group: name, n: 5 }, () => {
    assert.equal(fromBinary(FillSamplesRequestSchema, bytes).columns.length, axes.length);
  });
}
