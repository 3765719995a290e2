/**
 * The committer thread: restores the shared memory from the journal, then writes epoch after epoch.
 *
 *     restore → { changes? take them, commit, publish : checkpoint slice due? do it : wait } → stopping: close
 *
 * @module
 */

import {
  acceptChanges,
  Arena,
  ArenaFullError,
  type ChangeSink,
  changesRefused,
  committerSignal,
  drainHistogram,
  durabilityOf,
  GroupCollector,
  hasDirty,
  isStopping,
  MetadataError,
  noteDurable,
  PAGE_BYTES,
  publish,
  refuseChanges,
  Registry,
  reinstateHistograms,
  RestoreError,
  restoreHistograms,
  type RestoreReport,
  takeDirty,
  waitForCall,
  withdrawChanges,
} from "../accum/mod.ts";
import { systemClock } from "../base/mod.ts";
import {
  type DataDirectory,
  type Journal,
  JournalError,
  type JournalErrorReason,
  LockError,
  openDataDirectory,
  RedoBatch,
} from "../journal/mod.ts";
import { createFailpoint } from "./failpoint.ts";
import { createLogger, type Logger } from "./log.ts";
import type { ThreadCommand, ThreadOrder, ThreadReport } from "./thread.ts";

/** A commit is cut between histograms when its records reach this size. */
const BATCH_BYTES_MAX = 64 * 2 ** 20;
/** Serials begin at 1. */
const NO_GROUP = 0;
/** Failures that may pass without anybody's doing. */
const PASSING_REASONS: ReadonlySet<JournalErrorReason> = new Set(["full", "io"]);
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
    pageBytes: PAGE_BYTES,
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
  const registry = new Registry(arena, { threadIndex: 0 });
  const collector = new GroupCollector(registry);
  await replayInto(directory.journal, collector);
  return restoreHistograms(registry, collector, { serialFloor: directory.journal.groupMax });
}

async function replayInto(journal: Journal, collector: GroupCollector): Promise<void> {
  await journal.replay({
    write: (group, member, offset, bytes) => collector.write({ group, member, offset }, bytes),
    remove: (group) => collector.remove(group),
  });
}

/** Writes what changed, epoch by epoch. */
class Committer {
  readonly #arena: Arena;
  readonly #registry: Registry;
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #batch = new RedoBatch();
  /** When the next slice of a checkpoint may be tried. */
  #foldAfterMs = 0;

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
    const batch = this.#batch;
    const sink: ChangeSink = {
      write: ({ group, member, offset }, bytes) => batch.write(group, member, offset, bytes),
      remove: (group) => batch.remove(group),
    };
    const deleted: number[] = [];
    let first = 0; // those from here on are not on disk; a batch is cut between histograms, never within one
    for (const [i, histogram] of histograms.entries()) {
      if (drainHistogram(this.#arena, histogram, sink)) deleted.push(histogram);
      if (batch.byteLength < BATCH_BYTES_MAX && i < histograms.length - 1) continue;
      if (!(await this.#commitBatch())) {
        return await this.#takeBack({ firstEpoch: epoch, histograms });
      }
      for (const durable of histograms.slice(first, i + 1)) noteDurable(this.#arena, durable);
      first = i + 1;
    }
    publish(this.#arena, epoch);
    for (const histogram of deleted) this.#registry.reclaim(histogram);
  }

  /**
   * Whether the batch is on disk; it is empty afterwards. Where changes were acknowledged before
   * (`interval`), it is tried until it is.
   */
  async #commitBatch(): Promise<boolean> {
    for (let retryMs = RETRY_MS_MIN;; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
      try {
        await this.#journal.commit(this.#batch);
        this.#batch.clear();
        acceptChanges(this.#arena);
        return true;
      } catch (error) {
        this.#refuse(error);
        const isThere = await this.#settle();
        if (isThere || durabilityOf(this.#arena) === "commit") {
          this.#batch.clear();
          if (isThere) acceptChanges(this.#arena);
          return isThere;
        }
        await this.#makeRoom();
        await pause(retryMs);
      }
    }
  }

  /** Takes back what the disk refused, then waits until the disk takes something again. */
  async #takeBack(change: { firstEpoch: number; histograms: readonly number[] }): Promise<void> {
    const withdrawn = withdrawChanges(this.#registry, change);
    const groups = new Set(withdrawn.values());
    const collector = new GroupCollector(this.#registry, (group) => groups.has(group));
    await this.#untilRead(() => replayInto(this.#journal, collector), () => collector.clear());
    reinstateHistograms(this.#registry, withdrawn, collector.groups);
    for (let retryMs = RETRY_MS_MIN;; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
      await pause(retryMs);
      await this.#makeRoom();
      // Removing a group that never is changes nothing, but is a commit.
      this.#batch.remove(NO_GROUP);
      try {
        await this.#journal.commit(this.#batch);
        break;
      } catch (error) {
        this.#refuse(error);
        if (isStopping(this.#arena)) return;
      } finally {
        this.#batch.clear();
      }
    }
    acceptChanges(this.#arena);
    this.#log.info("the disk takes changes again");
  }

  /** What became of a failed commit: known only once the disk can be read. */
  async #settle(): Promise<boolean> {
    let isThere = false;
    await this.#untilRead(async () => {
      isThere = await this.#journal.settle();
    });
    return isThere;
  }

  async #untilRead(read: () => Promise<void>, undo: () => void = () => {}): Promise<void> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        this.#refuse(error);
        undo();
        await pause(RETRY_MS_MAX);
      }
    }
  }

  /** Notes that the disk refuses; rethrows what no waiting mends. */
  #refuse(error: unknown): void {
    if (!(error instanceof JournalError) || !PASSING_REASONS.has(error.reason)) throw error;
    if (!changesRefused(this.#arena)) {
      this.#log.error("the disk refuses changes; fills are refused until it takes them again", {
        error: error.message,
      });
    }
    refuseChanges(this.#arena);
  }

  /** Folds redo records early: the engine uses their space again. */
  async #makeRoom(): Promise<void> {
    try {
      while (await this.#journal.checkpointIfDue({ early: true }));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** One slice of a checkpoint, if one is due; whether more is. After a failed slice commits go on, the next one waits. */
  async #foldSlice(): Promise<boolean> {
    if (systemClock.monotonicMs() < this.#foldAfterMs) return false;
    try {
      return await this.#journal.checkpointIfDue();
    } catch (error) {
      if (!(error instanceof JournalError) || !PASSING_REASONS.has(error.reason)) throw error;
      this.#log.warning("a checkpoint waits for the disk", { error: error.message });
      this.#foldAfterMs = systemClock.monotonicMs() + RETRY_MS_MAX;
      return false;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
