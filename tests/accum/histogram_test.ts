import assert from "node:assert/strict";
import {
  addChunks,
  addInitialChunks,
  ArenaFullError,
  deleteHistogram,
  EpochGate,
  pruneHistogram,
  publish,
  publishHistogram,
  readUsage,
  resetHistogram,
  takeDirty,
  tickUptime,
  withdrawChanges,
} from "../../lib/accum/mod.ts";
import { UNIT_WORDS } from "../../lib/accum/arena.ts";
import { H_LOCK } from "../../lib/accum/layout.ts";
import { AssertionError, SeededPrng } from "../../lib/base/mod.ts";
import { bytesOf, contentsOf, f64Bytes, FakeDisk, makeHistogram, makeRegistry } from "./support.ts";

const key = bytesOf("a");

Deno.test("addChunks: adds cell by cell; a new chunk takes the cells bit by bit", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 3 });
  addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([-0, NaN, 2]) }],
    uniqueId: null,
  });
  assert.ok(Object.is(contentsOf(registry, handle)!["a"]![0], -0));
  addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([1, 1, Infinity]) }],
    uniqueId: null,
  });
  assert.deepEqual(contentsOf(registry, handle), { a: [1, NaN, Infinity] });
});

Deno.test("addChunks: 64-bit integers wrap modulo 2^64", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 1, arithmetic: "i64" });
  const most = new Uint8Array(new BigInt64Array([2n ** 63n - 1n]).buffer);
  const one = new Uint8Array(new BigInt64Array([1n]).buffer);
  addChunks(registry, handle, { additions: [{ key, cells: most }], uniqueId: null });
  addChunks(registry, handle, { additions: [{ key, cells: one }], uniqueId: null });
  const [cell] = contentsOf(registry, handle)!["a"]!;
  assert.equal(new BigInt64Array(new Float64Array([cell!]).buffer)[0], -(2n ** 63n));
});

Deno.test("addChunks: a unique id counts once; the empty id is an id", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 1 });
  const fill = (uniqueId: Uint8Array) =>
    addChunks(registry, handle, { additions: [{ key, cells: f64Bytes([1]) }], uniqueId }).status;
  assert.equal(fill(bytesOf("x")), "done");
  assert.equal(fill(bytesOf("x")), "duplicate");
  assert.equal(fill(new Uint8Array(0)), "done");
  assert.equal(fill(new Uint8Array(0)), "duplicate");
  assert.deepEqual(contentsOf(registry, handle), { a: [2] });
});

Deno.test("addChunks: the same key twice in one change adds up, new or not", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 1 });
  const twice = [{ key, cells: f64Bytes([1]) }, { key, cells: f64Bytes([2]) }];
  addChunks(registry, handle, { additions: twice, uniqueId: null });
  assert.deepEqual(contentsOf(registry, handle), { a: [3] });
  addChunks(registry, handle, { additions: twice, uniqueId: null });
  assert.deepEqual(contentsOf(registry, handle), { a: [6] });
  assert.equal(readUsage(registry.arena, null).chunkBytes, 8n);
});

Deno.test("addChunks: without memory for all chunks nothing changes and the id is free", () => {
  const registry = makeRegistry({ budgetBytes: 300_000 });
  const cells = 8192; // 64 KiB a chunk
  const handle = makeHistogram(registry, { cells });
  const usedBytes = registry.arena.usedBytes;
  const additions = Array.from({ length: 8 }, (_, i) => ({
    key: bytesOf(`k${i}`),
    cells: new Uint8Array(cells * 8),
  }));
  assert.throws(
    () => addChunks(registry, handle, { additions, uniqueId: bytesOf("x") }),
    ArenaFullError,
  );
  assert.deepEqual(contentsOf(registry, handle), {});
  assert.equal(registry.arena.usedBytes, usedBytes);
  const one = addChunks(registry, handle, {
    additions: additions.slice(0, 1),
    uniqueId: bytesOf("x"),
  });
  assert.equal(one.status, "done");
});

Deno.test("addChunks: a fill that a mistake stops half way stays locked, so that no one sees or commits it", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 1 });
  const broken = {
    key,
    get cells(): Uint8Array {
      throw new TypeError("a mistake");
    },
  };
  const additions = [{ key: bytesOf("b"), cells: f64Bytes([1]) }, broken];
  const lockWord = () => registry.arena.words[handle.pointer * UNIT_WORDS + H_LOCK];
  assert.throws(() => addChunks(registry, handle, { additions, uniqueId: null }), AssertionError);
  assert.equal(lockWord(), 1);

  const whole = makeHistogram(registry, { cells: 2 ** 20 });
  const tooMany = Array.from({ length: 9 }, (_, i) => ({
    key: bytesOf(`${i}`),
    cells: new Uint8Array(2 ** 23),
  }));
  assert.throws(
    () => addChunks(registry, whole, { additions: tooMany, uniqueId: null }),
    ArenaFullError,
  );
  assert.equal(registry.arena.words[whole.pointer * UNIT_WORDS + H_LOCK], 0);
});

