import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import {
  Journal,
  JournalError,
  type JournalFailpoint,
  journalFailpoints,
  MemoryStore,
} from "../../lib/journal/mod.ts";
import {
  type Epoch,
  JournalModel,
  prefixFingerprints,
  randomEpochs,
  replayFingerprint,
  tinyLimits,
  tinyOptions,
  toBatch,
} from "./journal_model.ts";

/** Runs epochs with checkpoint slices between them, until the first error. */
async function runUntilError(
  store: MemoryStore,
  epochs: readonly Epoch[],
  options = tinyOptions,
): Promise<{ acked: number; error: unknown }> {
  let acked = 0;
  try {
    const journal = await Journal.open(store, options);
    await journal.replay(new JournalModel());
    for (const epoch of epochs) {
      await journal.commit(toBatch(epoch));
      acked++;
      await journal.checkpointIfDue();
      await journal.checkpointIfDue();
    }
    await journal.checkpoint();
  } catch (error) {
    return { acked, error };
  }
  return { acked, error: null };
}

/** After a crash: the acked epochs are there, the one without an answer wholly or not, and work goes on. */
async function checkRecovery(
  store: MemoryStore,
  run: { acked: number; epochs: readonly Epoch[]; expected: readonly string[]; told: string },
): Promise<void> {
  const { acked, epochs, expected, told } = run;
  const { epoch, fingerprint } = await replayFingerprint(store);
  assert.ok(epoch === acked || epoch === acked + 1, `${told}: epoch ${epoch}, acked ${acked}`);
  assert.equal(fingerprint, expected[epoch], `${told}: after the crash`);
  const rest = await runUntilError(store, epochs.slice(epoch));
  assert.equal(rest.error, null, told);
  assert.equal(
    (await replayFingerprint(store)).fingerprint,
    expected.at(-1),
    `${told}: at the end`,
  );
  await checkNothingLeft(store, told);
}

/** After a whole checkpoint no redo record is stored, and all pages are in directories (replay checks). */
async function checkNothingLeft(store: MemoryStore, told: string): Promise<void> {
  const keys = (await Array.fromAsync(store.list(["hs"]))).map(({ key }) => key);
  assert.deepEqual(keys.filter((key) => key[2] === "r"), [], told);
}

const crashEpochs = randomEpochs(new SeededPrng(5), 16);
const crashExpected = prefixFingerprints(crashEpochs);

for (const effect of ["refuse", "lose-answer"] as const) {
  Deno.test(`Journal: a crash at any store operation loses nothing acked (${effect})`, async () => {
    const sound = new MemoryStore(tinyLimits);
    assert.equal((await runUntilError(sound, crashEpochs)).error, null);
    assert.ok(sound.operations > 150, `${sound.operations} operations`);
    for (let operation = 1; operation <= sound.operations; operation++) {
      const store = new MemoryStore(tinyLimits);
      // The effect at this operation, then nothing works any more.
      store.script([{ operation, effect }, { operation, effect: "refuse", times: Infinity }]);
      const { acked, error } = await runUntilError(store, crashEpochs);
      const told = `crash at operation ${operation}`;
      assert.ok(error instanceof JournalError, `${told}: ${error}`);
      await checkRecovery(store.reopen(), {
        acked,
        epochs: crashEpochs,
        expected: crashExpected,
        told,
      });
    }
  });

  // Two failures in a row: the read-back fails, too, and nobody knows what became of the commit.
  for (const times of [1, 2]) {
    const count = `${times} failed operation(s)`;
    Deno.test(`Journal: ${count} are survived by trying again (${effect})`, async () => {
      const sound = new MemoryStore(tinyLimits);
      await runUntilError(sound, crashEpochs);
      for (let operation = 1; operation <= sound.operations; operation++) {
        const store = new MemoryStore(tinyLimits);
        const told = `operation ${operation}`;
        const journal = await Journal.open(store, tinyOptions);
        store.script([
          { operation, effect, reason: "full" },
          { operation: operation + 1, effect: "refuse", times: times - 1 },
        ]);
        for (const epoch of crashEpochs) {
          const batch = toBatch(epoch);
          await persist(() => journal.commit(batch), told);
          await persist(() => journal.checkpointIfDue(), told);
          await persist(() => journal.checkpointIfDue(), told);
        }
        await persist(() => journal.checkpoint(), told);
        store.script([]);
        const { fingerprint } = await replayFingerprint(store);
        assert.equal(fingerprint, crashExpected.at(-1), told);
        await checkNothingLeft(store, told);
      }
    });
  }
}

Deno.test("Journal: a crash during the recovery from a crash loses nothing acked", async () => {
  const seed = 23;
  const prng = new SeededPrng(seed);
  for (let round = 0; round < 300; round++) {
    let store = new MemoryStore(tinyLimits);
    let done = 0;
    const told = `seed ${seed}, round ${round}`;
    for (let crashes = 0; crashes < 4; crashes++) {
      const operation = prng.int(1, 120);
      const effect = prng.int(0, 2) === 0 ? "refuse" : "lose-answer";
      store.script([{ operation, effect }, { operation, effect: "refuse", times: Infinity }]);
      const { acked } = await runUntilError(store, crashEpochs.slice(done));
      store = store.reopen();
      const { epoch, fingerprint } = await replayFingerprint(store);
      assert.ok(epoch >= done + acked, told);
      assert.equal(fingerprint, crashExpected[epoch], told);
      done = epoch;
    }
    await checkRecovery(store, {
      acked: done,
      epochs: crashEpochs,
      expected: crashExpected,
      told,
    });
  }
});

