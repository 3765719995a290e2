/**
 * The places where a test may end the process.
 *
 * @module
 */

/** Every failpoint of this room, and what has happened when it is reached. */
export const journalFailpoints = {
  "journal.before-commit": "nothing of the epoch is stored",
  "journal.between-parts": "a part of a large epoch is stored, its manifest is not",
  "journal.after-commit": "the epoch is durable, the caller does not know it yet",
  "journal.checkpoint.page": "a slice of pages is about to be stored",
  "journal.checkpoint.before-manifest": "all pages are stored, the redo records still stand",
  "journal.checkpoint.after-manifest": "a slice of redo records is gone",
} as const;

/** A name in {@linkcode journalFailpoints}. */
export type JournalFailpoint = keyof typeof journalFailpoints;

/** Called at each failpoint; may end the process or throw. */
export type FailpointHook = (name: JournalFailpoint) => void;