Deno.test("Registry: a prepared histogram that is discarded leaves nothing behind", () => {
  const registry = makeRegistry();
  makeHistogram(registry, { cells: 4 });
  const usedBytes = registry.arena.usedBytes;
  for (let i = 0; i < 3; i++) {
    const handle = registry.prepare({
      id: "0123456789abcdef0123456789abcdef",
      tokenDigest: null,
      arithmetic: "f64",
      chunkBytes: 32,
      createdWallMs: 0,
      name: "",
      label: "",
      categoryAxes: 0,
      json: "{}",
    });
    addInitialChunks(registry, handle, [{ key, cells: f64Bytes([1, 2, 3, 4]) }]);
    registry.discard(handle);
  }
  // One record stays in the pool for the next histogram.
  assert.equal(registry.arena.usedBytes - usedBytes, 320);
  assert.equal(registry.find("0123456789abcdef0123456789abcdef"), null);
});

Deno.test("deleteHistogram: stays findable as gone until its epoch is on disk, then is unknown", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handle = makeHistogram(registry, { cells: 1 });
  disk.commit(registry);
  deleteHistogram(registry, handle);
  assert.equal(registry.find(handle.metadata.id)?.pointer, handle.pointer);
  const late = addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([1]) }],
    uniqueId: null,
  });
  assert.equal(late.status, "gone");
  disk.commit(registry);
  assert.equal(registry.find(handle.metadata.id), null);
  assert.equal(readUsage(registry.arena, null).histograms, 0);
});

Deno.test("Registry: an old handle does not reach the histogram that reuses its record", () => {
  const registry = makeRegistry({ durability: "none" });
  const first = makeHistogram(registry, { cells: 1 });
  deleteHistogram(registry, first);
  const second = makeHistogram(registry, { cells: 1 });
  assert.equal(second.pointer, first.pointer);
  const late = addChunks(registry, first, {
    additions: [{ key, cells: f64Bytes([1]) }],
    uniqueId: null,
  });
  assert.equal(late.status, "gone");
  assert.deepEqual(contentsOf(registry, second), {});
});

Deno.test("Registry: a thread keeps handles at hand, but not descriptions without limit", () => {
  const registry = makeRegistry({ budgetBytes: 256 * 2 ** 20 });
  const ids = Array.from({ length: 9 }, (_, i) => {
    const id = i.toString(16).padStart(32, "0");
    const json = "x".repeat(8 * 2 ** 20);
    const common = {
      tokenDigest: null,
      arithmetic: "f64",
      createdWallMs: 0,
      name: "",
      label: "",
      categoryAxes: 0,
    } as const;
    const handle = registry.prepare({ id, chunkBytes: 8, json, ...common });
    publishHistogram(registry, handle);
    return id;
  });
  const small = makeHistogram(registry, { cells: 1 });
  assert.equal(registry.find(small.metadata.id), small);
  const first = registry.find(ids[0]!);
  assert.equal(registry.find(ids[0]!), first);
  for (const id of ids) assert.equal(registry.find(id)!.metadata.id, id);
  assert.notEqual(registry.find(ids[0]!), first);
});

Deno.test("readUsage: bytes of chunks come with Init, fill and restore, go with reset and delete", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const used = () => Number(readUsage(registry.arena, null).chunkBytes);
  const additions = [{ key, cells: f64Bytes([1, 2]) }];
  const handle = makeHistogram(registry, { cells: 2, additions });
  assert.equal(used(), 16);
  const more = [{ key: bytesOf("b"), cells: f64Bytes([1, 2]) }];
  addChunks(registry, handle, { additions: [...additions, ...more, ...more], uniqueId: null });
  assert.equal(used(), 32);
  disk.commit(registry);
  assert.equal(readUsage(disk.restore().arena, null).chunkBytes, 32n);
  resetHistogram(registry, handle);
  assert.equal(used(), 0);
  addChunks(registry, handle, { additions, uniqueId: null });
  deleteHistogram(registry, handle);
  assert.equal(used(), 0);
});

Deno.test("pruneHistogram: deletes after idle seconds of uptime, not before, and use counts", () => {
  const registry = makeRegistry({ durability: "none" });
  const handle = makeHistogram(registry, { cells: 1 });
  tickUptime(registry.arena, 9.9);
  assert.equal(pruneHistogram(registry, handle, 10), false);
  tickUptime(registry.arena, 10);
  contentsOf(registry, handle); // a use
  assert.equal(pruneHistogram(registry, handle, 10), false);
  tickUptime(registry.arena, 20);
  assert.equal(pruneHistogram(registry, handle, 10), true);
  assert.equal(registry.find(handle.metadata.id), null);
});

