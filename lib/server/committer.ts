/**
 * The committer thread: restores the shared memory from the journal, then writes epoch after epoch.
 *
 *     restore → { changes? take them, commit, publish : checkpoint slice due? do it : wait } → stopping: close
 *
 * @module
 */

import {
  Arena,
  ArenaFullError,
  committerSignal,
  drainHistogram,
  hasDirty,
  HistogramRestorer,
  isStopping,
  MetadataError,
  publish,
  refuseChanges,
  Registry,
  RestoreError,
  type RestoreReport,
  takeDirty,
  waitForCall,
} from "../accum/mod.ts";
import { systemClock } from "../base/mod.ts";
import {
  type DataDirectory,
  type Journal,
  JournalError,
  LockError,
  openDataDirectory,
  RedoBatch,
} from "../journal/mod.ts";
import { createFailpoint } from "./failpoint.ts";
import { createLogger, type Logger } from "./log.ts";
import type { ThreadCommand, ThreadOrder, ThreadReport } from "./thread.ts";

/** A commit is cut between histograms when its records reach this size. */
const BATCH_BYTES_MAX = 64 * 2 ** 20;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2000;
/** Between two commits it is looked this often whether to stop. */
const REST_STEP_MS = 50;

/** Runs the committer; reports `restored`, or `failed`, and at the end `closed`. */
export function playCommitter(
  order: ThreadOrder & { role: "committer" },
  report: (report: ThreadReport) => void,
): (command: ThreadCommand) => void {
  const { logLevel, logFormat } = order.setting;
  const log = createLogger({ level: logLevel, format: logFormat, clock: systemClock });
  let isRestored = false;
  const note = (message: ThreadReport): void => {
    isRestored ||= message.kind === "restored";
    report(message);
  };
  run(order, { report: note, log }).catch((error) => {
    // Once restored, nobody waits for a failure any more: uncaught, it ends the process.
    if (isRestored || !isWorldsFault(error)) throw error;
    report({ kind: "failed", message: error.message });
  });
  return () => {};
}

function isWorldsFault(error: unknown): error is Error {
  return error instanceof JournalError || error instanceof LockError ||
    error instanceof RestoreError ||
    error instanceof MetadataError || error instanceof ArenaFullError;
}

async function run(
  order: ThreadOrder & { role: "committer" },
  output: { report: (report: ThreadReport) => void; log: Logger },
): Promise<void> {
  const arena = new Arena(order.setting.buffer);
  const startMs = systemClock.monotonicMs();
  const directory = await openDataDirectory(order.dataDir, {
    clock: systemClock,
    ...(order.failpoint === null ? {} : { failpoint: createFailpoint(order.failpoint) }),
  });
  const report = await restoreBeyondBudget(arena, directory);
  output.report({
    kind: "restored",
    report,
    isNew: directory.isNew,
    tookMs: systemClock.monotonicMs() - startMs,
  });
  const intervalMs = order.durability.kind === "interval" ? order.durability.intervalMs : 0;
  const committer = new Committer(arena, { journal: directory.journal, log: output.log });
  await committer.run({ intervalMs });
  await directory.close();
  output.report({ kind: "closed" });
}

/** What fitted before the restart must fit now, though tables may come out larger than they had grown. */
async function restoreBeyondBudget(
  arena: Arena,
  directory: DataDirectory,
): Promise<RestoreReport> {
  const bindBudget = arena.liftBudget();
  try {
    return await restore(arena, directory);
  } catch (error) {
    if (!(error instanceof ArenaFullError)) throw error;
    throw new ArenaFullError(
      "Cannot restore the histograms: they need more memory than --max-bytes allows; raise it",
      { neededBytes: error.neededBytes, cause: error },
    );
  } finally {
    bindBudget();
  }
}

async function restore(arena: Arena, directory: DataDirectory): Promise<RestoreReport> {
  const restorer = new HistogramRestorer(new Registry(arena, { threadIndex: 0 }));
  await directory.journal.replay({
    write: (group, member, offset, bytes) => restorer.write({ group, member, offset }, bytes),
    remove: (group) => restorer.remove(group),
  });
  return restorer.finish({ serialFloor: directory.journal.groupMax });
}

/** Writes what changed, epoch by epoch. */
class Committer {
  readonly #arena: Arena;
  readonly #registry: Registry;
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #batch = new RedoBatch();

  constructor(arena: Arena, options: { journal: Journal; log: Logger }) {
    this.#arena = arena;
    this.#registry = new Registry(arena, { threadIndex: 0 });
    this.#journal = options.journal;
    this.#log = options.log;
  }

  /** Until {@linkcode isStopping}, and nothing is left. */
  async run(options: { intervalMs: number }): Promise<void> {
    for (;;) {
      const seen = committerSignal(this.#arena);
      if (hasDirty(this.#arena)) {
        await this.#commitEpoch();
        await this.#foldSlice();
        await this.#rest(options.intervalMs);
      } else if (isStopping(this.#arena)) {
        return;
      } else if (!(await this.#foldSlice())) {
        await waitForCall(this.#arena, seen);
      }
    }
  }

  /** Waits so long, or until the stop: what was acknowledged meanwhile must still be written. */
  async #rest(ms: number): Promise<void> {
    for (let left = ms; left > 0 && !isStopping(this.#arena); left -= REST_STEP_MS) {
      await pause(Math.min(left, REST_STEP_MS));
    }
  }

  async #commitEpoch(): Promise<void> {
    const { epoch, histograms } = takeDirty(this.#arena);
    const deleted: number[] = [];
    const batch = this.#batch;
    const sink = {
      write: (write: { group: number; member: number; offset: number }, bytes: Uint8Array): void =>
        batch.write(write.group, write.member, write.offset, bytes),
      remove: (group: number): void => batch.remove(group),
    };
    for (const histogram of histograms) {
      if (drainHistogram(this.#arena, histogram, sink)) deleted.push(histogram);
      if (batch.byteLength >= BATCH_BYTES_MAX) await this.#commitBatch();
    }
    await this.#commitBatch();
    publish(this.#arena, epoch);
    for (const histogram of deleted) this.#registry.reclaim(histogram);
  }

  /** Until it is on disk: while the disk refuses, changes are refused and this one is tried again. */
  async #commitBatch(): Promise<void> {
    for (let retryMs = RETRY_MS_MIN;; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
      try {
        await this.#journal.commit(this.#batch);
        if (retryMs > RETRY_MS_MIN) this.#log.info("the disk takes changes again");
        this.#batch.clear();
        return;
      } catch (error) {
        if (!(error instanceof JournalError) || error.reason === "conflict") throw error;
        if (retryMs === RETRY_MS_MIN) {
          this.#log.error("the disk refuses changes; fills are refused until it takes them", {
            error: error.message,
          });
        }
        refuseChanges(this.#arena);
        await pause(retryMs);
      }
    }
  }

  /** One slice of a checkpoint, if one is due; whether more is. A failed slice is tried again after a pause. */
  async #foldSlice(): Promise<boolean> {
    try {
      return await this.#journal.checkpointIfDue();
    } catch (error) {
      if (
        !(error instanceof JournalError) || error.reason === "conflict" ||
        error.reason === "corrupt"
      ) throw error;
      this.#log.warning("a checkpoint waits for the disk", { error: error.message });
      await pause(RETRY_MS_MAX);
      return !isStopping(this.#arena);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
