/**
 * Reads a file that somebody sends: one histogram of it, cut into chunks. It takes as long as the file wants, and
 * blocks its thread: a server reads in a thread of its own that it can end.
 *
 * @module
 */

import { readUhiHdf5 } from "../../hdf5/mod.ts";
import {
  type CategoryAxis,
  formatHistSpec,
  formatPythonJson,
  type Hist,
  HistFormatError,
  type JsonValue,
  parseHists,
  parseJson,
  storageTraits,
} from "../../hist/mod.ts";
import { encodeChunkKey } from "../../wire/mod.ts";
import { CHUNK_KEY_BYTES_MAX } from "../payload.ts";
import { DenseCells } from "./dense_cells.ts";

/** A file and what to take of it. */
export interface HistogramFile {
  readonly format: "uhi_json" | "uhi_hdf5";
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the histogram in the file; empty for the only one. */
  readonly name: string;
  /** Most cells of the histogram, and of all histograms in a JSON file together. */
  readonly cellsMax: number;
}

/** A histogram out of a file. */
export interface FileHistogram {
  /** UHI JSON without contents. */
  readonly uhiJson: string;
  /** Canonical keys of the chunks that are not all zero, one after the other. */
  readonly keys: Uint8Array<ArrayBuffer>;
  /** Where each key ends. */
  readonly keyEnds: Uint32Array<ArrayBuffer>;
  /** Cells of these chunks, one after the other. */
  readonly cells: Uint8Array<ArrayBuffer>;
}

/** The file is no such file, or not this reader's matter: the message is for whoever sent it. */
export class HistogramFileError extends RangeError {
  override readonly name = "HistogramFileError";
  /** `malformed`, or `too_large` for what there is memory and time for. */
  readonly reason: "malformed" | "too_large";

  constructor(message: string, options: { reason: HistogramFileError["reason"]; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/** Names that a refusal lists. */
const NAMES_SHOWN = 5;

/** @throws {HistogramFileError} */
export async function readHistogramFile(file: HistogramFile): Promise<FileHistogram> {
  try {
    const hist = file.format === "uhi_json" ? readJson(file) : await readHdf5(file);
    return cutIntoChunks(hist);
  } catch (error) {
    if (error instanceof HistFormatError) {
      throw new HistogramFileError(error.message, { reason: "malformed", cause: error });
    }
    if (error instanceof RangeError && !(error instanceof HistogramFileError)) {
      const message = "there is not enough memory for its cells";
      throw new HistogramFileError(message, { reason: "too_large", cause: error });
    }
    throw error;
  }
}

function readJson(file: HistogramFile): Hist {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(file.bytes);
  } catch (cause) {
    throw new HistogramFileError("the file is not UTF-8", { reason: "malformed", cause });
  }
  const hists = parseHists(text, { cellsMax: file.cellsMax });
  return hists.get(pickName([...hists.keys()], file.name))!;
}

async function readHdf5(file: HistogramFile): Promise<Hist> {
  const hists = await readUhiHdf5(file.bytes, {
    cellsMax: file.cellsMax,
    pick: (names) => pickName(names, file.name),
  });
  return [...hists.values()][0]!;
}

function pickName(names: readonly string[], wanted: string): string {
  if (wanted === "" && names.length === 1) return names[0]!;
  if (names.includes(wanted)) return wanted;
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name.slice(0, 64)));
  const list = `${shown.join(", ")}${names.length > NAMES_SHOWN ? ", …" : ""}`;
  const problem = wanted === ""
    ? `the file holds ${names.length} histograms; name one of them: ${list}`
    : `the file holds no histogram "${wanted.slice(0, 64)}"; it holds ${list}`;
  throw new HistFormatError("", problem);
}

function cutIntoChunks(hist: Hist): FileHistogram {
  const { spec } = hist;
  const places = new DenseCells(spec);
  const chunks: { key: Uint8Array<ArrayBuffer>; index: readonly number[] }[] = [];
  const parts = spec.categoryAxes.map(keyParts);
  const extents = spec.chunkCells === 0 ? [0] : spec.categoryAxes.map(({ extent }) => extent);
  for (const chunk of combinations(extents)) {
    if (places.isEmpty(chunk, hist.cells)) continue;
    chunks.push({ key: keyOf(chunk.map((bin, axis) => parts[axis]![bin]!)), index: chunk });
  }
  const cells = new Uint8Array(chunks.length * spec.chunkBytes);
  for (const [i, { index }] of chunks.entries()) {
    const target = cells.subarray(i * spec.chunkBytes, (i + 1) * spec.chunkBytes);
    places.gather(index, hist.cells, target);
  }
  const keys = joined(chunks.map(({ key }) => key));
  let end = 0;
  const keyEnds = Uint32Array.from(chunks, ({ key }) => end += key.length);
  return { uhiJson: describe(hist), keys, keyEnds, cells };
}

/** All tuples of bins, row-major. */
function* combinations(extents: readonly number[]): Generator<readonly number[], void, void> {
  const total = extents.reduce((a, b) => a * b, 1);
  const bins = extents.map(() => 0);
  for (let i = 0; i < total; i++) {
    yield [...bins];
    for (let axis = bins.length - 1; axis >= 0; axis--) {
      if (++bins[axis]! < extents[axis]!) break;
      bins[axis] = 0;
    }
  }
}

/** The parts of keys for all bins of an axis; past the last category lies what is in none. */
function keyParts(axis: CategoryAxis): Uint8Array[] {
  const parts: Uint8Array[] = axis.categories.map((category) =>
    encodeChunkKey([typeof category === "number" ? BigInt(category) : category])
  );
  return [...parts, Uint8Array.of(0)];
}

function keyOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const key = joined(parts);
  if (key.length <= CHUNK_KEY_BYTES_MAX) return key;
  const message = `categories that belong together have ${key.length} bytes, ` +
    `the limit is ${CHUNK_KEY_BYTES_MAX}`;
  throw new HistogramFileError(message, { reason: "malformed" });
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The histogram without its contents, with all that travels with it. */
function describe(hist: Hist): string {
  const root = new Map(parseJson(formatHistSpec(hist.spec)) as ReadonlyMap<string, JsonValue>);
  root.set("metadata", hist.metadata);
  const writerInfo = new Map(hist.writerInfo);
  const { boostName } = storageTraits[hist.storage];
  const boost = writerInfo.get("boost-histogram");
  const notes = new Map(boost instanceof Map ? boost as ReadonlyMap<string, JsonValue> : []);
  if (boostName === "AtomicInt64" || boostName === "Unlimited") {
    // By this boost-histogram tells storages apart that look alike.
    writerInfo.set("boost-histogram", notes.set("storage_type", boostName));
  }
  if (writerInfo.size > 0) root.set("writer_info", writerInfo);
  return formatPythonJson(root);
}
