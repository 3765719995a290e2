/**
 * Create, Get, List, Reset and Delete: histograms as things.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  deleteHistogram,
  type ListEntry,
  listHistograms,
  readHistogram,
  resetHistogram,
} from "../../accum/mod.ts";
import {
  formatHistSpec,
  HistFormatError,
  type HistSpec,
  IntCategoryAxis,
  makeHistSpec,
  StrCategoryAxis,
} from "../../hist/mod.ts";
import {
  type CreateRequest,
  type CreateResponse,
  CreateResponseSchema,
  type DeleteRequest,
  type DeleteResponse,
  DeleteResponseSchema,
  type GetRequest,
  type GetResponse,
  GetResponseSchema,
  type HistogramSummary,
  HistogramSummarySchema,
  type ListRequest,
  type ListResponse,
  ListResponseSchema,
  type ResetRequest,
  type ResetResponse,
  ResetResponseSchema,
} from "../../wire/gen_v1.ts";
import { decodeChunkKey } from "../../wire/mod.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { actOn } from "../current.ts";
import { invalidArgument } from "../errors.ts";
import { makeHistogram, readSpec } from "../new_histogram.ts";
import { specOf } from "../payload.ts";
import type { Finding } from "./call.ts";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;
const SEARCH_CHARACTERS_MAX = 1024;

/** Makes an empty histogram. */
export function createHistogram(
  service: ServiceContext,
  caller: Caller,
  request: CreateRequest,
): Finding<CreateResponse> {
  const json = request.uhiJson;
  const made = { spec: readUhiSpec(json), json, additions: [] };
  const { id, epoch } = makeHistogram(service, caller, made);
  return { epoch, value: create(CreateResponseSchema, { histId: id }) };
}

/** @throws {ServiceError} INVALID_ARGUMENT with the path of the offending field. */
export function readUhiSpec(json: string): HistSpec {
  return readSpec(json, {
    what: "uhi_json",
    field: "uhi_json",
    check: (spec) => {
      if (spec.axes.length > 0) return;
      throw new HistFormatError("", "a histogram has at least one axis");
    },
  });
}

/** Describes one histogram. */
export function getHistogram(
  service: ServiceContext,
  caller: Caller,
  request: GetRequest,
): Finding<GetResponse> {
  const { registry } = service;
  const { handle, outcome: { epoch, value } } = actOn(
    registry,
    { caller, id: request.histId },
    (handle) =>
      readHistogram(registry, handle, {
        read: (view) => ({
          chunkCount: view.chunkCount,
          version: view.version,
          uniqueIds: view.uniqueIdCount,
          seen: specOf(handle).categoryAxes.map((_, axis) => view.categories(axis)),
        }),
      }),
  );
  const spec = specOf(handle);
  const { chunkCount, version, uniqueIds, seen } = value!;
  const summary = summarize({
    handle,
    order: 0,
    chunkCount,
    chunkBytes: chunkCount * spec.chunkBytes,
    version,
    idleSeconds: 0,
  });
  const uhiJson = formatHistSpec(withCategories(spec, seen));
  return {
    epoch,
    value: create(GetResponseSchema, { summary, uhiJson, uniqueIdCount: BigInt(uniqueIds) }),
  };
}

/** The specification with the categories seen after those that it was made with, in the order of their first fill. */
export function withCategories(
  spec: HistSpec,
  seen: readonly (readonly Uint8Array[])[],
): HistSpec {
  const columns = new Map(spec.categoryAxes.map((axis, i) => [axis, seen[i]!]));
  const axes = spec.axes.map((axis) => {
    if (axis.type !== "category_str" && axis.type !== "category_int") return axis;
    const { metadata, overflow, growth } = axis;
    const options = { metadata, overflow, growth };
    const components = columns.get(axis)!.filter((component) => component[0] !== 0);
    // At once: like a key of as many axes.
    const found = decodeChunkKey(Buffer.concat(components));
    return axis.type === "category_str"
      ? new StrCategoryAxis({
        ...options,
        categories: [...new Set([...axis.categories, ...found.map(String)])],
      })
      : new IntCategoryAxis({
        ...options,
        categories: [...new Set([...axis.categories, ...found.map(Number)])],
      });
  });
  const { storage, name, label } = spec;
  return makeHistSpec(axes, { storage, name, label });
}

/** A page of the list. */
export function list(
  service: ServiceContext,
  caller: Caller,
  request: ListRequest,
): Finding<ListResponse> {
  const limit = pageSize(request.pageSize, { default: PAGE_SIZE_DEFAULT, max: PAGE_SIZE_MAX });
  if (request.search.length > SEARCH_CHARACTERS_MAX) {
    throw invalidArgument(
      `search has ${request.search.length} characters, the limit is ${SEARCH_CHARACTERS_MAX}`,
    );
  }
  const olderThan = request.pageToken === "" ? Infinity : readPageToken(request.pageToken);
  const { entries, totalCount } = listHistograms(service.registry, {
    tokenDigest: caller.digest,
    search: request.search,
    olderThan,
    limit: limit + 1,
  });
  const page = entries.slice(0, limit);
  return {
    epoch: 0,
    value: create(ListResponseSchema, {
      histograms: page.map(summarize),
      nextPageToken: entries.length > limit ? String(page.at(-1)!.order) : "",
      totalCount: BigInt(totalCount),
    }),
  };
}

/** @throws {ServiceError} INVALID_ARGUMENT unless in [1, max], or 0 for the default. */
export function pageSize(size: number, range: { default: number; max: number }): number {
  if (size < 0 || size > range.max) {
    throw invalidArgument(
      `page_size is ${size}; it must be in [1, ${range.max}], or 0 for ${range.default}`,
    );
  }
  return size || range.default;
}

/** @throws {ServiceError} INVALID_ARGUMENT */
export function readPageToken(token: string): number {
  if (!/^\d{1,15}$/.test(token)) {
    throw invalidArgument("page_token is not one that a page ended with");
  }
  return Number(token);
}

/** Empties the histogram. */
export function reset(
  service: ServiceContext,
  caller: Caller,
  request: ResetRequest,
): Finding<ResetResponse> {
  const { outcome } = actOn(
    service.registry,
    { caller, id: request.histId },
    (handle) => resetHistogram(service.registry, handle),
  );
  return { epoch: outcome.epoch, value: create(ResetResponseSchema) };
}

/** Deletes the histogram. */
export function remove(
  service: ServiceContext,
  caller: Caller,
  request: DeleteRequest,
): Finding<DeleteResponse> {
  const { outcome } = actOn(
    service.registry,
    { caller, id: request.histId },
    (handle) => deleteHistogram(service.registry, handle),
  );
  return { epoch: outcome.epoch, value: create(DeleteResponseSchema) };
}

function summarize(entry: ListEntry): HistogramSummary {
  const { metadata } = entry.handle;
  const spec = specOf(entry.handle);
  return create(HistogramSummarySchema, {
    histId: metadata.id,
    name: metadata.name,
    label: metadata.label,
    storage: spec.storage,
    axisNames: spec.axes.map((axis) => axis.name),
    chunkCount: BigInt(entry.chunkCount),
    chunkBytes: BigInt(entry.chunkBytes),
    createdAt: timestampFromMs(metadata.createdWallMs),
    version: BigInt(entry.version),
    idleSeconds: BigInt(entry.idleSeconds),
  });
}
