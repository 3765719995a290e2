/**
 * Histograms of this thread's service made of dense ones, and questions in UHI notation as messages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { addChunks } from "../../../lib/accum/mod.ts";
import {
  type AxisPoint,
  type AxisSelection,
  ChunkedHist,
  type ChunkKey,
  formatHistSpec,
  type Hist,
  parseUhi,
} from "../../../lib/hist/mod.ts";
import { type Code, ServiceError } from "../../../lib/service/errors.ts";
import type { ServiceContext } from "../../../lib/service/mod.ts";
import { createHistogram } from "../../../lib/service/v1/manage.ts";
import { Querier } from "../../../lib/service/v1/query.ts";
import {
  CellEncoding,
  CreateRequestSchema,
  QueryRequestSchema,
  type QueryResponse,
  type SelectionSchema,
} from "../../../lib/wire/gen_v1.ts";
import { encodeChunkKey } from "../../../lib/wire/mod.ts";
import type { TestService } from "../support.ts";

/** A Selection as plain objects. */
export type SelectionInit = MessageInitShape<typeof SelectionSchema>;
type AxisInit = NonNullable<SelectionInit["axes"]>[number];
type TakeInit = NonNullable<AxisInit["take"]>;
type PointInit = Extract<TakeInit, { case: "point" }>["value"];

export const anonymous = { digest: null, counters: null };

/** A histogram in `service` with the contents of `hist`; chunks that are empty are left out. Resolves to its id. */
export function load(service: TestService, hist: Hist, token: string | null = null): string {
  const caller = service.guard.admit(token);
  const request = create(CreateRequestSchema, { uhiJson: formatHistSpec(hist.spec) });
  const { value: { histId } } = createHistogram(service.context, caller, request);
  const additions = [...ChunkedHist.fromHist(hist, { keepOverflow: true }).chunks()]
    .filter(({ cells }) => cells.some((cell) => Number(cell) !== 0))
    .map(({ key, cells }) => ({ key: keyBytes(key), cells: new Uint8Array(cells.buffer) }));
  const handle = service.registry.find(histId)!;
  const { status } = addChunks(service.registry, handle, {
    additions,
    uniqueId: null,
  });
  assert.equal(status, "done");
  service.commit();
  return histId;
}

/** Canonical bytes of a key, overflow included. */
export function keyBytes(key: ChunkKey): Uint8Array {
  const parts = key.map((part) => {
    if (part === null) return Uint8Array.of(0);
    return encodeChunkKey([typeof part === "number" ? BigInt(part) : part]);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Asks; `question` is UHI notation or a message. */
export function ask(
  service: ServiceContext,
  histId: string,
  question: string | SelectionInit,
  encoding: CellEncoding = CellEncoding.DENSE,
): QueryResponse {
  const selection = typeof question === "string" ? selectionOf(question) : question;
  const request = create(QueryRequestSchema, { histId, selection, encoding });
  return new Querier(service).query(anonymous, request).value;
}

/** UHI notation as a message. */
export function selectionOf(text: string): SelectionInit {
  return {
    axes: parseUhi(text).entries.map(({ axis, take }) => ({
      axis: typeof axis === "string"
        ? { case: "name" as const, value: axis }
        : { case: "number" as const, value: axis },
      take: takeOf(take),
    })),
  };
}

function takeOf(take: AxisSelection): TakeInit {
  if (take.type === "pick") {
    const items = take.points.map((point) => ({
      item: point.type === "match"
        ? { case: "pattern" as const, value: point.pattern }
        : { case: "point" as const, value: pointOf(point) },
    }));
    return { case: "pick", value: { items } };
  }
  if (take.type !== "slice") return { case: "point", value: pointOf(take) };
  const { start, stop, action } = take;
  return {
    case: "slice",
    value: {
      ...(start ? { start: pointOf(start) } : {}),
      ...(stop ? { stop: pointOf(stop) } : {}),
      action: action === undefined
        ? { case: undefined }
        : action === "sum"
        ? { case: "sum", value: {} }
        : action.type === "factor"
        ? { case: "rebinFactor", value: action.factor }
        : action.type === "groups"
        ? { case: "rebinGroups", value: { groups: [...action.groups] } }
        : { case: "rebinEdges", value: { edges: [...action.edges] } },
    },
  };
}

function pointOf(point: AxisPoint): PointInit {
  const offset = BigInt("offset" in point ? point.offset ?? 0 : 0);
  switch (point.type) {
    case "index":
    case "at":
      return { point: { case: point.type, value: BigInt(point.index) } };
    case "loc": {
      const { value } = point;
      if (typeof value !== "string") {
        return { point: { case: "loc", value: Number(value) }, offset };
      }
      const category = { value: { case: "text" as const, value } };
      return { point: { case: "category", value: category }, offset };
    }
    default:
      return { point: { case: point.type, value: {} }, offset };
  }
}

/** The cells of an answer, of the kind that `like` has. */
export function cellsOf(response: QueryResponse, like: Hist): Hist["cells"] {
  const bytes = response.cells.slice().buffer;
  return like.cells instanceof BigInt64Array ? new BigInt64Array(bytes) : new Float64Array(bytes);
}

/** The action throws a refusal with this code and message. */
export function refuses(action: () => unknown, code: Code, message: RegExp | string): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, code);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}
