/**
 * Import: makes a histogram of a file, all or nothing.
 *
 *     pieces → one file → read elsewhere (see `ServiceContext.readFile`) → prepared, chunk by chunk → published
 *
 * @module
 */

import type { HandlerContext } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  addInitialChunks,
  ArenaFullError,
  changesRefused,
  type ChunkAddition,
  type HistogramHandle,
  publishHistogram,
} from "../../accum/mod.ts";
import {
  FileFormat,
  type ImportRequest,
  type ImportResponse,
  ImportResponseSchema,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import {
  changesRefusedError,
  Code,
  invalidArgument,
  memoryExhausted,
  ServiceError,
} from "../errors.ts";
import { prepareHistogram } from "../new_histogram.ts";
import { answerCall, type Finding } from "./call.ts";
import { type FileHistogram, type HistogramFile, HistogramFileError } from "./histogram_file.ts";
import { readUhiSpec } from "./manage.ts";

/** Imports that one thread serves at a time: each needs memory for its file and its cells. */
export const IMPORTS_MAX = 4;
/** Bytes of a JSON file: what is read of one takes ten times as much memory, and more. */
export const JSON_BYTES_MAX = 2 ** 24;
/** Bytes copied into shared memory before other calls have their turn; at least one chunk. */
const BATCH_BYTES_MAX = 2 ** 22;

/** The imports of one thread. */
export class ImportRoom {
  readonly #service: ServiceContext;
  #open = 0;

  constructor(service: ServiceContext) {
    this.#service = service;
  }

  /** Serves one stream. */
  async import(
    requests: AsyncIterable<ImportRequest>,
    context: HandlerContext,
  ): Promise<ImportResponse> {
    const isTooMany = this.#open >= IMPORTS_MAX;
    this.#open++;
    try {
      return await answerCall(this.#service, context, {
        isChange: true,
        run: async (caller) => {
          if (isTooMany) throw tooMany();
          const file = await receiveFile(this.#service, requests);
          return await makeHistogram(this.#service, caller, await this.#read(file));
        },
      });
    } finally {
      this.#open--;
    }
  }

  async #read(file: HistogramFile): Promise<FileHistogram> {
    try {
      return await this.#service.readFile(file);
    } catch (error) {
      if (!(error instanceof HistogramFileError)) throw error;
      const code = error.reason === "too_large" ? Code.ResourceExhausted : Code.InvalidArgument;
      throw new ServiceError(code, `cannot import: ${error.message}`, { cause: error });
    }
  }
}

function tooMany(): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    `too many imports at a time: the limit is ${IMPORTS_MAX} a thread; retry later`,
  );
}

/** The whole file. @throws {ServiceError} INVALID_ARGUMENT, or RESOURCE_EXHAUSTED if it is too long. */
async function receiveFile(
  service: ServiceContext,
  requests: AsyncIterable<ImportRequest>,
): Promise<HistogramFile> {
  const pieces: Uint8Array[] = [];
  let head: { format: HistogramFile["format"]; name: string; bytesMax: number } | null = null;
  let length = 0;
  for await (const request of requests) {
    if (!head) {
      const format = formatOf(request.format);
      const { messageBytesMax } = service;
      const bytesMax = format === "uhi_json"
        ? Math.min(JSON_BYTES_MAX, messageBytesMax)
        : messageBytesMax;
      head = { format, name: request.name, bytesMax };
    } else if (request.format !== FileFormat.UNSPECIFIED || request.name !== "") {
      throw invalidArgument("only the first message of an import has format and name");
    }
    length += request.bytes.length;
    if (length > head.bytesMax) {
      throw new ServiceError(
        Code.ResourceExhausted,
        `cannot import: the file has more than ${head.bytesMax} bytes`,
      );
    }
    if (request.bytes.length > 0) pieces.push(request.bytes);
  }
  if (!head) throw invalidArgument("an import without a message: the first one has the format");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const { budgetBytes, usedBytes } = service.registry.arena;
  const cellBytes = Math.min(service.messageBytesMax, Math.max(0, budgetBytes - usedBytes));
  return {
    format: head.format,
    name: head.name,
    bytes,
    cellsMax: Math.floor(cellBytes / 8),
  };
}

function formatOf(format: FileFormat): HistogramFile["format"] {
  if (format === FileFormat.UHI_JSON) return "uhi_json";
  if (format === FileFormat.UHI_HDF5) return "uhi_hdf5";
  throw invalidArgument("format must be FILE_FORMAT_UHI_JSON or FILE_FORMAT_UHI_HDF5");
}

async function makeHistogram(
  service: ServiceContext,
  caller: Caller,
  found: FileHistogram,
): Promise<Finding<ImportResponse>> {
  const { registry } = service;
  const spec = readUhiSpec(found.uhiJson);
  const handle = prepareHistogram(service, caller, { spec, json: found.uhiJson });
  let isPublished = false;
  try {
    await addAll(service, handle, found);
    if (changesRefused(registry.arena)) throw changesRefusedError();
    const { epoch } = publishHistogram(registry, handle);
    isPublished = true;
    return { epoch, value: create(ImportResponseSchema, { histId: handle.metadata.id }) };
  } catch (error) {
    if (error instanceof ArenaFullError) throw memoryExhausted("cannot import", error);
    throw error;
  } finally {
    if (!isPublished) registry.discard(handle);
  }
}

/** Nobody else knows the histogram yet. @throws {ArenaFullError} */
async function addAll(
  service: ServiceContext,
  handle: HistogramHandle,
  found: FileHistogram,
): Promise<void> {
  const { chunkBytes } = handle.metadata;
  const { keys, keyEnds, cells } = found;
  const batch = Math.max(1, Math.floor(BATCH_BYTES_MAX / Math.max(chunkBytes, 1024)));
  const additionAt = (i: number): ChunkAddition => ({
    key: keys.subarray(i === 0 ? 0 : keyEnds[i - 1]!, keyEnds[i]!),
    cells: cells.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  });
  for (let first = 0; first < keyEnds.length; first += batch) {
    const length = Math.min(batch, keyEnds.length - first);
    const additions = Array.from({ length }, (_, i) => additionAt(first + i));
    addInitialChunks(service.registry, handle, additions);
    await nextTurn();
  }
}
