import assert from "node:assert/strict";
import {
  formatKey,
  Journal,
  JournalError,
  MemoryStore,
  type StoreKey,
} from "../../lib/journal/mod.ts";
import { recordHeadBytes, sealRecord } from "../../lib/journal/record.ts";
import { replayFingerprint, tinyLimits, tinyOptions, toBatch } from "./journal_model.ts";

/** A store of some pages, two directories and three redo epochs, one of several values. */
async function smallStore(): Promise<MemoryStore> {
  const store = new MemoryStore(tinyLimits);
  const journal = await Journal.open(store, tinyOptions);
  const write = async (group: number, offset: number, length: number) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i + offset + 1);
    await journal.commit(toBatch([{ group, member: 0, offset, bytes }]));
  };
  await write(1, 0, 100);
  await write(2, 0, 30);
  await journal.checkpoint();
  await write(1, 20, 60);
  await write(2, 25, 150);
  await write(3, 0, 10);
  return store;
}

async function keysOf(store: MemoryStore): Promise<StoreKey[]> {
  return (await Array.fromAsync(store.list(["hs"]))).map(({ key }) => key);
}

async function change(
  store: MemoryStore,
  key: StoreKey,
  edit: ((value: Uint8Array) => Uint8Array) | null,
): Promise<void> {
  const [entry] = await store.get([key]);
  const sets = edit ? [{ key, value: edit(entry!.value) }] : [];
  await store.commit({ checks: [], sets, deletes: edit ? [] : [key] });
}

/** The error of opening and replaying, or `null`. */
async function errorOf(store: MemoryStore): Promise<unknown> {
  try {
    await replayFingerprint(store);
    return null;
  } catch (error) {
    return error;
  }
}

Deno.test("Journal: a flipped bit anywhere in the store is seen, and its key named", async () => {
  const store = await smallStore();
  const keys = await keysOf(store);
  assert.equal(keys.length, 1 + 2 + 3 + 4); // manifest, directories, pages, redo values
  for (const key of keys) {
    const [entry] = await store.get([key]);
    for (let bit = 0; bit < entry!.value.length * 8; bit++) {
      const damaged = store.clone();
      await change(damaged, key, (value) => {
        value[bit >> 3]! ^= 1 << (bit & 7);
        return value;
      });
      const error = await errorOf(damaged);
      const told = `${formatKey(key)}, bit ${bit}: ${error}`;
      assert.ok(error instanceof JournalError && error.reason === "corrupt", told);
      assert.equal(error.key && formatKey(error.key), formatKey(key), told);
    }
  }
});

Deno.test("Journal: a value cut at any place, or grown, is seen", async () => {
  const store = await smallStore();
  for (const key of await keysOf(store)) {
    const [entry] = await store.get([key]);
    for (let length = 0; length < entry!.value.length; length++) {
      const damaged = store.clone();
      await change(damaged, key, (value) => value.slice(0, length));
      const error = await errorOf(damaged);
      assert.ok(error instanceof JournalError && error.reason === "corrupt", `${key} ${length}`);
    }
    const damaged = store.clone();
    await change(damaged, key, (value) => new Uint8Array([...value, 0]));
    assert.ok(await errorOf(damaged) instanceof JournalError);
  }
});

Deno.test("Journal: a missing value is seen: page, directory, redo part, manifest", async () => {
  const store = await smallStore();
  for (const key of await keysOf(store)) {
    const damaged = store.clone();
    await change(damaged, key, null);
    const error = await errorOf(damaged);
    assert.ok(error instanceof JournalError && error.reason === "corrupt", `${key}: ${error}`);
    const kind = key[2];
    if (kind === "r" || kind === "p") assert.equal(formatKey(error.key!), formatKey(key));
    if (kind === "r") assert.equal(error.epoch, key[3]);
  }
});

Deno.test("Journal: a group lost with its directory and all its pages is seen", async () => {
  const store = await smallStore();
  const lost = (await keysOf(store)).filter((key) =>
    (key[2] === "g" || key[2] === "p") && key[3] === 2
  );
  for (const key of lost) await change(store, key, null);
  const error = await errorOf(store);
  assert.ok(error instanceof JournalError && /manifest counts 3/.test(error.message));
});

