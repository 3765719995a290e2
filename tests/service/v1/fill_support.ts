/**
 * Fills of histserv.v1 for tests, and comparison with local histograms.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { readHistogram } from "../../../lib/accum/mod.ts";
import {
  type Axis,
  type Cells,
  ChunkedHist,
  formatHistSpec,
  Hist,
  type HistSpec,
  makeHistSpec,
  newCells,
  type StorageType,
} from "../../../lib/hist/mod.ts";
import { Code, ServiceError } from "../../../lib/service/errors.ts";
import { specOf } from "../../../lib/service/payload.ts";
import { fillCells } from "../../../lib/service/v1/fill.ts";
import { fillSamples } from "../../../lib/service/v1/fill_samples.ts";
import { createHistogram } from "../../../lib/service/v1/manage.ts";
import {
  type ColumnSchema,
  CreateRequestSchema,
  FillRequestSchema,
  FillSamplesRequestSchema,
} from "../../../lib/wire/gen_v1.ts";
import { decodeChunkKey, splitChunkKey } from "../../../lib/wire/mod.ts";
import { bytesOf } from "../../accum/support.ts";
import type { TestService } from "../support.ts";

/** Who calls without a token. */
export const anonymous = { digest: null, counters: null };

/** Values of one axis. */
export type Values = readonly string[] | readonly number[] | Float64Array;

/** Entries: a column for each axis, maybe weights and samples. */
export interface Entries {
  readonly columns: readonly Values[];
  readonly weight?: readonly number[];
  readonly sample?: readonly number[];
}

/** Makes a histogram; gives its id. */
export function makeHistogram(
  service: TestService,
  axes: readonly Axis[],
  storage: StorageType = "double",
): string {
  const uhiJson = formatHistSpec(makeHistSpec(axes, { storage }));
  const request = create(CreateRequestSchema, { uhiJson });
  return createHistogram(service.context, anonymous, request).value.histId;
}

/** Texts as texts, numbers as doubles. */
export function columnOf(values: Values): MessageInitShape<typeof ColumnSchema> {
  return typeof values[0] === "string"
    ? { values: { case: "texts", value: { values: values as string[] } } }
    : { values: { case: "doubles", value: { values: [...values as number[]] } } };
}

/** The request. */
export function samplesRequest(histId: string, entries: Entries, uniqueId?: string) {
  const { columns, weight, sample } = entries;
  return create(FillSamplesRequestSchema, {
    histId,
    columns: columns.map(columnOf),
    ...(weight ? { weight: { values: [...weight] } } : {}),
    ...(sample ? { sample: { values: [...sample] } } : {}),
    ...(uniqueId === undefined ? {} : { uniqueId: bytesOf(uniqueId) }),
  });
}

/** Fills; gives the number of entries that found a bin. */
export function fillEntries(
  service: TestService,
  histId: string,
  fill: Entries & { uniqueId?: string },
): number {
  const request = samplesRequest(histId, fill, fill.uniqueId);
  return Number(fillSamples(service.context, anonymous, request).value.entryCount);
}

/** Adds all chunks of a local histogram, as its client would. */
export function fillChunked(
  service: TestService,
  histId: string,
  fill: { hist: ChunkedHist; withJson?: boolean; uniqueId?: string },
): void {
  const { hist, withJson = true, uniqueId } = fill;
  const chunks = [...hist.chunks()].map(({ key, cells }) => ({
    key: key.map((part) => ({
      value: part === null
        ? { case: undefined }
        : typeof part === "string"
        ? { case: "text" as const, value: part }
        : { case: "integer" as const, value: BigInt(part) },
    })),
    cells: new Uint8Array(cells.buffer.slice(0)),
  }));
  const request = create(FillRequestSchema, {
    histId,
    chunks,
    uhiJson: withJson ? formatHistSpec(hist.spec) : "",
    ...(uniqueId === undefined ? {} : { uniqueId: bytesOf(uniqueId) }),
  });
  fillCells(service.context, anonymous, request);
}

