/**
 * Finds the manifest of a store, or begins one where there is nothing yet.
 *
 * @module
 */

import { type Clock, uuid4Hex } from "../base/mod.ts";
import { JournalError } from "./journal_error.ts";
import { type JournalKeys, rootKey } from "./keys.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";
import { ManifestWriter } from "./manifest_writer.ts";
import type { Store, StoreKey } from "./store.ts";

/** What a store must be. */
export interface ExpectedStore {
  readonly storeId: string;
  /** The least that its seq may be. */
  readonly seq: number;
}

/**
 * Reads the manifest, or stores a first one in an empty store.
 *
 * @throws {JournalError} any reason.
 * @throws {StoreError} if the store fails.
 */
export async function openManifest(
  store: Store,
  options: {
    keys: JournalKeys;
    node: number;
    pageBytes: number;
    clock: Clock;
    expected?: ExpectedStore | undefined;
  },
): Promise<ManifestWriter> {
  const { keys, node, expected } = options;
  const [entry] = await store.get([keys.manifest]);
  if (entry) {
    const current = decodeManifest(entry.value, keys.manifest);
    checkExpected(current, { node, expected, key: keys.manifest });
    return new ManifestWriter(store, { key: keys.manifest, current, revision: entry.revision });
  }
  await refuseContent(store, keys);
  if (expected) {
    throw new JournalError(`Cannot open the journal: the store "${expected.storeId}" is empty`, {
      reason: "truncated",
      key: keys.manifest,
    });
  }
  const current: Manifest = {
    seq: 0,
    storeId: uuid4Hex(),
    writer: uuid4Hex(),
    node,
    pageBytes: options.pageBytes,
    lastEpoch: 0,
    firstLiveEpoch: 1,
    redoBytes: 0,
    redoEntries: 0,
    pageCount: 0,
    groupMax: 0,
    createdWallMs: Math.max(0, Math.floor(options.clock.wallMs())),
    lastParts: 0,
    lastChecksum: 0,
  };
  const manifest = new ManifestWriter(store, { key: keys.manifest, current, revision: null });
  await manifest.advance({}, { sets: [], deletes: [] });
  return manifest;
}

function checkExpected(
  manifest: Manifest,
  options: { node: number; expected: ExpectedStore | undefined; key: StoreKey },
): void {
  const { node, expected, key } = options;
  if (manifest.node !== node) {
    throw new JournalError(`Cannot open the journal: it is that of node ${manifest.node}`, {
      reason: "corrupt",
      key,
    });
  }
  if (!expected) return;
  if (manifest.storeId !== expected.storeId) {
    throw new JournalError(
      `Cannot open the journal: store "${manifest.storeId}", expected "${expected.storeId}"`,
      { reason: "foreign", key },
    );
  }
  if (manifest.seq < expected.seq) {
    throw new JournalError(
      `Cannot open the journal: the store is at seq ${manifest.seq}, it once was at ${expected.seq}`,
      { reason: "truncated", key },
    );
  }
}

/** Without a manifest the store must be empty, or it is another program's, or it is damaged. */
async function refuseContent(store: Store, keys: JournalKeys): Promise<void> {
  for await (const { key } of store.list(keys.node, { batchEntries: 1 })) {
    throw new JournalError("Cannot open the journal: its manifest is missing", {
      reason: "corrupt",
      key,
    });
  }
  for await (const { key } of store.list([], { batchEntries: 1 })) {
    if (key[0] === rootKey) break;
    throw new JournalError("Cannot open the journal: the store holds another program's data", {
      reason: "foreign",
      key,
    });
  }
}
