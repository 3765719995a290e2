import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { blockOrigin, cutIntoBlocks, product } from "../../lib/hdf5/block_grid.ts";

Deno.test("cutIntoBlocks: what fits is one block, whatever the order", () => {
  const array = { extents: [4, 5, 50], isCategory: [true, false, true] };
  for (const grouped of [true, false]) {
    assert.deepEqual(cutIntoBlocks(array, { elementsMax: 1000, grouped }).blockShape, [4, 5, 50]);
  }
});

Deno.test("cutIntoBlocks: a block is one combination of categories, or as many neighbours as fit", () => {
  const array = { extents: [200, 20, 150, 102], isCategory: [true, true, true, false] };
  const single = cutIntoBlocks(array, { elementsMax: 32768, grouped: false });
  assert.deepEqual(single.blockShape, [1, 1, 1, 102]);
  // 32768 / 102 = 321 combinations: all 150 of the last axis, and 2 of the one before.
  const ascending = cutIntoBlocks(array, { elementsMax: 32768, grouped: true });
  assert.deepEqual(ascending.blockShape, [1, 2, 150, 102]);
  assert.deepEqual(ascending.counts, [200, 10, 1, 1]);
});

Deno.test("cutIntoBlocks: a large dense array is cut along its outer axes, evenly", () => {
  const array = { extents: [3, 1000, 2, 1000], isCategory: [true, false, true, false] };
  // 32 rows of 1000 fit; 1000 rows need 32 blocks of at least 31.25.
  const grid = cutIntoBlocks(array, { elementsMax: 32768, grouped: true });
  assert.deepEqual(grid.blockShape, [1, 32, 1, 1000]);
  const row = { extents: [10, 100_000], isCategory: [false, false] };
  const cut = cutIntoBlocks(row, { elementsMax: 32768, grouped: false });
  assert.deepEqual(cut.blockShape, [1, 25_000]);
});

Deno.test("cutIntoBlocks: blocks keep the limit, tile the array, and number row-major", () => {
  const seed = 11;
  const prng = new SeededPrng(seed);
  for (let round = 0; round < 300; round++) {
    const rank = prng.int(0, 5);
    const extents = Array.from({ length: rank }, () => prng.int(1, 40));
    const isCategory = extents.map(() => prng.int(0, 2) === 0);
    const elementsMax = prng.int(1, 3000);
    const grid = cutIntoBlocks({ extents, isCategory }, { elementsMax, grouped: round % 2 === 0 });
    const place = `seed ${seed}, round ${round}`;
    assert.ok(grid.blockElements <= elementsMax, place);
    assert.equal(grid.blockElements, product(grid.blockShape), place);
    for (const [axis, extent] of extents.entries()) {
      const [part, count] = [grid.blockShape[axis]!, grid.counts[axis]!];
      assert.ok(part >= 1 && part * count >= extent && part * (count - 1) < extent, place);
    }
    const last = product(grid.counts) - 1;
    const expected = grid.counts.map((count, axis) => (count - 1) * grid.blockShape[axis]!);
    assert.deepEqual(blockOrigin(grid, last), expected, place);
  }
});