Deno.test("Journal: every failpoint is reached, and ending there loses nothing acked", async () => {
  const names = Object.keys(journalFailpoints) as JournalFailpoint[];
  for (const name of names) {
    for (let hit = 1; hit <= 3; hit++) {
      const store = new MemoryStore(tinyLimits);
      let hits = 0;
      const failpoint = (reached: JournalFailpoint) => {
        if (reached === name && ++hits === hit) throw new EvalError(name);
      };
      const { acked, error } = await runUntilError(store, crashEpochs, {
        ...tinyOptions,
        failpoint,
      });
      const told = `${name}, hit ${hit}`;
      assert.ok(error instanceof EvalError, told);
      await checkRecovery(store.reopen(), {
        acked,
        epochs: crashEpochs,
        expected: crashExpected,
        told,
      });
    }
  }
});

Deno.test("Journal: a commit whose answer was lost is acked, not doubled", async () => {
  const store = new MemoryStore();
  const journal = await Journal.open(store, tinyOptions);
  await journal.commit(toBatch(crashEpochs[0]!));
  store.script([{ operation: 1, effect: "lose-answer" }]);
  await journal.commit(toBatch(crashEpochs[1]!));
  assert.equal(journal.epoch, 2);
  await journal.commit(toBatch(crashEpochs[2]!));
  assert.deepEqual(await replayFingerprint(store), { fingerprint: crashExpected[3], epoch: 3 });
});

Deno.test("Journal: a commit that nobody knows of is settled before the next", async () => {
  for (const effect of ["refuse", "lose-answer"] as const) {
    const store = new MemoryStore();
    const journal = await Journal.open(store, tinyOptions);
    await journal.commit(toBatch(crashEpochs[0]!));
    store.script([{ operation: 1, effect }, { operation: 2, effect: "refuse" }]);
    const batch = toBatch(crashEpochs[1]!);
    await assert.rejects(journal.commit(batch), (error: JournalError) => error.reason === "io");
    await journal.commit(batch); // the same content again: absolute, so not doubled
    const { epoch, fingerprint } = await replayFingerprint(store);
    assert.equal(epoch, effect === "refuse" ? 2 : 3);
    assert.equal(fingerprint, crashExpected[2]);
  }
});

Deno.test("Journal: a full disk refuses commits with reason full, and takes them once it has room", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  for (const [index, epoch] of crashEpochs.entries()) {
    const batch = toBatch(epoch);
    // Commits are refused, reads go on: of a small epoch operation 1 is the commit, 2 reads back.
    await journal.checkpoint();
    store.script([{ operation: 1, effect: "refuse", reason: "full" }]);
    const isFull = (error: JournalError) => error.reason === "full";
    // The first commit lists strays before.
    if (index > 0) await assert.rejects(journal.commit(batch), isFull);
    store.script([]);
    const { fingerprint } = await replayFingerprint(store);
    assert.equal(fingerprint, crashExpected[index]);
    await journal.commit(batch);
  }
  assert.equal((await replayFingerprint(store)).fingerprint, crashExpected.at(-1));
});

Deno.test("Journal: an epoch given up between its parts leaves nothing in the one that takes its number", async () => {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  await journal.commit(toBatch(crashEpochs[0]!));
  const bytes = new Uint8Array(2_000).fill(1);
  store.script([{ operation: 2, effect: "refuse" }]);
  const large = toBatch([{ group: 9, member: 0, offset: 0, bytes }]);
  await assert.rejects(journal.commit(large), JournalError);
  await journal.commit(toBatch(crashEpochs[1]!));
  await journal.commit(toBatch(crashEpochs[2]!));
  assert.deepEqual(await replayFingerprint(store), { fingerprint: crashExpected[3], epoch: 3 });
});

Deno.test("Journal: a second writer is a conflict, for commits and checkpoints", async () => {
  const epoch = crashEpochs[0]!;
  const isConflict = (error: JournalError) => error.reason === "conflict";
  for (const call of ["commit", "checkpoint"] as const) {
    // With and without a commit of its own before: the first one looks for strays.
    for (const isFirst of [true, false]) {
      const store = new MemoryStore(tinyLimits);
      const first = await Journal.open(store, tinyOptions);
      if (!isFirst) await first.commit(toBatch(epoch));
      const second = await Journal.open(store, tinyOptions);
      await second.commit(toBatch(crashEpochs[1]!));
      const { fingerprint } = await replayFingerprint(store);
      if (call === "commit") await assert.rejects(first.commit(toBatch(epoch)), isConflict);
      else await assert.rejects(first.checkpoint(), isConflict);
      assert.equal((await replayFingerprint(store)).fingerprint, fingerprint);
    }
  }
});

/** Tries again after an error, up to three times in all. */
async function persist(call: () => Promise<unknown>, told: string): Promise<void> {
  for (let attempt = 1; attempt < 3; attempt++) {
    try {
      return void await call();
    } catch (error) {
      assert.ok(error instanceof JournalError, `${told}: ${error}`);
    }
  }
  await call();
}
