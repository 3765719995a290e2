/**
 * The plain model that replays are compared with, and a seeded workload for it.
 *
 * @module
 */

import { ManualClock, type SeededPrng } from "../../lib/base/mod.ts";
import {
  Journal,
  type JournalOptions,
  RedoBatch,
  type Store,
  type StoreLimits,
} from "../../lib/journal/mod.ts";

/** Limits so small that a few hundred bytes need several values and several atomics. */
export const tinyLimits: StoreLimits = {
  keyBytesMax: 2_048,
  valueBytesMax: 256,
  commitBytesMax: 1_400,
  mutationsMax: 8,
  checksMax: 4,
};
const partBytes = 128;
/** Options under which checkpoints come often and take many slices. */
export const tinyOptions: JournalOptions = {
  clock: new ManualClock(),
  pageBytes: 64,
  checkpointBytes: 600,
  checkpointEntries: 12,
  foldLimits: { foldBytesMax: 900, sliceBytesMax: 500, sliceMutationsMax: 5 },
};

/** One entry of an epoch. */
export type Entry =
  | { group: number; member: number; offset: number; bytes: Uint8Array }
  | { removed: number };
/** The entries of one commit. */
export type Epoch = readonly Entry[];

/** Blobs as they should be; bytes never written are zero. */
export class JournalModel {
  readonly #blobs = new Map<string, Uint8Array>();

  write(group: number, member: number, offset: number, bytes: Uint8Array): void {
    const name = `${group}/${member}`;
    let blob = this.#blobs.get(name) ?? new Uint8Array(0);
    if (offset + bytes.length > blob.length) {
      const grown = new Uint8Array(offset + bytes.length);
      grown.set(blob);
      blob = grown;
    }
    blob.set(bytes, offset);
    this.#blobs.set(name, blob);
  }

  remove(group: number): void {
    for (const name of [...this.#blobs.keys()]) {
      if (name.startsWith(`${group}/`)) this.#blobs.delete(name);
    }
  }

  apply(epoch: Epoch): void {
    for (const entry of epoch) {
      if ("removed" in entry) this.remove(entry.removed);
      else this.write(entry.group, entry.member, entry.offset, entry.bytes);
    }
  }

  /** Equal for equal contents: zeros at the end do not count. */
  fingerprint(): string {
    const lines: string[] = [];
    for (const [name, blob] of this.#blobs) {
      let length = blob.length;
      while (length > 0 && blob[length - 1] === 0) length--;
      if (length > 0) lines.push(`${name} ${blob.subarray(0, length).toHex()}`);
    }
    return lines.sort().join("\n");
  }
}

/** Fingerprints after each prefix of `epochs`: element k is that of the first k epochs. */
export function prefixFingerprints(epochs: readonly Epoch[]): string[] {
  const model = new JournalModel();
  return [
    model.fingerprint(),
    ...epochs.map((epoch) => {
      model.apply(epoch);
      return model.fingerprint();
    }),
  ];
}

/**
 * Random epochs: groups come, are written to (small, page-crossing and large writes, appends), and go.
 * Group numbers rise and are not reused.
 */
export function randomEpochs(prng: SeededPrng, count: number): Epoch[] {
  const live: number[] = [];
  let nextGroup = 1;
  return Array.from({ length: count }, () => {
    const epoch: Entry[] = [];
    if (live.length === 0 || prng.int(0, 6) === 0) live.push(nextGroup++);
    for (let writes = prng.int(1, 5); writes > 0 && live.length > 0; writes--) {
      const group = live[prng.int(0, live.length)]!;
      if (live.length > 1 && prng.int(0, 12) === 0) {
        live.splice(live.indexOf(group), 1);
        epoch.push({ removed: group });
        continue;
      }
      const length = prng.int(0, 8) === 0 ? prng.int(400, 1_600) : prng.int(1, 90);
      const bytes = Uint8Array.from({ length }, () => prng.int(0, 256));
      epoch.push({ group, member: prng.int(0, 3), offset: prng.int(0, 700), bytes });
    }
    return epoch.length > 0 ? epoch : [{ removed: nextGroup++ }];
  });
}

export function toBatch(epoch: Epoch): RedoBatch {
  const batch = new RedoBatch(partBytes);
  for (const entry of epoch) {
    if ("removed" in entry) batch.remove(entry.removed);
    else batch.write(entry.group, entry.member, entry.offset, entry.bytes);
  }
  return batch;
}

/** Opens the store and replays it; checks that what replay says of the order is so. */
export async function replayFingerprint(
  store: Store,
  options: JournalOptions = tinyOptions,
): Promise<{ fingerprint: string; epoch: number }> {
  const model = new JournalModel();
  const journal = await Journal.open(store, options);
  const report = await journal.replay(model);
  return { fingerprint: model.fingerprint(), epoch: report.epoch };
}
