import assert from "node:assert/strict";
import {
  addChunks,
  deleteHistogram,
  EpochGate,
  type HistogramHandle,
  readUsage,
  type Registry,
  resetHistogram,
} from "../../lib/accum/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { bytesOf, contentsOf, f64Bytes, FakeDisk, makeHistogram, makeRegistry } from "./support.ts";

const key = bytesOf("a");

function fill(registry: Registry, handle: HistogramHandle, uniqueId: string) {
  return addChunks(registry, handle, {
    additions: [{ key, cells: f64Bytes([1]) }],
    uniqueId: bytesOf(uniqueId),
  });
}

function verdict(registry: Registry, epoch: number): string {
  let verdict = "open";
  new EpochGate(registry.arena).wait(epoch, {
    durable: () => verdict = "durable",
    refused: () => verdict = "refused",
  });
  return verdict;
}

Deno.test("Rollback: what the disk refused is taken back, its id is free, and reads go on", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handle = makeHistogram(registry, { cells: 1 });
  fill(registry, handle, "kept");
  disk.commit(registry);
  const { epoch } = fill(registry, handle, "refused");
  disk.refuse(registry);
  assert.equal(verdict(registry, epoch), "refused");
  assert.deepEqual(contentsOf(registry, handle), { a: [1] });
  assert.equal(fill(registry, handle, "kept").status, "duplicate");
  const again = fill(registry, handle, "refused");
  assert.equal(again.status, "done");
  disk.commit(registry);
  assert.equal(verdict(registry, again.epoch), "durable");
  assert.equal(
    verdict(registry, epoch),
    "refused",
    "a later epoch is published, this one never was",
  );
  assert.deepEqual(contentsOf(disk.restore(), disk.restore().find(handle.metadata.id)!), {
    a: [2],
  });
});

Deno.test("Rollback: a read in the middle of it is refused, a change too", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handle = makeHistogram(registry, { cells: 1 });
  disk.commit(registry);
  fill(registry, handle, "x");
  disk.refuse(registry, () => {
    assert.equal(verdict(registry, fill(registry, handle, "y").epoch), "refused");
  });
  assert.deepEqual(contentsOf(registry, handle), {});
});

Deno.test("Rollback: a histogram that was never on disk is unknown; a deleted or reset one is back", () => {
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const tokenDigest = new Uint8Array(32).fill(3);
  const deleted = makeHistogram(registry, { cells: 1, tokenDigest });
  const reset = makeHistogram(registry, { cells: 1 });
  fill(registry, deleted, "x");
  fill(registry, reset, "x");
  disk.commit(registry);
  const made = makeHistogram(registry, { cells: 1 });
  deleteHistogram(registry, deleted);
  resetHistogram(registry, reset);
  disk.refuse(registry);
  assert.equal(registry.find(made.metadata.id), null);
  assert.deepEqual(contentsOf(registry, deleted), { a: [1] });
  assert.deepEqual(contentsOf(registry, reset), { a: [1] });
  assert.deepEqual(readUsage(registry.arena, null), { histograms: 2, chunkBytes: 16n });
  assert.equal(readUsage(registry.arena, registry.findToken(tokenDigest)).chunkBytes, 8n);
});

Deno.test("Rollback: memory equals the disk after any mixture of commits and refusals (seeded)", () => {
  const seed = 31;
  const prng = new SeededPrng(seed);
  const registry = makeRegistry();
  const disk = new FakeDisk();
  const handles: HistogramHandle[] = [];
  for (let step = 0; step < 800; step++) {
    const choice = prng.int(0, 100);
    const handle = handles[prng.int(0, Math.max(1, handles.length))];
    if (choice < 8 || !handle) handles.push(makeHistogram(registry, { cells: prng.int(1, 9) }));
    else if (choice < 80) {
      const cells = f64Bytes(
        Array.from({ length: handle.metadata.chunkBytes / 8 }, () => prng.int(0, 5)),
      );
      addChunks(registry, handle, {
        additions: [{ key: bytesOf(`k${prng.int(0, 4)}`), cells }],
        uniqueId: bytesOf(`u${prng.int(0, 400)}`),
      });
    } else if (choice < 84) resetHistogram(registry, handle);
    else if (choice < 86) deleteHistogram(registry, handle);
    else if (choice < 94) disk.commit(registry);
    else {
      disk.refuse(registry);
      const restored = disk.restore();
      for (const { metadata: { id } } of handles) {
        const here = registry.find(id);
        const there = restored.find(id);
        assert.equal(here === null, there === null, `seed ${seed}, step ${step}`);
        if (!here || !there) continue;
        assert.deepEqual(
          contentsOf(registry, here),
          contentsOf(restored, there),
          `seed ${seed}, step ${step}`,
        );
      }
      assert.deepEqual(
        readUsage(registry.arena, null),
        readUsage(restored.arena, null),
        `seed ${seed}`,
      );
    }
  }
});
