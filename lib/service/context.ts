/**
 * What the RPCs of one thread work with.
 *
 * @module
 */

import type { EpochGate, Registry } from "../accum/mod.ts";
import type { Clock } from "../base/mod.ts";
import type { CallerGuard } from "./caller.ts";
import type { FileHistogram, HistogramFile } from "./v1/histogram_file.ts";

/** One thread's service. */
export interface ServiceContext {
  readonly registry: Registry;
  readonly gate: EpochGate;
  readonly guard: CallerGuard;
  readonly clock: Clock;
  /** Most bytes of an Init, Fill, FillMany or Snapshot message. */
  readonly messageBytesMax: number;
  /** The only folder that Flush writes to; made at its first use. */
  readonly flushDir: string;
  readonly version: string;
  /** When the server started, by the wall clock. */
  readonly startedWallMs: number;
  /** Seconds since the server started. */
  uptimeSeconds(): number;
  /** Processor time of the whole process, in seconds. */
  cpuSeconds(): { readonly user: number; readonly system: number };
  /**
   * Reads a file that a client sent, where it can be stopped and holds nobody up; takes the bytes over. Rejects with
   * HistogramFileError.
   */
  readFile(file: HistogramFile): Promise<FileHistogram>;
  /** Reports a mistake of ours; the call is answered INTERNAL. */
  reportBug(error: unknown): void;
}

/** What a call says when the epoch that holds it is on disk. */
export interface Answer {
  readonly epoch: number;
  /** Pieces of the response message. */
  readonly pieces: readonly Uint8Array[];
}
