/**
 * A thread that reads one file of a client and ends: whatever the file does to its reader, the thread that asked goes
 * on, and ends the reader after a while.
 *
 * @module
 */

import {
  type FileHistogram,
  type HistogramFile,
  HistogramFileError,
  readHistogramFile,
} from "../service/mod.ts";
import type { ThreadCommand, ThreadOrder, ThreadReport } from "./thread.ts";

/** Longest time that a file may take. */
const READ_MS_MAX = 60_000;
/** Bytes of JSON that are read at once: a thread's start takes longer. HDF5 is never read here. */
const INLINE_BYTES_MAX = 65_536;
/** Cells that are read at once. */
const INLINE_CELLS_MAX = 65_536;

/** Reads the file and reports. */
export function playImport(
  order: ThreadOrder & { role: "import" },
  report: (report: ThreadReport, transfer?: Transferable[]) => void,
): (command: ThreadCommand) => void {
  readHistogramFile(order.file).then(
    (histogram) => {
      const { keys, keyEnds, cells } = histogram;
      report({ kind: "read", histogram }, [keys.buffer, keyEnds.buffer, cells.buffer]);
    },
    (error) => {
      if (error instanceof HistogramFileError) {
        report({ kind: "refused", reason: error.reason, message: error.message });
      } else {
        report({ kind: "failed", message: error instanceof Error ? error.stack! : String(error) });
      }
    },
  );
  return () => {};
}

/** A mistake of ours in a thread that reads a file. */
export class ImportThreadError extends TypeError {
  override readonly name = "ImportThreadError";
}

/**
 * Reads the file, in a thread of its own unless it is small; takes over its bytes.
 *
 * @throws {HistogramFileError} also if it takes too long. @throws {ImportThreadError}
 */
export async function readFile(
  file: HistogramFile,
  options: { mainUrl: string; msMax?: number },
): Promise<FileHistogram> {
  if (file.format === "uhi_json" && file.bytes.length <= INLINE_BYTES_MAX) {
    const inline = await readInline(file);
    if (inline) return inline;
  }
  const msMax = options.msMax ?? READ_MS_MAX;
  const worker = new Worker(options.mainUrl, { type: "module", name: "import" });
  const { promise, resolve, reject } = Promise.withResolvers<ThreadReport>();
  const timer = setTimeout(() => {
    const message = `the file could not be read in ${msMax / 1000} s`;
    reject(new HistogramFileError(message, { reason: "too_large" }));
  }, msMax);
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new ImportThreadError(`A thread that read a file ended: ${event.message}`));
  };
  worker.onmessageerror = () => reject(new ImportThreadError("A message could not be read"));
  const order: ThreadOrder = { role: "import", file };
  worker.postMessage(order, [file.bytes.buffer]);
  try {
    return histogramOf(await promise);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}

/** Null if the file describes more than is read at once, however short it is. */
async function readInline(file: HistogramFile): Promise<FileHistogram | null> {
  if (file.cellsMax <= INLINE_CELLS_MAX) return await readHistogramFile(file);
  try {
    return await readHistogramFile({ ...file, cellsMax: INLINE_CELLS_MAX });
  } catch (error) {
    // Whatever is wrong with it, the other thread says it with the real limit.
    if (error instanceof HistogramFileError) return null;
    throw error;
  }
}

function histogramOf(report: ThreadReport): FileHistogram {
  if (report.kind === "read") return report.histogram;
  if (report.kind === "refused") {
    throw new HistogramFileError(report.message, { reason: report.reason });
  }
  throw new ImportThreadError(
    `A thread could not read a file: ${report.kind === "failed" ? report.message : report.kind}`,
  );
}
