/**
 * Accumulators in shared memory: the table of histograms that all threads see, and the epochs in which their changes
 * reach the disk. It knows chunks, keys, cells and unique ids as bytes; what the axes mean is the service's matter.
 *
 * @module
 */

export { idleHistograms, type ListEntry, listHistograms, type ListQuery } from "./age_list.ts";
export { Arena, ArenaFullError } from "./arena.ts";
export { PAGE_BYTES } from "./cells.ts";
export type { CellArithmetic } from "./cells.ts";
export type { ChunkAddition } from "./chunks.ts";
export {
  addToCounter,
  countForToken,
  readCounters,
  readTokenCounters,
  readUsage,
} from "./counters.ts";
export { type ChangeSink, drainHistogram, noteDurable } from "./drain.ts";
export {
  acceptChanges,
  changesRefused,
  committerSignal,
  type Durability,
  durabilityOf,
  hasDirty,
  isStopping,
  publish,
  publishedEpoch,
  refuseChanges,
  setDurability,
  stopCommitter,
  takeDirty,
  waitForCall,
} from "./epoch.ts";
export { RestoreError } from "./group_contents.ts";
export { EpochGate, type EpochWaiter } from "./epoch_gate.ts";
export {
  addChunks,
  addInitialChunks,
  deleteHistogram,
  type HistogramView,
  type Outcome,
  peekVersion,
  pruneHistogram,
  publishHistogram,
  readHistogram,
  resetHistogram,
} from "./histogram.ts";
export { type HistogramMetadata, MetadataError } from "./metadata.ts";
export { type HistogramHandle, Registry, type TokenHandle } from "./registry.ts";
export { regrowHistogram, type Regrowth } from "./regrow.ts";
export { GroupCollector, restoreHistograms, type RestoreReport } from "./restore.ts";
export { reinstateHistograms, withdrawChanges, type Withdrawn } from "./rollback.ts";
export { readUptime, tickUptime } from "./uptime.ts";
