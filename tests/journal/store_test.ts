import assert from "node:assert/strict";
import {
  kvLimits,
  MemoryStore,
  openKvStore,
  type Store,
  type StoreKey,
} from "../../lib/journal/mod.ts";

/** The contract, run on every engine. */
function testStore(name: string, open: () => Promise<Store>): void {
  const test = (criterion: string, body: (store: Store) => Promise<void>) =>
    Deno.test(`${name}: ${criterion}`, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        store.close();
      }
    });

  test("an absent key reads as null", async (store) => {
    assert.deepEqual(await store.get([["a"], ["b", 1]]), [null, null]);
    assert.deepEqual(await store.get([]), []);
  });

  test("gives back what was committed, in the order asked", async (store) => {
    const revision = await commit(store, [[["a", 1], [1, 2]], [["a", 2], []]]);
    const entries = await store.get([["a", 2], ["x"], ["a", 1]]);
    assert.deepEqual(entries.map((entry) => entry && [...entry.value]), [[], null, [1, 2]]);
    assert.deepEqual(entries[0]?.key, ["a", 2]);
    assert.equal(entries[0]?.revision, revision);
  });

  test("reads more keys than one call of Deno KV takes (10)", async (store) => {
    const keys = Array.from({ length: 25 }, (_, i) => ["k", i]);
    await commit(store, keys.map((key, i) => [key, [i]]));
    const entries = await store.get(keys);
    assert.deepEqual(entries.map((entry) => entry?.value[0]), keys.map((_, i) => i));
  });

  test("a check of the current revision, or of absence, lets the commit through", async (store) => {
    const check = { key: ["m"], revision: null };
    const first = await store.commit({ checks: [check], sets: [set(["m"], [1])], deletes: [] });
    assert.equal(first.status, "ok");
    const revision = first.status === "ok" ? first.revision : null;
    const checks = [{ key: ["m"], revision }];
    const second = await store.commit({ checks, sets: [set(["m"], [2])], deletes: [] });
    assert.equal(second.status, "ok");
  });

  test("a failed check is a conflict that changes nothing", async (store) => {
    await commit(store, [[["m"], [1]]]);
    const result = await store.commit({
      checks: [{ key: ["m"], revision: null }],
      sets: [set(["m"], [2]), set(["n"], [2])],
      deletes: [],
    });
    assert.deepEqual(result, { status: "conflict" });
    const [m, n] = await store.get([["m"], ["n"]]);
    assert.deepEqual([...m!.value], [1]);
    assert.equal(n, null);
  });

  test("a commit changes the revision of each key that it sets", async (store) => {
    const first = await commit(store, [[["m"], [1]]]);
    const second = await commit(store, [[["m"], [1]]]);
    assert.notEqual(first, second);
  });

  test("deletes, also what is not there", async (store) => {
    await commit(store, [[["a"], [1]]]);
    const deletes = [["a"], ["b"]];
    assert.equal((await store.commit({ checks: [], sets: [], deletes })).status, "ok");
    assert.deepEqual(await store.get([["a"]]), [null]);
  });

  test("lists a prefix in key order: bytes, strings, numbers by value", async (store) => {
    const keys: StoreKey[] = [
      ["p", new Uint8Array([0])],
      ["p", new Uint8Array([0, 1])],
      ["p", "a"],
      ["p", "ab"],
      ["p", "b"],
      ["p", -1],
      ["p", 0],
      ["p", 2],
      ["p", 2, 7],
      ["p", 10],
      ["p", 2 ** 53 - 1],
    ];
    await commit(store, [...keys].reverse().map((key) => [key, [1]]));
    await commit(store, [[["p"], [0]], [["q", 1], [0]], [["o", 1], [0]]]);
    assert.deepEqual(await list(store, ["p"]), keys);
  });

  test("lists from a start, inclusive, to an end, exclusive", async (store) => {
    await commit(store, [1, 2, 3, 4].map((i) => [["p", i], [i]]));
    await commit(store, [[["q", 1], [0]]]);
    assert.deepEqual(await list(store, ["p"], { start: ["p", 3] }), [["p", 3], ["p", 4]]);
    assert.deepEqual(await list(store, ["p"], { end: ["p", 3] }), [["p", 1], ["p", 2]]);
    const both = { start: ["p", 2], end: ["p", 4], batchEntries: 1 };
    assert.deepEqual(await list(store, ["p"], both), [["p", 2], ["p", 3]]);
  });

  test("takes what the limits allow, and refuses a byte or mutation more", async (store) => {
    const { valueBytesMax, mutationsMax, commitBytesMax } = store.limits;
    const commitSets = (lengths: number[]) =>
      store.commit({
        checks: [],
        sets: lengths.map((length, i) => ({ key: ["v", i], value: new Uint8Array(length) })),
        deletes: [],
      });
    assert.equal((await commitSets([valueBytesMax])).status, "ok");
    await assert.rejects(commitSets([valueBytesMax + 1]), RangeError);
    assert.equal((await commitSets(new Array(mutationsMax).fill(1))).status, "ok");
    await assert.rejects(commitSets(new Array(mutationsMax + 1).fill(1)), RangeError);
    // Each key counts twice, 5 + 9 bytes.
    const full = Array.from({ length: 13 }, () => Math.floor(commitBytesMax / 13) - 28);
    assert.equal((await commitSets(full)).status, "ok");
    await assert.rejects(commitSets([...full, 0]), RangeError);
  });

  test("does not keep the caller's buffer", async (store) => {
    const value = new Uint8Array([1, 2, 3]);
    await store.commit({ checks: [], sets: [{ key: ["a"], value }], deletes: [] });
    value.fill(9);
    const [entry] = await store.get([["a"]]);
    assert.deepEqual([...entry!.value], [1, 2, 3]);
  });
}

testStore("MemoryStore", () => Promise.resolve(new MemoryStore(kvLimits)));
testStore("KvStore in memory", () => openKvStore(":memory:"));
testStore("KvStore on a file", async () => {
  const path = await Deno.makeTempDir();
  const store = await openKvStore(`${path}/store.kv`);
  const close = store.close.bind(store);
  store.close = () => {
    close();
    Deno.removeSync(path, { recursive: true });
  };
  return store;
});

Deno.test("MemoryStore: a scripted fault refuses, or loses the answer, of the operation named", async () => {
  const store = new MemoryStore();
  store.script([
    { operation: 1, effect: "refuse", reason: "full" },
    { operation: 2, effect: "lose-answer" },
  ]);
  const batch = (value: number) => ({ checks: [], sets: [set(["a"], [value])], deletes: [] });
  const refused = await store.commit(batch(1));
  assert.ok(refused.status === "unknown" && refused.error.reason === "full");
  assert.deepEqual(await store.reopen().get([["a"]]), [null]);
  const lost = await store.commit(batch(2));
  assert.ok(lost.status === "unknown" && lost.error.reason === "io");
  assert.deepEqual([...(await store.get([["a"]]))[0]!.value], [2]);
});

function set(key: StoreKey, bytes: number[]) {
  return { key, value: Uint8Array.from(bytes) };
}

async function commit(store: Store, sets: [StoreKey, number[]][]): Promise<string> {
  const result = await store.commit({
    checks: [],
    sets: sets.map(([key, bytes]) => set(key, bytes)),
    deletes: [],
  });
  assert.ok(result.status === "ok");
  return result.revision;
}

async function list(store: Store, prefix: StoreKey, range = {}): Promise<StoreKey[]> {
  return (await Array.fromAsync(store.list(prefix, range))).map(({ key }) => key);
}