/** What the server holds. */
export interface Contents {
  readonly spec: HistSpec;
  readonly chunks: readonly { key: (string | number | null)[]; cells: Cells }[];
}

/** The chunks of a histogram, in the order of their first fill. */
export function contentsOf(service: TestService, id: string): Contents {
  const handle = service.registry.find(id)!;
  const spec = specOf(handle);
  const { value } = readHistogram(service.registry, handle, {
    read: (view) =>
      view.keys().map((key, ordinal) => {
        const cells = newCells(spec.cellKind, spec.chunkCells);
        view.copyChunk(ordinal, { target: new Uint8Array(cells.buffer), at: 0 });
        const parts = splitChunkKey(key).map((part) => {
          if (part[0] === 0) return null;
          const scalar = decodeChunkKey(part)[0]!;
          return typeof scalar === "bigint" ? Number(scalar) : scalar;
        });
        return { key: parts, cells };
      }),
  });
  return { spec, chunks: value! };
}

/** A local histogram filled with all entries at once. */
export function localHist(axes: readonly Axis[], storage: StorageType, entries: Entries): Hist {
  const hist = new Hist(axes, { storage });
  const { columns, weight, sample } = entries;
  const one = <T>(values: ArrayLike<T>) => values.length === 1 ? values[0]! : values;
  hist.fill(columns.map((column) => one(column as number[])), {
    ...(weight ? { weight: one(weight) } : {}),
    ...(sample ? { sample: one(sample) } : {}),
  });
  return hist;
}

/** Fails unless the server holds what `hist` does: exactly, or but for roundings. */
export function assertHolds(
  contents: Contents,
  hist: Hist,
  options: { tolerance?: number; note?: string } = {},
): void {
  const { tolerance = 0, note = "" } = options;
  const local = ChunkedHist.fromHist(hist, { keepOverflow: true });
  const { spec, chunks } = contents;
  for (const [i, axis] of spec.denseAxes.entries()) {
    assertSameBins(axis, local.spec.denseAxes[i]!, note);
  }
  const seen = new Set(chunks.map(({ key }) => JSON.stringify(key)));
  for (const { key, cells } of local.chunks()) {
    if (seen.has(JSON.stringify(key))) continue;
    assertSameCells(cells, newCells(spec.cellKind, spec.chunkCells), 0, `${note}: chunk ${key}`);
  }
  for (const { key, cells } of chunks) {
    const expected = local.chunk(key);
    assert.ok(expected, `${note}: chunk ${key} is not expected`);
    assertSameCells(cells, expected, tolerance, `${note}: chunk ${key}`);
  }
}

/** Fails unless the bins are the same but for the rounding of edges. */
export function assertSameBins(axis: Axis, expected: Axis, note = ""): void {
  assert.equal(axis.type, expected.type, note);
  assert.equal(axis.size, expected.size, note);
  for (const bin of [0, axis.size]) {
    const [edge, other] = [axis.edge(bin), expected.edge(bin)];
    const isSame = edge === other || Math.abs(edge - other) <= 1e-12 * Math.max(1, Math.abs(other));
    assert.ok(isSame, `${note}: edge ${edge}, not ${other}`);
  }
}

/** Fails unless the cells are equal, or but for a relative `tolerance`. */
export function assertSameCells(cells: Cells, expected: Cells, tolerance: number, note = ""): void {
  if (tolerance === 0) {
    assert.deepEqual(cells, expected, note);
    return;
  }
  assert.equal(cells.length, expected.length, note);
  for (const [i, cell] of cells.entries()) {
    const other = Number(expected[i]);
    const isNear = Object.is(cell, other) ||
      Math.abs(Number(cell) - other) <= tolerance * Math.max(1, Math.abs(other));
    assert.ok(isNear, `${note}: cell ${i} is ${cell}, not ${other}`);
  }
}

/** Fails unless `action` is refused so. */
export function assertRefused(action: () => unknown, code: Code, message: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code, Code[error.code]);
    return true;
  });
}
