/**
 * Fill: adds cells to chunks, all or nothing, once for each unique id; also of a client whose axes have grown otherwise
 * than the server's.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { ChunkAddition } from "../../accum/mod.ts";
import {
  type AxisMerge,
  type BinMap,
  type CategoryAxis,
  type DenseAxis,
  HistFormatError,
  type HistSpec,
  isCategoryAxis,
  mergeAxes,
  moveCells,
  parseHistSpec,
} from "../../hist/mod.ts";
import {
  type Category,
  type Chunk,
  type FillRequest,
  type FillResponse,
  FillResponseSchema,
} from "../../wire/gen_v1.ts";
import { encodeChunkKey } from "../../wire/mod.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { Code, invalidArgument, ServiceError, shorten } from "../errors.ts";
import { CHUNK_KEY_BYTES_MAX } from "../payload.ts";
import type { Finding } from "./call.ts";
import { OVERFLOW_COMPONENT } from "./entry_groups.ts";
import { applyPlanned, type PlannedFill } from "./growth.ts";

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** Answers with the empty message. */
export function fillCells(
  service: ServiceContext,
  caller: Caller,
  request: FillRequest,
): Finding<FillResponse> {
  const bytesMax = service.messageBytesMax;
  const client = request.uhiJson === "" ? null : readClientSpec(request.uhiJson, bytesMax);
  let keys: Uint8Array[] | null = null;
  const epoch = applyPlanned(service, caller, {
    histId: request.histId,
    uniqueId: request.uniqueId ?? null,
    plan: (spec) => {
      keys ??= request.chunks.map((chunk, i) => readKey(spec, chunk, `chunks[${i}].key`));
      checkLengths(client ?? spec, request);
      const additions = request.chunks.map(({ cells }, i) => ({ key: keys![i]!, cells }));
      return client
        ? planMerge(spec, client, { additions, bytesMax })
        : { growth: null, additions };
    },
  });
  return { epoch, value: create(FillResponseSchema) };
}

/** The axes of the client. @throws {ServiceError} INVALID_ARGUMENT, RESOURCE_EXHAUSTED */
function readClientSpec(json: string, bytesMax: number): HistSpec {
  try {
    const spec = parseHistSpec(json);
    // No axis can have more bins than a message has cells, even if another axis has none.
    const cells = Math.max(spec.chunkCells, ...spec.denseExtents);
    checkBytes(cells * spec.cellBytes, bytesMax);
    return spec;
  } catch (error) {
    if (!(error instanceof HistFormatError)) throw error;
    throw invalidArgument(`uhi_json: ${error.message}`, error);
  }
}

function checkBytes(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new ServiceError(
    Code.ResourceExhausted,
    `uhi_json: its cells would have ${bytes} bytes, the limit is ${bytesMax}`,
  );
}

function checkLengths(spec: HistSpec, request: FillRequest): void {
  for (const [i, { cells }] of request.chunks.entries()) {
    if (cells.length === spec.chunkBytes) continue;
    const hint = request.uhiJson === "" && spec.denseAxes.some((axis) => axis.growth)
      ? "; if the axes have grown, send uhi_json"
      : "";
    throw invalidArgument(
      `chunks[${i}].cells: has ${cells.length} bytes, a chunk has ${spec.chunkBytes}${hint}`,
    );
  }
}

/** The canonical key. @throws {ServiceError} INVALID_ARGUMENT */
function readKey(spec: HistSpec, chunk: Chunk, path: string): Uint8Array {
  const axes = spec.categoryAxes;
  if (chunk.key.length !== axes.length) {
    throw invalidArgument(
      `${path}: has ${chunk.key.length} values, the histogram has ${axes.length} category axes`,
    );
  }
  const components = axes.map((axis, i) => readComponent(axis, chunk.key[i]!, `${path}[${i}]`));
  const key = new Uint8Array(components.reduce((bytes, { length }) => bytes + length, 0));
  let at = 0;
  for (const component of components) {
    key.set(component, at);
    at += component.length;
  }
  if (key.length > CHUNK_KEY_BYTES_MAX) {
    throw invalidArgument(`${path}: has ${key.length} bytes, the limit is ${CHUNK_KEY_BYTES_MAX}`);
  }
  return key;
}

