import assert from "node:assert/strict";
import { SeededPrng, systemClock } from "../../lib/base/mod.ts";
import { Journal, MemoryStore, openKvStore, RedoBatch } from "../../lib/journal/mod.ts";
import {
  JournalModel,
  prefixFingerprints,
  randomEpochs,
  replayFingerprint,
  tinyLimits,
  tinyOptions,
  toBatch,
} from "./journal_model.ts";

Deno.test("Journal: an empty store replays as nothing, and keeps its identity", async () => {
  const store = new MemoryStore();
  const first = await Journal.open(store, tinyOptions);
  const model = new JournalModel();
  const report = await first.replay(model);
  assert.deepEqual([report.epoch, report.pages, report.redoEpochs], [0, 0, 0]);
  const second = await Journal.open(store, tinyOptions);
  assert.equal(second.storeId, first.storeId);
  assert.match(second.storeId, /^[0-9a-f]{32}$/);
});

Deno.test("Journal: an empty batch is no epoch", async () => {
  const store = new MemoryStore();
  const journal = await Journal.open(store, tinyOptions);
  const operations = store.operations;
  await journal.commit(new RedoBatch());
  assert.equal(journal.epoch, 0);
  assert.equal(store.operations, operations);
});

Deno.test("Journal: a batch that fits is one store operation", async () => {
  const store = new MemoryStore();
  const journal = await Journal.open(store, { clock: systemClock });
  const batch = new RedoBatch();
  batch.write(1, 0, 0, new Uint8Array([1]));
  await journal.commit(batch); // looks for strays once
  const operations = store.operations;
  batch.clear();
  // 64 groups of 2 KiB: 130 KB, three values.
  for (let group = 1; group <= 64; group++) batch.write(group, 3, 0, new Uint8Array(2_048));
  await journal.commit(batch);
  assert.equal(store.operations - operations, 1);
});

Deno.test("Journal: the highest group is known after its removal and its checkpoint", async () => {
  const store = new MemoryStore();
  const journal = await Journal.open(store, tinyOptions);
  await journal.commit(toBatch([{ group: 41, member: 0, offset: 0, bytes: new Uint8Array(9) }]));
  await journal.commit(toBatch([{ removed: 41 }]));
  await journal.checkpoint();
  assert.equal((await Journal.open(store, tinyOptions)).groupMax, 41);
});

Deno.test("Journal: replay equals the model after commits, checkpoints, removals, restarts", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const prng = new SeededPrng(seed);
    const epochs = randomEpochs(prng, 60);
    const expected = prefixFingerprints(epochs);
    const store = new MemoryStore(tinyLimits);
    let journal = await Journal.open(store, tinyOptions);
    for (const [index, epoch] of epochs.entries()) {
      await journal.commit(toBatch(epoch));
      for (let slices = prng.int(0, 4); slices > 0; slices--) await journal.checkpointIfDue();
      if (prng.int(0, 8) === 0) {
        const replayed = await replayFingerprint(store);
        const told = `seed ${seed}, epoch ${index + 1}`;
        assert.deepEqual(replayed, { fingerprint: expected[index + 1], epoch: index + 1 }, told);
        journal = await Journal.open(store, tinyOptions);
      }
    }
    await journal.checkpoint();
    assert.equal(journal.redoBytes, 0);
    const replayed = await replayFingerprint(store);
    assert.equal(replayed.fingerprint, expected.at(-1), `seed ${seed}`);
  }
});

Deno.test("Journal: replay tells groups, members and offsets of pages ascending", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  for (const epoch of randomEpochs(new SeededPrng(7), 50)) await journal.commit(toBatch(epoch));
  await journal.checkpoint();
  const told: [number, number, number][] = [];
  await journal.replay({ write: (group, member, offset) => told.push([group, member, offset]) });
  assert.ok(told.length > 20);
  const rank = ([group, member, offset]: [number, number, number]) =>
    (group * 32 + member) * 2 ** 20 + offset;
  assert.deepEqual(told, [...told].sort((a, b) => rank(a) - rank(b)));
});

