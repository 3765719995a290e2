/**
 * FillSamples: bins raw values on the server and adds them, all or nothing, once for each unique id.
 *
 * All chunks of a fill are filled in one pass: the chunk that an entry goes into is a bin of one more axis before the
 * dense ones, so that entries are added in their order, and an axis that grows does so as in a local histogram.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { ChunkAddition } from "../../accum/mod.ts";
import {
  type Axis,
  type DenseAxis,
  Hist,
  type HistSpec,
  IntegerAxis,
  isCategoryAxis,
  mergeAxes,
} from "../../hist/mod.ts";
import {
  type FillSamplesRequest,
  type FillSamplesResponse,
  FillSamplesResponseSchema,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { Code, invalidArgument, ServiceError } from "../errors.ts";
import type { Finding } from "./call.ts";
import { readSamples, type SampleColumn, type Samples } from "./columns.ts";
import { groupEntries } from "./entry_groups.ts";
import { applyPlanned, type Growth } from "./growth.ts";
import { grownChunkBytes } from "./growth_limit.ts";

/** Answers with the number of entries that found a bin. */
export function fillSamples(
  service: ServiceContext,
  caller: Caller,
  request: FillSamplesRequest,
): Finding<FillSamplesResponse> {
  let samples: Samples | null = null;
  let entryCount = 0;
  const epoch = applyPlanned(service, caller, {
    histId: request.histId,
    uniqueId: request.uniqueId ?? null,
    plan: (spec) => {
      samples ??= readSamples(spec, request);
      const binned = binSamples(spec, samples, { bytesMax: service.messageBytesMax });
      entryCount = binned.entryCount;
      return binned;
    },
  });
  return {
    epoch,
    value: create(FillSamplesResponseSchema, { entryCount: BigInt(entryCount) }),
  };
}

/** What samples add to a histogram. */
export interface BinnedSamples {
  readonly growth: Growth | null;
  /** In the order of their first entries. */
  readonly additions: readonly ChunkAddition[];
  /** Entries that found a bin. */
  readonly entryCount: number;
}

/** @throws {ServiceError} RESOURCE_EXHAUSTED if the cells would have more than `bytesMax` bytes. */
export function binSamples(
  spec: HistSpec,
  samples: Samples,
  limits: { bytesMax: number },
): BinnedSamples {
  const { entryCount, columns } = samples;
  if (entryCount === 0) return { growth: null, additions: [], entryCount };
  const isCategory = spec.axes.map(isCategoryAxis);
  const dense = columns.filter((_, i) => !isCategory[i]);
  const categories = columns.filter((_, i) => isCategory[i]);
  const { keys, groups } = groupEntries(spec.categoryAxes, categories);
  checkBytes(grownChunkBytes(spec, dense), { ...limits, chunks: keys.length });
  const groupAxes = groups === 0 ? [] : [groupAxis(keys.length)];
  const hist = new Hist([...groupAxes, ...spec.denseAxes], { storage: spec.storage });
  const all = groups === 0 ? dense : [groups, ...dense];
  const { weight, sample } = samples;
  hist.fill(all, {
    ...(weight === undefined ? {} : { weight }),
    ...(sample === undefined ? {} : { sample }),
  });
  const { buffer, byteOffset, byteLength } = hist.cells;
  const chunkBytes = byteLength / keys.length;
  return {
    growth: growthOf(spec, hist.axes.slice(groupAxes.length) as DenseAxis[]),
    additions: keys.map((key, i) => ({
      key,
      cells: new Uint8Array(buffer, byteOffset + i * chunkBytes, chunkBytes),
    })),
    entryCount: entryCount - countDropped(hist.axes, all, entryCount),
  };
}

function groupAxis(groups: number): IntegerAxis {
  return new IntegerAxis({ lower: 0, upper: groups, underflow: false, overflow: false });
}

function checkBytes(chunkBytes: number, size: { chunks: number; bytesMax: number }): void {
  const bytes = chunkBytes * Math.max(size.chunks, 1);
  if (bytes <= size.bytesMax) return;
  throw new ServiceError(
    Code.ResourceExhausted,
    `columns: touch ${size.chunks} chunks of ${chunkBytes} bytes, the limit is ${size.bytesMax} for all`,
  );
}

function growthOf(spec: HistSpec, grown: readonly DenseAxis[]): Growth | null {
  if (grown.every((axis, i) => axis.size === spec.denseAxes[i]!.size)) return null;
  try {
    // A grown axis holds what it was: nothing is added to it.
    const merges = spec.denseAxes.map((axis, i) => mergeAxes(grown[i]!, axis, "axes"));
    return { axes: grown, maps: merges.map(({ sourceMap }) => sourceMap) };
  } catch (error) {
    // Bins so narrow, so far from 0, that their edges are no lattice any more.
    if (!(error instanceof RangeError)) throw error;
    throw invalidArgument("columns: an axis cannot grow so far and keep its bins", error);
  }
}

/** Entries that meet a missing flow bin on any axis. */
function countDropped(
  axes: readonly Axis[],
  columns: readonly SampleColumn[],
  entryCount: number,
): number {
  let dropped: Uint8Array | null = null;
  for (const [i, axis] of axes.entries()) {
    if (!mayDrop(axis)) continue;
    const column = columns[i]!;
    if (typeof column === "number") {
      if (isDropped(axis, column)) return entryCount;
      continue;
    }
    dropped ??= new Uint8Array(entryCount);
    for (let k = 0; k < entryCount; k++) {
      if (isDropped(axis, column[k] as number)) dropped[k] = 1;
    }
  }
  let count = 0;
  if (dropped) { for (let k = 0; k < entryCount; k++) count += dropped[k]!; }
  return count;
}

/** Whether there are values without a bin. Growing and circular axes have one for each, but of no size. */
function mayDrop(axis: Axis): boolean {
  if (axis.type === "boolean" || axis.growth) return false;
  return axis.circular ? axis.size === 0 : !(axis.underflow && axis.overflow);
}

function isDropped(axis: Axis, value: number): boolean {
  const index = (axis as IntegerAxis).index(value);
  return (index < 0 && !axis.underflow) || (index >= axis.size && !axis.overflow);
}