function readComponent(axis: CategoryAxis, category: Category, path: string): Uint8Array {
  const { case: kind, value } = category.value;
  const named = `the axis "${shorten(axis.name)}"`;
  if (kind === undefined) {
    if (axis.overflow) return OVERFLOW_COMPONENT;
    throw invalidArgument(`${path}: is unset; ${named} has no overflow bin`);
  }
  if ((kind === "text") !== (axis.type === "category_str")) {
    const takes = axis.type === "category_str" ? "string" : "integer";
    throw invalidArgument(`${path}: is of kind ${kind}; ${named} has ${takes} categories`);
  }
  if (kind === "text") {
    if (!value.isWellFormed()) throw invalidArgument(`${path}: is no well-formed Unicode`);
    return encodeChunkKey([value]);
  }
  if (value < INT32_MIN || value > INT32_MAX) {
    throw invalidArgument(`${path}: ${value} is outside of 32 bits; ${named} has such categories`);
  }
  return encodeChunkKey([value]);
}

/** Brings the client's cells to axes that hold the bins of both. */
function planMerge(
  spec: HistSpec,
  client: HistSpec,
  fill: { additions: readonly ChunkAddition[]; bytesMax: number },
): PlannedFill {
  const merges = mergeDense(spec, client);
  const isMoved = merges.some(({ targetMap, sourceMap }) => targetMap !== sourceMap);
  if (!isMoved) return { growth: null, additions: fill.additions };
  const axes = merges.map(({ axis }) => axis as DenseAxis);
  const extents = axes.map((axis) => axis.extent);
  const chunkBytes = extents.reduce((product, extent) => product * extent, spec.cellBytes);
  checkBytes(chunkBytes * Math.max(fill.additions.length, 1), fill.bytesMax);
  const isGrown = merges.some((merge) => merge.isGrown);
  const growth = isGrown ? { axes, maps: merges.map(({ targetMap }) => targetMap) } : null;
  const maps = merges.map(({ sourceMap }) => sourceMap);
  const additions = fill.additions.map(({ key, cells }) => ({
    key,
    cells: moveBytes(cells, { kind: spec.cellKind, maps, extents }),
  }));
  return { growth, additions };
}

/** @throws {ServiceError} FAILED_PRECONDITION with the path of what differs. */
function mergeDense(spec: HistSpec, client: HistSpec): AxisMerge[] {
  if (client.cellKind !== spec.cellKind) {
    throw differs("storage", `is ${client.storage}, the histogram's is ${spec.storage}`);
  }
  if (client.axes.length !== spec.axes.length) {
    throw differs("axes", `are ${client.axes.length}, the histogram has ${spec.axes.length}`);
  }
  const merges: AxisMerge[] = [];
  for (const [i, axis] of spec.axes.entries()) {
    const other = client.axes[i]!;
    const path = `axes[${i}]`;
    if (isCategoryAxis(axis)) {
      if (axis.type === other.type) continue;
      throw differs(path, `is of type ${other.type}, the histogram's is ${axis.type}`);
    }
    try {
      merges.push(mergeAxes(axis, other, path));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw differs(
        path,
        "is not of the histogram's lattice: they did not grow from the same axis",
      );
    }
  }
  return merges;
}

function differs(path: string, problem: string): ServiceError {
  return new ServiceError(Code.FailedPrecondition, `uhi_json: ${path}: ${problem}`);
}

function moveBytes(
  cells: Uint8Array,
  layout: { kind: HistSpec["cellKind"]; maps: readonly BinMap[]; extents: readonly number[] },
): Uint8Array {
  // At any alignment, as they lie in the message.
  const { buffer } = cells.slice();
  const source = layout.kind === "i64" ? new BigInt64Array(buffer) : new Float64Array(buffer);
  return new Uint8Array(moveCells(source, layout).buffer);
}
