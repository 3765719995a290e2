/**
 * Threads: workers that run the main module again, each in one role, over the same shared memory.
 *
 * A thread gets one {@linkcode ThreadOrder} and then commands; it sends {@linkcode ThreadReport}s. An error that a
 * thread does not catch ends the process: half-updated memory is never served.
 *
 * @module
 */

import type { Durability } from "./option_values.ts";
import type { LogFormat, LogLevel } from "./log.ts";
import type { RestoreReport } from "../accum/mod.ts";
import type { FileHistogram, HistogramFile, HistogramFileError } from "../service/mod.ts";

/** What every thread is told at its start. */
export interface ThreadSetting {
  readonly buffer: SharedArrayBuffer;
  /** 0 is the main thread, 1 … 8 are I/O threads. */
  readonly threadIndex: number;
  readonly startedWallMs: number;
  readonly version: string;
  readonly messageBytesMax: number;
  readonly flushDir: string;
  /** URL of the main module, for threads that a thread starts. */
  readonly mainUrl: string;
  /** Hexadecimal SHA-256 digests of the tokens that may use the server; null for all. */
  readonly tokenDigests: readonly string[] | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** A thread's role. */
export type ThreadOrder =
  | {
    readonly role: "io";
    readonly setting: ThreadSetting;
    readonly listeners: readonly { readonly hostname: string; readonly port: number }[];
  }
  | {
    readonly role: "committer";
    readonly setting: ThreadSetting;
    readonly dataDir: string;
    readonly durability: Durability;
    /** `NAME:n`: kill the process at the n-th pass of a failpoint of the journal; null outside of tests. */
    readonly failpoint: string | null;
  }
  | { readonly role: "import"; readonly file: HistogramFile };

/** What a thread is told later. */
export type ThreadCommand = { readonly command: "drain"; readonly graceMs: number };

/** What a thread says. */
export type ThreadReport =
  | { readonly kind: "listening" }
  | { readonly kind: "drained" }
  | {
    readonly kind: "restored";
    readonly report: RestoreReport;
    readonly isNew: boolean;
    readonly tookMs: number;
  }
  | { readonly kind: "closed" }
  | { readonly kind: "read"; readonly histogram: FileHistogram }
  | {
    readonly kind: "refused";
    readonly reason: HistogramFileError["reason"];
    readonly message: string;
  }
  | { readonly kind: "failed"; readonly message: string };

type ReportKind = ThreadReport["kind"];

/** A thread as the main thread sees it: it loads its modules at once and plays when it gets its order. */
export class Thread {
  readonly name: string;
  readonly #worker: Worker;
  readonly #reports = new Map<ReportKind, ThreadReport>();
  readonly #waiting = new Map<ReportKind, (report: ThreadReport) => void>();

  /** `onError` is told of what the thread did not catch; it must end the process. */
  constructor(
    name: string,
    options: { mainUrl: string; onError: (thread: string, message: string) => void },
  ) {
    this.name = name;
    this.#worker = new Worker(options.mainUrl, { type: "module", name });
    this.#worker.onmessage = (event) => this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      options.onError(name, event.message);
    };
    this.#worker.onmessageerror = () => options.onError(name, "A message could not be read");
  }

  /** Resolves with the report of this kind, or with a failure, whichever comes first. */
  awaitReport(kind: ReportKind): Promise<ThreadReport> {
    return new Promise((resolve) => {
      const early = this.#reports.get(kind) ?? this.#reports.get("failed");
      if (early) return resolve(early);
      this.#waiting.set(kind, resolve);
    });
  }

  /** Says what to play; first and once. */
  order(order: ThreadOrder): void {
    this.#worker.postMessage(order);
  }

  send(command: ThreadCommand): void {
    this.#worker.postMessage(command);
  }

  terminate(): void {
    this.#worker.terminate();
  }

  #receive(report: ThreadReport): void {
    this.#reports.set(report.kind, report);
    const waiting = report.kind === "failed"
      ? [...this.#waiting.values()]
      : [this.#waiting.get(report.kind)];
    for (const resolve of waiting) resolve?.(report);
    if (report.kind === "failed") this.#waiting.clear();
    else this.#waiting.delete(report.kind);
  }
}

/** The worker's side of the messages; TypeScript's view of a worker's global scope is not at hand here. */
interface WorkerScope {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: ThreadReport, transfer: Transferable[]): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope & { WorkerGlobalScope?: unknown };

/** Whether this module runs in a thread that {@linkcode Thread} started. */
export function isThread(): boolean {
  return typeof scope.WorkerGlobalScope === "function";
}

/** Takes the order, then hands commands to what `play` returned. */
export function playThread(
  play: (
    order: ThreadOrder,
    report: (report: ThreadReport, transfer?: Transferable[]) => void,
  ) => (command: ThreadCommand) => void,
): void {
  let onCommand: ((command: ThreadCommand) => void) | null = null;
  scope.onmessage = (event) => {
    if (onCommand) return onCommand(event.data as ThreadCommand);
    onCommand = play(
      event.data as ThreadOrder,
      (report, transfer) => scope.postMessage(report, transfer ?? []),
    );
  };
}
