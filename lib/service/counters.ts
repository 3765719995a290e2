/**
 * Which counter counts what.
 *
 * @module
 */

/** The RPCs, in the order of their counters. */
export const RPC_NAMES = [
  "Init",
  "Describe",
  "Exists",
  "WasFilledWithUniqueId",
  "Fill",
  "FillMany",
  "Snapshot",
  "Delete",
  "Reset",
  "Flush",
  "Stats",
] as const;

/** The name of an RPC of HistogrammerService. */
export type RpcName = (typeof RPC_NAMES)[number];

/** The counter of calls that are running. */
export const ACTIVE_COUNTER = 11;
