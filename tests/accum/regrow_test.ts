import assert from "node:assert/strict";
import {
  addChunks,
  ArenaFullError,
  type HistogramHandle,
  readHistogram,
  readUsage,
  Registry,
  regrowHistogram,
} from "../../lib/accum/mod.ts";
import { bytesOf, contentsOf, f64Bytes, FakeDisk, makeHistogram, makeRegistry } from "./support.ts";

/** One cell more in front of each chunk. */
function grow(registry: Registry, handle: HistogramHandle, json = "grown") {
  const chunkBytes = handle.metadata.chunkBytes + 8;
  return regrowHistogram(registry, handle, {
    metadata: { ...handle.metadata, chunkBytes, json },
    move: (source, target) => (target as Float64Array).set(source as Float64Array, 1),
  });
}

function fill(registry: Registry, handle: HistogramHandle, uniqueId: string) {
  const cells = f64Bytes(Array(handle.metadata.chunkBytes / 8).fill(1));
  const additions = [{ key: bytesOf("a"), cells }, { key: bytesOf("b"), cells }];
  return addChunks(registry, handle, { additions, uniqueId: bytesOf(uniqueId) });
}

function contents(registry: Registry, id: string): Record<string, number[]> | null {
  return contentsOf(registry, registry.find(id)!);
}

Deno.test("regrowHistogram: cells move, keys and unique ids stay, old handles are void", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 2 });
  const { id } = handle.metadata;
  fill(registry, handle, "first");
  assert.equal(grow(registry, handle).status, "done");
  assert.equal(fill(registry, handle, "second").status, "gone");
  assert.equal(grow(registry, handle).status, "gone");
  const grown = registry.find(id)!;
  assert.deepEqual([grown.metadata.chunkBytes, grown.metadata.json], [24, "grown"]);
  assert.equal(fill(registry, grown, "first").status, "duplicate");
  assert.equal(fill(registry, grown, "second").status, "done");
  assert.deepEqual(contents(registry, id), { a: [1, 2, 2], b: [1, 2, 2] });
  assert.deepEqual(readUsage(registry.arena, null).chunkBytes, 48n);
});

Deno.test("regrowHistogram: another thread's handle is void, and finds the histogram again", () => {
  const registry = makeRegistry();
  const handle = makeHistogram(registry, { cells: 1 });
  const other = new Registry(registry.arena, { threadIndex: 1 });
  const stale = other.find(handle.metadata.id)!;
  grow(registry, handle);
  assert.equal(readHistogram(other, stale, { read: () => 1 }).status, "gone");
  const fresh = other.find(handle.metadata.id)!;
  assert.notEqual(fresh.creation, stale.creation);
  assert.equal(fill(other, fresh, "u").status, "done");
});

Deno.test("regrowHistogram: a restart finds the new layout, and only its group", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handle = makeHistogram(registry, { cells: 1 });
  const { id } = handle.metadata;
  fill(registry, handle, "first");
  disk.commit(registry);
  grow(registry, handle);
  disk.commit(registry);
  const restored = disk.restore();
  assert.deepEqual(contents(restored, id), { a: [0, 1], b: [0, 1] });
  assert.equal(fill(restored, restored.find(id)!, "first").status, "duplicate");
});

Deno.test("regrowHistogram: what the disk refuses goes back to the old layout", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handle = makeHistogram(registry, { cells: 1 });
  const { id } = handle.metadata;
  fill(registry, handle, "first");
  disk.commit(registry);
  grow(registry, handle);
  fill(registry, registry.find(id)!, "second");
  disk.refuse(registry);
  const back = registry.find(id)!;
  assert.deepEqual([back.metadata.chunkBytes, back.metadata.json], [8, "{}"]);
  assert.deepEqual(contents(registry, id), { a: [1], b: [1] });
  assert.equal(readUsage(registry.arena, null).chunkBytes, 16n);
  assert.equal(grow(registry, back).status, "done");
  assert.equal(fill(registry, registry.find(id)!, "second").status, "done");
  disk.commit(registry);
  for (const memory of [registry, disk.restore()]) {
    assert.deepEqual(contents(memory, id), { a: [1, 2], b: [1, 2] });
  }
});

Deno.test("regrowHistogram: without memory for old and new chunks nothing changes", () => {
  const registry = makeRegistry({ budgetBytes: 2 ** 20 });
  const handle = makeHistogram(registry, { cells: 40_000 });
  fill(registry, handle, "u");
  const { usedBytes } = registry.arena;
  assert.throws(() => grow(registry, handle), ArenaFullError);
  assert.equal(registry.arena.usedBytes, usedBytes);
  assert.equal(fill(registry, handle, "u").status, "duplicate");
});
