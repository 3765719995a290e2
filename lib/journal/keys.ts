/**
 * Where the journal's values lie in the store.
 *
 *     ["hs", node, "m"]                       manifest
 *     ["hs", node, "r", epoch, part]          redo record of one epoch
 *     ["hs", node, "g", group, block]         directory: which pages of the group exist
 *     ["hs", node, "p", group, member, page]  page
 *
 * @module
 */

import type { StoreKey } from "./store.ts";

/** The first part of every key. */
export const rootKey = "hs";

/** The keys of one node. */
export class JournalKeys {
  readonly manifest: StoreKey;
  readonly node: StoreKey;
  readonly redos: StoreKey;
  readonly directories: StoreKey;
  readonly pages: StoreKey;

  /** `node` in [0, 2^32). */
  constructor(node: number) {
    this.node = [rootKey, node];
    this.manifest = [rootKey, node, "m"];
    this.redos = [rootKey, node, "r"];
    this.directories = [rootKey, node, "g"];
    this.pages = [rootKey, node, "p"];
  }

  redoEpoch(epoch: number): StoreKey {
    return [...this.redos, epoch];
  }

  redo(epoch: number, part: number): StoreKey {
    return [...this.redos, epoch, part];
  }

  directoriesOf(group: number): StoreKey {
    return [...this.directories, group];
  }

  directory(group: number, block: number): StoreKey {
    return [...this.directories, group, block];
  }

  page(group: number, member: number, page: number): StoreKey {
    return [...this.pages, group, member, page];
  }
}
