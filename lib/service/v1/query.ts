/**
 * Query: a selection of a histogram, evaluated here, chunk by chunk.
 *
 * Everything that an answer shows is of one moment: it is read under the histogram's lock, and fills wait as long. A
 * query costs as much as the chunks that it needs have bytes, at about 2 GB a second, plus 0.2 µs for each of them:
 * a slice of one tuple of categories is one look-up, a sum over 600,000 chunks holds the lock for most of a second.
 * The order in which chunks are added is not specified, so the last bits of sums over categories may differ.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { HistogramHandle, HistogramView } from "../../accum/mod.ts";
import {
  applyDense,
  type Cells,
  formatHistSpec,
  type HistSpec,
  planSelection,
  SelectionError,
  type SelectionPlan,
} from "../../hist/mod.ts";
import {
  CellEncoding,
  type QueryResponse,
  QueryResponseSchema,
  type Selection as SelectionMessage,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { Code, invalidArgument, ServiceError } from "../errors.ts";
import type { Finding } from "./call.ts";
import { sumGroups } from "./chunk_sums.ts";
import { CurrentSpecs } from "./current_spec.ts";
import { lookAt } from "./look.ts";
import { readSelection } from "./selection_message.ts";
import { gatherSparse } from "./sparse_cells.ts";

/** What is asked: a QueryRequest, or the same fields of a WatchRequest. */
export interface Question {
  readonly histId: string;
  readonly selection?: SelectionMessage | undefined;
  readonly encoding: CellEncoding;
}

interface Answer {
  readonly result: HistSpec;
  readonly cells: Cells;
  readonly indices: bigint[];
  readonly version: number;
}

/** Answers queries of one thread. */
export class Querier {
  readonly #service: ServiceContext;
  readonly #specs: CurrentSpecs;

  constructor(service: ServiceContext) {
    this.#service = service;
    this.#specs = new CurrentSpecs(service);
  }

  /**
   * Answers with a histogram of what is asked for.
   *
   * @throws {ServiceError} INVALID_ARGUMENT with the path of what the histogram cannot answer, also where Python's
   * hist raises IndexError; RESOURCE_EXHAUSTED if the answer is larger than a message may be; NOT_FOUND.
   */
  query(caller: Caller, question: Question): Finding<QueryResponse> {
    const isSparse = readEncoding(question.encoding);
    const { epoch, value } = lookAt(this.#service, caller, {
      histId: question.histId,
      read: (view, handle) => this.#evaluate(view, handle, { ...question, isSparse }),
    });
    const { result, cells, indices, version } = value;
    const response = create(QueryResponseSchema, {
      uhiJson: formatHistSpec(result),
      cells: new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength),
      cellIndices: indices,
      version: BigInt(version),
    });
    if (response.uhiJson.length + cells.byteLength > this.#service.messageBytesMax) {
      throw this.#tooLarge(response.uhiJson.length + cells.byteLength, epoch);
    }
    return { epoch, value: response };
  }

  #evaluate(
    view: HistogramView,
    handle: HistogramHandle,
    question: Question & { isSparse: boolean },
  ): Answer {
    const spec = this.#specs.specOf(view, handle);
    const plan = planOf(spec, question.selection);
    const { result } = plan;
    const { version } = view;
    const bytesMax = this.#service.messageBytesMax;
    if (question.isSparse) {
      // Beyond, positions are not exact.
      const isCountable = plan.resultCells <= Number.MAX_SAFE_INTEGER;
      const sparse = isCountable ? gatherSparse(plan, sumGroups(plan, view), bytesMax) : null;
      if (!sparse) throw this.#tooLarge(null);
      return { result, version, ...sparse };
    }
    const bytes = plan.resultCells * spec.cellBytes;
    if (bytes > bytesMax) throw this.#tooLarge(bytes);
    const { cells } = applyDense(plan, sumGroups(plan, view));
    return { result, version, cells, indices: [] };
  }

  #tooLarge(bytes: number | null, epoch = 0): ServiceError {
    const limit = this.#service.messageBytesMax;
    return new ServiceError(
      Code.ResourceExhausted,
      bytes === null
        ? `the answer has more than ${limit} bytes, the limit; select less`
        : `the answer has ${bytes} bytes, the limit is ${limit}; select less, or ask for sparse cells`,
      { epoch },
    );
  }
}

/** Whether the cells are to be sparse. @throws {ServiceError} INVALID_ARGUMENT */
function readEncoding(encoding: CellEncoding): boolean {
  switch (encoding) {
    case CellEncoding.UNSPECIFIED:
    case CellEncoding.DENSE:
      return false;
    case CellEncoding.SPARSE:
      return true;
    default:
      throw invalidArgument(`encoding: ${encoding} is not known`);
  }
}

function planOf(spec: HistSpec, message: SelectionMessage | undefined): SelectionPlan {
  const { selection, refuse } = readSelection(message, spec.axes);
  try {
    return planSelection(spec, selection);
  } catch (error) {
    throw error instanceof SelectionError ? refuse(error) : error;
  }
}