Deno.test("Journal: a value under another key is seen", async () => {
  const store = await smallStore();
  const keys = await keysOf(store);
  for (const source of keys) {
    for (const target of keys) {
      if (source === target) continue;
      const damaged = store.clone();
      const [entry] = await store.get([source]);
      await change(damaged, target, () => entry!.value);
      const error = await errorOf(damaged);
      assert.ok(error instanceof JournalError && error.reason === "corrupt", `${source} ${target}`);
    }
  }
});

Deno.test("Journal: a last redo record that is sound, but not the one committed, is seen", async () => {
  const store = await smallStore();
  const key = (await keysOf(store)).filter((key) => key[2] === "r").at(-1)!;
  await change(store, key, (value) => {
    value[value.length - 1]! ^= 1;
    sealRecord(value, { kind: "redo", first: key[3] as number, second: 0 }, 1);
    return value;
  });
  const error = await errorOf(store);
  assert.ok(error instanceof JournalError && error.reason === "corrupt");
});

Deno.test("Journal: a page under a key that no directory names is seen", async () => {
  const store = await smallStore();
  const value = new Uint8Array(recordHeadBytes + 5);
  for (const [group, page] of [[1, 2], [2, 9], [5, 0]] as const) {
    const damaged = store.clone();
    sealRecord(value, { kind: "page", first: group, second: page });
    const key = ["hs", 1, "p", group, 0, page];
    await damaged.commit({ checks: [], sets: [{ key, value }], deletes: [] });
    const error = await errorOf(damaged);
    assert.ok(error instanceof JournalError && error.reason === "corrupt");
  }
});

Deno.test("Journal: what a later version wrote is told apart from damage", async () => {
  const store = await smallStore();
  for (const key of await keysOf(store)) {
    const damaged = store.clone();
    await change(damaged, key, (value) => {
      const view = new DataView(value.buffer);
      const [member, parts] = [view.getUint16(6, true), view.getUint32(12, true)];
      const letters = { M: "manifest", R: "redo", P: "page", D: "directory" } as const;
      const kind = letters[String.fromCharCode(value[3]!) as keyof typeof letters];
      const [first, second] = [16, 24].map((at) => Number(view.getBigUint64(at, true)));
      sealRecord(value, { kind, first: first!, second: second!, member, version: 2 }, parts);
      return value;
    });
    const error = await errorOf(damaged);
    assert.ok(error instanceof JournalError, `${key}`);
    assert.equal(error.reason, "newer-format");
    assert.match(error.message, /format version 2, this program reads up to 1/);
  }
});

Deno.test("Journal: another program's store is foreign, and left as it is", async () => {
  const store = new MemoryStore();
  const key = ["users", 1];
  await store.commit({ checks: [], sets: [{ key, value: Uint8Array.of(1) }], deletes: [] });
  await assert.rejects(
    Journal.open(store, tinyOptions),
    (error: JournalError) => error.reason === "foreign",
  );
  assert.deepEqual((await Array.fromAsync(store.list([]))).map((entry) => entry.key), [key]);
});

Deno.test("Journal: a store that is not what was expected is foreign, truncated when behind", async () => {
  const store = await smallStore();
  const { storeId, seq } = await Journal.open(store, tinyOptions);
  const open = (expected: { storeId: string; seq: number }, at = store) =>
    Journal.open(at, { ...tinyOptions, expected });
  await open({ storeId, seq });
  const has = (reason: string) => (error: JournalError) => error.reason === reason;
  await assert.rejects(open({ storeId, seq: seq + 1 }), has("truncated"));
  await assert.rejects(open({ storeId: "0".repeat(32), seq: 0 }), has("foreign"));
  await assert.rejects(open({ storeId, seq }, new MemoryStore()), has("truncated"));
});

Deno.test("Journal: a damaged base page stops the checkpoint, and nothing is overwritten", async () => {
  const store = await smallStore();
  await change(store, ["hs", 1, "p", 1, 0, 0], (value) => value.fill(0, 40));
  const before = await keysOf(store);
  const journal = await Journal.open(store, tinyOptions);
  const isCorrupt = (error: JournalError) => error.reason === "corrupt";
  await assert.rejects(journal.checkpoint(), isCorrupt);
  await assert.rejects(journal.checkpoint(), isCorrupt);
  assert.deepEqual(await keysOf(store), before);
});
