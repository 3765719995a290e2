/**
 * Fills of histograms whose numeric axes grow: plan for the axes as they are, give the histogram larger chunks if need
 * be, add; and again if another thread changed the axes meanwhile.
 *
 *     look up → plan → (grow, look up) → add
 *        ↑________________|____________|   the layout is another one
 *
 * @module
 */

import {
  addChunks,
  ArenaFullError,
  type ChunkAddition,
  type HistogramHandle,
  type Outcome,
  type Registry,
  regrowHistogram,
} from "../../accum/mod.ts";
import {
  type BinMap,
  type DenseAxis,
  formatHistSpec,
  formatPythonJson,
  HistFormatError,
  type HistSpec,
  type JsonValue,
  makeHistSpec,
  moveCells,
  parseHistSpec,
  parseJson,
} from "../../hist/mod.ts";
import { type Caller, requireHistogram } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import {
  Code,
  invalidArgument,
  memoryExhausted,
  ServiceError,
  unknownHistogram,
} from "../errors.ts";
import { duplicate, refuseDuplicate } from "../fill.ts";
import { checkUniqueId, specOf } from "../payload.ts";

/** Layouts that a fill may meet before it gives up: others grow the axes faster than it can follow. */
export const LAYOUT_TRIES_MAX = 64;

/** Axes that have room for a fill. */
export interface Growth {
  /** All dense axes, in order. */
  readonly axes: readonly DenseAxis[];
  /** Where the bins of each went. */
  readonly maps: readonly BinMap[];
}

/** A fill that was prepared for one layout. */
export interface PlannedFill {
  /** Null if the axes suffice. */
  readonly growth: Growth | null;
  /** Cells over the axes, grown if they grow. */
  readonly additions: readonly ChunkAddition[];
}

/** What is filled, whatever the layout. */
export interface PlannableFill {
  readonly histId: string;
  readonly uniqueId: Uint8Array | null;
  /** Called anew for each layout. @throws {ServiceError} */
  readonly plan: (spec: HistSpec) => PlannedFill;
}

/**
 * Adds all or nothing; returns the epoch that holds it. A histogram that grew stays so if there is no memory for what
 * should be added.
 *
 * @throws {ServiceError}
 */
export function applyPlanned(
  service: ServiceContext,
  caller: Caller,
  fill: PlannableFill,
): number {
  const { registry } = service;
  checkUniqueId(fill.uniqueId);
  try {
    for (let attempt = 0; attempt < LAYOUT_TRIES_MAX; attempt++) {
      const handle = requireHistogram(registry, caller, fill.histId);
      refuseDuplicate(service, handle, fill.uniqueId);
      const { growth, additions } = fill.plan(specOf(handle));
      const target = growth ? growHistogram(registry, handle, growth) : handle;
      if (!target) continue;
      const { uniqueId } = fill;
      const outcome = addChunks(registry, target, { additions, uniqueId });
      if (outcome.status === "done") return outcome.epoch;
      if (outcome.status === "duplicate") throw duplicate(target, outcome.epoch);
      requireReplaced(registry, target, outcome);
    }
  } catch (error) {
    if (error instanceof ArenaFullError) throw memoryExhausted("cannot fill", error);
    throw error;
  }
  throw new ServiceError(
    Code.Aborted,
    `cannot fill: the axes grew ${LAYOUT_TRIES_MAX} times meanwhile; retry with the same unique_id`,
  );
}

/** The grown histogram, or null if another thread has given it another layout. */
function growHistogram(
  registry: Registry,
  handle: HistogramHandle,
  growth: Growth,
): HistogramHandle | null {
  const { metadata } = handle;
  const json = grownJson(metadata.json, specOf(handle), growth.axes);
  const grown = readGrown(json);
  const { cellKind: kind, denseExtents: extents, chunkBytes } = grown;
  const outcome = regrowHistogram(registry, handle, {
    metadata: { ...metadata, json, chunkBytes },
    move: (source, target) => {
      const moved = moveCells(source, { kind, maps: growth.maps, extents });
      (target as Float64Array).set(moved as Float64Array);
    },
  });
  if (outcome.status === "gone") {
    requireReplaced(registry, handle, outcome);
    return null;
  }
  const next = registry.find(metadata.id);
  return next?.metadata.json === json ? next : null;
}

/** @throws {ServiceError} NOT_FOUND if the histogram is gone for good. */
function requireReplaced(registry: Registry, handle: HistogramHandle, outcome: Outcome): void {
  const { id } = handle.metadata;
  const next = registry.find(id);
  if (!next || next.creation === handle.creation) throw unknownHistogram(id, outcome.epoch);
}

/** What the next fill will read: axes that cannot be read back must never be stored. */
function readGrown(json: string): HistSpec {
  try {
    return parseHistSpec(json);
  } catch (error) {
    if (!(error instanceof HistFormatError)) throw error;
    throw invalidArgument(`the axes cannot grow so far: ${error.message}`, error);
  }
}

type JsonObject = ReadonlyMap<string, JsonValue>;

/** Members of an axis that say where its bins are. */
const binMembers = ["lower", "upper", "bins", "edges"];

/** `json` with other bins on its dense axes; the rest as it was, but contents, whose shape is another one now. */
export function grownJson(
  json: string,
  spec: HistSpec,
  grown: readonly DenseAxis[],
): string {
  const fresh = parseJson(formatHistSpec(makeHistSpec(grown))) as JsonObject;
  const grownAxes = fresh.get("axes") as readonly JsonObject[];
  const root = new Map(parseJson(json) as JsonObject);
  const axes = [...root.get("axes") as readonly JsonObject[]];
  for (const [i, axis] of spec.denseAxes.entries()) {
    if (grown[i]!.size === axis.size) continue;
    const position = spec.axes.indexOf(axis);
    const members = new Map(axes[position]);
    for (const member of binMembers) {
      const value = grownAxes[i]!.get(member);
      if (value !== undefined) members.set(member, value);
    }
    axes[position] = members;
  }
  root.set("axes", axes);
  const storage = root.get("storage") as JsonObject;
  const isKept = ([key]: [string, JsonValue]): boolean => key === "type" || key === "writer_info";
  root.set("storage", new Map([...storage].filter(isKept)));
  return formatPythonJson(root);
}
