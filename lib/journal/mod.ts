/**
 * Durability: group commit, checkpoints and recovery over a small key-value store. It sees bytes only.
 *
 * Content is numbered *groups*, never reused, that hold *members*, byte arrays written at offsets. One
 * epoch is one {@linkcode RedoBatch} and one logical commit of the {@linkcode Journal}.
 *
 * @module
 */

export { type DataDirectory, openDataDirectory } from "./data_directory.ts";
export { type FailpointHook, type JournalFailpoint, journalFailpoints } from "./failpoints.ts";
export { type FoldLimits } from "./fold_context.ts";
export { Journal, type JournalOptions } from "./journal.ts";
export { JournalError, type JournalErrorReason } from "./journal_error.ts";
export { kvLimits, openKvStore } from "./kv_store.ts";
export { LockError } from "./lock.ts";
export { MemoryStore, type StoreFault } from "./memory_store.ts";
export { RedoBatch } from "./redo.ts";
export { type ReplayReport, type ReplayVisitor } from "./replay.ts";
export {
  formatKey,
  type Store,
  type StoreBatch,
  type StoreCheck,
  type StoreCommitResult,
  type StoreEntry,
  StoreError,
  type StoreErrorReason,
  type StoreKey,
  type StoreLimits,
  type StoreRange,
  type StoreSet,
} from "./store.ts";