Deno.test("Registry: a token's counters go with its last histogram", () => {
  const registry = makeRegistry({ durability: "none" });
  const tokenDigest = new Uint8Array(32).fill(9);
  const first = makeHistogram(registry, { cells: 1, tokenDigest });
  const second = makeHistogram(registry, { cells: 1, tokenDigest });
  assert.equal(readUsage(registry.arena, registry.findToken(tokenDigest)).histograms, 2);
  deleteHistogram(registry, first);
  assert.notEqual(registry.findToken(tokenDigest), null);
  deleteHistogram(registry, second);
  assert.equal(registry.findToken(tokenDigest), null);
});

Deno.test("EpochGate: an answer waits for the epoch that holds it, not longer", () => {
  const registry = makeRegistry();
  const gate = new EpochGate(registry.arena);
  const handle = makeHistogram(registry, { cells: 1 });
  const { epoch } = addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([1]) }],
    uniqueId: null,
  });
  const taken = takeDirty(registry.arena);
  assert.equal(taken.epoch, epoch);
  // Listed and not yet copied: a fill in between is in the same epoch.
  const next = addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([1]) }],
    uniqueId: null,
  });
  assert.equal(next.epoch, epoch);
  assert.equal(gate.isOpenFor(epoch), false);
  publish(registry.arena, epoch);
  assert.equal(gate.isOpenFor(epoch), true);
});

Deno.test("EpochGate: wakes waiters in order, and refuses those whose epoch was taken back", async () => {
  const registry = makeRegistry();
  const gate = new EpochGate(registry.arena);
  const seen: string[] = [];
  const wait = (epoch: number, name: string) =>
    new Promise<void>((done) =>
      gate.wait(epoch, {
        durable: () => (seen.push(name), done()),
        refused: () => (seen.push(`${name} refused`), done()),
      })
    );
  // Atomics.waitAsync alone does not keep the event loop alive.
  const alive = setInterval(() => {}, 1000);
  const first = [wait(1, "a"), wait(1, "b")];
  takeDirty(registry.arena);
  publish(registry.arena, 1);
  await Promise.all(first);
  const second = wait(2, "c");
  withdrawChanges(registry, { firstEpoch: 2, histograms: [] });
  await second;
  clearInterval(alive);
  assert.deepEqual(seen, ["a", "b", "c refused"]);
});

Deno.test("drain and restore: another process has the same histograms, chunks and ids (seeded)", () => {
  const seed = 20261122;
  const prng = new SeededPrng(seed);
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handles = Array.from(
    { length: 6 },
    (_, i) => makeHistogram(registry, { cells: i === 0 ? 9000 : 3 * i }),
  );
  const live = new Set(handles);
  for (let step = 0; step < 600; step++) {
    const handle = handles[prng.int(0, handles.length)]!;
    const cells = handle.metadata.chunkBytes / 8;
    const choice = prng.int(0, 100);
    if (choice < 80) {
      const addition = () => ({
        key: bytesOf(`k${prng.int(0, 5)}`),
        cells: f64Bytes(
          Array.from({ length: cells }, (_, i) => (i % 4096 < 2 ? prng.int(0, 9) : 0)),
        ),
      });
      const additions = Array.from({ length: prng.int(1, 4) }, addition);
      addChunks(registry, handle, { additions, uniqueId: bytesOf(`u${prng.int(0, 300)}`) });
    } else if (choice < 86) resetHistogram(registry, handle);
    else if (choice < 87) {
      deleteHistogram(registry, handle);
      live.delete(handle);
    } else disk.commit(registry);
  }
  disk.commit(registry);
  const restored = disk.restore();
  for (const handle of handles) {
    const again = restored.find(handle.metadata.id);
    assert.equal(again !== null, live.has(handle), `seed ${seed}`);
    if (again) {
      assert.deepEqual(contentsOf(restored, again), contentsOf(registry, handle), `seed ${seed}`);
    }
  }
});

Deno.test("drain: what was not committed is not on disk; a histogram made and deleted in one epoch never was", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const kept = makeHistogram(registry, { cells: 1 });
  disk.commit(registry);
  addChunks(registry, kept, { additions: [{ key, cells: f64Bytes([1]) }], uniqueId: null });
  const brief = makeHistogram(registry, { cells: 1 });
  deleteHistogram(registry, brief);
  const restored = disk.restore();
  assert.deepEqual(contentsOf(restored, restored.find(kept.metadata.id)!), {});
  assert.equal(restored.find(brief.metadata.id), null);
  disk.commit(registry);
  assert.equal(registry.find(brief.metadata.id), null);
});
