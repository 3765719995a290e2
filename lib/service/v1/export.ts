/**
 * Export: the whole histogram of one moment as a file, in pieces. Nothing is sent before all of the file is there:
 * little ones are made in memory; large ones wait on disk, beside the files of Flush, so that memory is bounded by one
 * batch, and the caller may read as slowly as he likes without holding up anybody.
 *
 * @module
 */

import type { HandlerContext } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { FileSink, type Hdf5Sink, writeUhiHdf5 } from "../../hdf5/mod.ts";
import { cellWidth, formatHist, Hist, type HistSpec, newCells } from "../../hist/mod.ts";
import {
  type ExportRequest,
  type ExportResponse,
  ExportResponseSchema,
  FileFormat,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import { Code, invalidArgument, readRefusedError, ServiceError } from "../errors.ts";
import { toFileError } from "../file_errors.ts";
import { specOf } from "../payload.ts";
import type { StillView } from "../still_view.ts";
import { notesOf, uhiHdf5Of } from "../uhi_hdf5_of.ts";
import { whileStill } from "../while_still.ts";
import { answerCall } from "./call.ts";
import { DenseCells } from "./dense_cells.ts";
import { withCategories } from "./manage.ts";

/** Exports that one thread serves at a time: their files need memory and disk. */
export const EXPORTS_MAX = 16;
/** Bytes of a piece. */
const PIECE_BYTES_MAX = 2 ** 18;
/** Numbers in a JSON file: some 20 MB of text, made at one go. */
export const JSON_NUMBERS_MAX = 2 ** 19;
/** Bytes of cells whose file is made in memory. */
const MEMORY_FILE_BYTES_MAX = 2 ** 22;

/** A part of the file, to be put at an offset. */
type Piece = Pick<ExportResponse, "offset" | "bytes">;

/** A whole file. */
interface ExportFile {
  pieces(): AsyncIterable<Piece> | Iterable<Piece>;
  /** Gives back what it needs; there are no more pieces then. */
  close(): void;
}

/** The exports of one thread. */
export class ExportRoom {
  readonly #service: ServiceContext;
  #open = 0;

  constructor(service: ServiceContext) {
    this.#service = service;
  }

  /** Serves one stream. */
  async *export(
    request: ExportRequest,
    context: HandlerContext,
  ): AsyncGenerator<ExportResponse, void, void> {
    const isTooMany = this.#open >= EXPORTS_MAX;
    const stay = new Stay(() => this.#open--);
    this.#open++;
    // When the client goes, nobody might ask this generator for more.
    context.signal.addEventListener("abort", () => stay.end(), { once: true });
    try {
      const file = await answerCall(this.#service, context, {
        isChange: false,
        run: async (caller) => {
          if (isTooMany) throw tooMany();
          return { epoch: 0, value: await makeFile(this.#service, caller, request) };
        },
      });
      stay.keep(file);
      for await (const piece of file.pieces()) yield create(ExportResponseSchema, piece);
    } finally {
      stay.end();
    }
  }
}

/** A stream's place in the room, and its file: both are given back once. */
class Stay {
  readonly #leave: () => void;
  #file: ExportFile | null = null;
  #isOver = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  keep(file: ExportFile): void {
    this.#file = file;
    if (this.#isOver) file.close();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#file?.close();
  }
}

function tooMany(): ServiceError {
  return new ServiceError(
    Code.ResourceExhausted,
    `too many exports at a time: the limit is ${EXPORTS_MAX} a thread; retry later`,
  );
}

async function makeFile(
  service: ServiceContext,
  caller: Caller,
  request: ExportRequest,
): Promise<ExportFile> {
  const { histId, format } = request;
  if (format !== FileFormat.UHI_JSON && format !== FileFormat.UHI_HDF5) {
    throw invalidArgument("format must be FILE_FORMAT_UHI_JSON or FILE_FORMAT_UHI_HDF5");
  }
  const action = "cannot export";
  let spec: HistSpec;
  try {
    return await whileStill(service, caller, {
      histId,
      action,
      copiesLittle: true,
      categoriesOf: (made, seen) => {
        spec = withCategories(made, seen);
        return spec.categoryAxes.map((axis) => axis.categories);
      },
      run: (view) => {
        if (format === FileFormat.UHI_JSON) return makeJson(service, view, spec);
        const isLittle = view.chunkCount * specOf(view.handle).chunkBytes <= MEMORY_FILE_BYTES_MAX;
        return isLittle ? makeInMemory(service, view) : makeOnDisk(service, view);
      },
    });
  } catch (error) {
    throw toFileError(error, action);
  }
}

async function makeJson(
  service: ServiceContext,
  view: StillView,
  spec: HistSpec,
): Promise<ExportFile> {
  const count = spec.axes.reduce((cells, { extent }) => cells * extent, 1);
  const width = cellWidth(spec.cellKind);
  if (count * width > JSON_NUMBERS_MAX) {
    throw new ServiceError(
      Code.FailedPrecondition,
      `too large for JSON: its cells have ${
        count * width
      } numbers, the limit is ${JSON_NUMBERS_MAX}; use HDF5`,
      { epoch: view.epoch },
    );
  }
  const cells = newCells(spec.cellKind, count);
  const places = new DenseCells(spec);
  for (const { index, cells: part, offsetBytes } of view.chunks()) {
    const { buffer, byteOffset, byteLength } = part;
    const numbers = spec.cellKind === "i64"
      ? new BigInt64Array(buffer, byteOffset, byteLength / 8)
      : new Float64Array(buffer, byteOffset, byteLength / 8);
    places.scatter({ index, cells: numbers, from: offsetBytes / spec.cellBytes }, cells);
  }
  await seal(service, view);
  const { storage } = spec;
  const { metadata, writerInfo } = notesOf(view.handle.metadata.json);
  const hist = new Hist(spec.axes, {
    storage,
    cells,
    ...(metadata ? { metadata } : {}),
    ...(writerInfo ? { writerInfo } : {}),
  });
  return inMemory(cut(0, new TextEncoder().encode(formatHist(hist))));
}

/** Nothing is shown that is not on disk, or of another moment than the rest. */
async function seal(service: ServiceContext, view: StillView): Promise<void> {
  await service.gate.pass(view.epoch, readRefusedError);
  view.check();
}

async function makeInMemory(service: ServiceContext, view: StillView): Promise<ExportFile> {
  const pieces: Piece[] = [];
  const sink: Hdf5Sink = {
    write: (bytes, position) => void pieces.push(...cut(position, bytes.slice())),
  };
  await writeUhiHdf5(sink, [uhiHdf5Of(view)]);
  await seal(service, view);
  return inMemory(pieces);
}

function inMemory(pieces: readonly Piece[]): ExportFile {
  return { pieces: () => pieces, close: () => {} };
}

async function makeOnDisk(service: ServiceContext, view: StillView): Promise<ExportFile> {
  await Deno.mkdir(service.flushDir, { recursive: true, mode: 0o700 });
  const path = await Deno.makeTempFile({
    dir: service.flushDir,
    prefix: ".histserv-",
    suffix: ".tmp",
  });
  const file = new TemporaryFile(path, await Deno.open(path, { read: true, write: true }));
  // Where a file without a name can be read, a crash leaves nothing behind.
  if (Deno.build.os !== "windows") await Deno.remove(path);
  try {
    await writeUhiHdf5(new FileSink(file.file), [uhiHdf5Of(view)]);
    await seal(service, view);
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}

/** A file that goes when it was read. */
class TemporaryFile implements ExportFile {
  readonly file: Deno.FsFile;
  readonly #path: string;
  #isClosed = false;

  constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.file = file;
  }

  async *pieces(): AsyncGenerator<Piece, void, void> {
    for (let offset = 0; !this.#isClosed;) {
      const bytes = new Uint8Array(PIECE_BYTES_MAX);
      if (offset === 0) await this.file.seek(0, Deno.SeekMode.Start);
      const count = await this.file.read(bytes);
      if (count === null) return;
      yield { offset: BigInt(offset), bytes: bytes.subarray(0, count) };
      offset += count;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.file.close();
    if (Deno.build.os === "windows") Deno.removeSync(this.#path);
  }
}

function cut(offset: number, bytes: Uint8Array<ArrayBuffer>): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX) {
    pieces.push({
      offset: BigInt(offset + at),
      bytes: bytes.subarray(at, at + PIECE_BYTES_MAX),
    });
  }
  return pieces;
}
