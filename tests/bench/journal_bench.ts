/**
 * What a commit and a checkpoint cost on this disk: `deno run -A tests/bench/journal_bench.ts [DIR]`.
 *
 * Each line is the median and the range of seven rounds. Bare Deno KV goes first: it is the limit.
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/mod.ts";
import { Journal, openKvStore, RedoBatch } from "../../lib/journal/mod.ts";

const rounds = 7;
const roundMs = 250;

/** One way to commit; each call is one commit on disk. */
interface Variant {
  readonly name: string;
  readonly commit: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Takes turns, so that what else the machine does falls on all alike; tells commits a second. */
async function compare(variants: readonly Variant[]): Promise<void> {
  const rates = variants.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { commit }] of variants.entries()) {
      const startMs = systemClock.monotonicMs();
      let count = 0;
      for (; systemClock.monotonicMs() - startMs < roundMs; count++) await commit();
      // The first round warms up.
      if (round > 0) rates[index]!.push(count * 1_000 / (systemClock.monotonicMs() - startMs));
    }
  }
  for (const [index, { name, close }] of variants.entries()) {
    const sorted = rates[index]!.sort((a, b) => a - b);
    const [low, median, high] = [sorted[0]!, sorted[rounds >> 1]!, sorted.at(-1)!];
    const text = [median, low, high].map((value) => value.toFixed(value < 100 ? 1 : 0));
    console.log(`${name.padEnd(52)} ${text[0]} commits/s (${text[1]}–${text[2]})`);
    await close();
  }
}

/** Overwrites `values` values; or with `grows`, appends the last one under a new key each time. */
async function bare(
  path: string,
  options: { name: string; values: number; grows: boolean },
): Promise<Variant> {
  const store = await openKvStore(path);
  const value = new Uint8Array(2_048);
  let appended = 0;
  return {
    name: options.name,
    async commit() {
      const sets = Array.from({ length: options.values }, (_, i) => ({ key: ["bench", i], value }));
      if (options.grows) sets.at(-1)!.key.push(appended++);
      const result = await store.commit({ checks: [], sets, deletes: [] });
      assert.equal(result.status, "ok");
    },
    close: () => Promise.resolve(store.close()),
  };
}

/** Commits `writes` writes of `bytes` to as many groups. */
async function journal(
  path: string,
  options: { name: string; writes: number; bytes: number },
): Promise<Variant> {
  const journal = await Journal.open(await openKvStore(path), {
    clock: systemClock,
    checkpointBytes: Infinity,
    checkpointEntries: Infinity,
  });
  const batch = new RedoBatch();
  const bytes = new Uint8Array(options.bytes).fill(1);
  let epochs = journal.epoch;
  return {
    name: options.name,
    async commit() {
      batch.clear();
      for (let group = 1; group <= options.writes; group++) batch.write(group, 3, 0, bytes);
      await journal.commit(batch);
      assert.equal(journal.epoch, ++epochs);
    },
    close: () => journal.close(),
  };
}

/** Fills the journal up to a checkpoint's due, then runs it; milliseconds of the whole and of each slice. */
async function checkpoint(
  path: string,
  options: { writes: number; bytes: number; epochs: number },
): Promise<void> {
  const journal = await Journal.open(await openKvStore(path), {
    clock: systemClock,
    checkpointBytes: 1,
  });
  const batch = new RedoBatch();
  const bytes = new Uint8Array(options.bytes).fill(1);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    batch.clear();
    for (let write = 0; write < options.writes; write++) {
      batch.write(1 + write, 3, options.bytes * epoch, bytes);
    }
    await journal.commit(batch);
  }
  const redoMb = journal.redoBytes / 1e6;
  const slicesMs: number[] = [];
  for (let isMore = true; isMore;) {
    const startMs = systemClock.monotonicMs();
    isMore = await journal.checkpointIfDue();
    slicesMs.push(systemClock.monotonicMs() - startMs);
  }
  assert.equal(journal.redoBytes, 0);
  const total = slicesMs.reduce((sum, ms) => sum + ms, 0);
  slicesMs.sort((a, b) => a - b);
  const { writes, epochs } = options;
  console.log(
    `checkpoint of ${
      redoMb.toFixed(1)
    } MB: ${epochs} epochs of ${writes} writes of ${options.bytes} B: ` +
      `${total.toFixed(0)} ms in ${slicesMs.length} slices, median ${
        slicesMs[slicesMs.length >> 1]!.toFixed(1)
      } ms, longest ${slicesMs.at(-1)!.toFixed(1)} ms`,
  );
  await journal.close();
}

async function replay(path: string): Promise<void> {
  const journal = await Journal.open(await openKvStore(path), { clock: systemClock });
  const startMs = systemClock.monotonicMs();
  let bytes = 0;
  const report = await journal.replay({
    write: (_group, _member, _offset, data) => bytes += data.length,
  });
  const ms = systemClock.monotonicMs() - startMs;
  console.log(
    `replay of ${
      (bytes / 1e6).toFixed(1)
    } MB (${report.pages} pages, ${report.redoEpochs} redo epochs): ${ms.toFixed(0)} ms`,
  );
  await journal.close();
}

async function main(): Promise<void> {
  const parent = Deno.args[0];
  const directory = await Deno.makeTempDir(parent ? { dir: parent } : {});
  try {
    const path = (name: string) => `${directory}/${name}.kv`;
    await compare([
      await bare(path("1"), { name: "Deno KV, 1 set of 2 KB", values: 1, grows: false }),
      await bare(path("2"), { name: "Deno KV, 2 sets of 2 KB", values: 2, grows: false }),
      await bare(path("3"), { name: "Deno KV, 2 sets of 2 KB, one new", values: 2, grows: true }),
      await journal(path("4"), { name: "Journal, 1 write of 2 KB", writes: 1, bytes: 2_048 }),
      await journal(path("5"), { name: "Journal, 1 write of 64 KB", writes: 1, bytes: 65_536 }),
      await journal(path("6"), { name: "Journal, 64 writes of 2 KB", writes: 64, bytes: 2_048 }),
      await journal(path("7"), { name: "Journal, 64 writes of 32 KB", writes: 64, bytes: 32_768 }),
    ]);
    await replay(path("4"));
    await replay(path("5"));
    await checkpoint(`${directory}/a.kv`, { writes: 1, bytes: 2_048, epochs: 16_000 });
    await checkpoint(`${directory}/b.kv`, { writes: 64, bytes: 2_048, epochs: 250 });
    await checkpoint(`${directory}/c.kv`, { writes: 5_000, bytes: 100, epochs: 4 });
    await checkpoint(`${directory}/d.kv`, { writes: 1, bytes: 128_000_000, epochs: 1 });
    await replay(`${directory}/d.kv`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

await main();
