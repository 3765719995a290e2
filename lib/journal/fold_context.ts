/**
 * What a checkpoint works on, and how much of it at once.
 *
 * @module
 */

import type { Clock } from "../base/mod.ts";
import type { FailpointHook } from "./failpoints.ts";
import type { JournalKeys } from "./keys.ts";
import type { ManifestWriter } from "./manifest_writer.ts";
import type { Store } from "./store.ts";

/** How much one slice may do, so that commits wait little for it. */
export interface FoldLimits {
  /** Redo bytes folded at once, and so held in memory; one epoch at least. */
  readonly foldBytesMax: number;
  /** Bytes read or stored in one slice; also bounded by the store's limit. */
  readonly sliceBytesMax: number;
  /** Sets and deletes of one slice. */
  readonly sliceMutationsMax: number;
  readonly sliceMsMax: number;
}

/** What a fold works on. */
export interface FoldContext {
  readonly store: Store;
  readonly keys: JournalKeys;
  readonly manifest: ManifestWriter;
  readonly clock: Clock;
  readonly failpoint: FailpointHook;
  readonly limits: FoldLimits;
}