Deno.test("Journal: works on Deno KV's file as on the model, with full-size values", async () => {
  const directory = await Deno.makeTempDir();
  const seed = 11;
  const prng = new SeededPrng(seed);
  const options = { clock: systemClock, checkpointBytes: 2_000_000, checkpointEntries: 50 };
  const model = new JournalModel();
  try {
    let journal = await Journal.open(await openKvStore(`${directory}/store.kv`), options);
    const batch = new RedoBatch();
    for (let round = 0; round < 40; round++) {
      batch.clear();
      for (let writes = 0; writes < 4; writes++) {
        // Up to 1.2 MB at once: more than one atomic.
        const length = round % 13 === 5 ? 300_000 : prng.int(1, 4_000);
        const group = prng.int(1, 4);
        const [member, offset] = [prng.int(0, 3), prng.int(0, 60_000)];
        const bytes = new Uint8Array(length).fill(prng.int(1, 256));
        batch.write(group, member, offset, bytes);
        model.write(group, member, offset, bytes);
      }
      await journal.commit(batch);
      await journal.checkpointIfDue();
      if (round % 10 !== 9) continue;
      await journal.close();
      journal = await Journal.open(await openKvStore(`${directory}/store.kv`), options);
      const replayed = new JournalModel();
      await journal.replay(replayed);
      assert.ok(replayed.fingerprint() === model.fingerprint(), `seed ${seed}, round ${round}`);
    }
    await journal.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("Journal: removing a group deletes all its pages, over several commits", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  const keep = { group: 2, member: 0, offset: 0, bytes: new Uint8Array(100).fill(1) };
  // Two blocks of the directory: pages 0 to 99, and some beyond 8,192.
  await journal.commit(toBatch([
    { group: 1, member: 0, offset: 0, bytes: new Uint8Array(6_400).fill(1) },
    { group: 1, member: 5, offset: 64 * 9_000, bytes: new Uint8Array(200).fill(1) },
    keep,
  ]));
  await journal.checkpoint();
  const count = async () => (await Array.fromAsync(store.list(["hs", 1, "p"]))).length;
  assert.equal(await count(), 100 + 4 + 2);
  await journal.commit(toBatch([{ removed: 1 }]));
  await journal.checkpoint();
  assert.equal(await count(), 2);
  assert.equal((await Array.fromAsync(store.list(["hs", 1, "g"]))).length, 1);
  const model = new JournalModel();
  model.apply([keep]);
  assert.equal((await replayFingerprint(store)).fingerprint, model.fingerprint());
});

Deno.test("Journal: a group removed in a live redo record is not told, whatever still stands of it", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  await journal.commit(toBatch([{ group: 1, member: 0, offset: 0, bytes: new Uint8Array(9) }]));
  await journal.commit(toBatch([{ removed: 1 }]));
  const removed: number[] = [];
  await journal.replay({
    write: () => assert.fail("a write of a removed group"),
    remove: (group) => removed.push(group),
  });
  assert.deepEqual(removed, [1]);
});

Deno.test("Journal: commits between the slices of a checkpoint are kept", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  const epochs = randomEpochs(new SeededPrng(9), 40);
  const expected = prefixFingerprints(epochs);
  let slices = 0;
  for (const [index, epoch] of epochs.entries()) {
    await journal.commit(toBatch(epoch));
    if (await journal.checkpointIfDue()) slices++;
    const { fingerprint } = await replayFingerprint(store);
    assert.equal(fingerprint, expected[index + 1], `epoch ${index + 1}`);
  }
  assert.ok(slices > 10);
});

Deno.test("Journal: a page wholly overwritten is stored without reading it", async () => {
  const store = new MemoryStore();
  const journal = await Journal.open(store, { ...tinyOptions, foldLimits: {} });
  const write = (length: number) =>
    journal.commit(toBatch([{ group: 1, member: 0, offset: 0, bytes: new Uint8Array(length) }]));
  const operationsOfCheckpoint = async () => {
    const before = store.operations;
    await journal.checkpoint();
    return store.operations - before;
  };
  await write(40);
  await journal.checkpoint();
  await write(40); // the whole blob, though not a whole page
  const whole = await operationsOfCheckpoint();
  await write(39);
  assert.equal(await operationsOfCheckpoint(), whole + 1);
});
