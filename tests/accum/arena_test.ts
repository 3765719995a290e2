import assert from "node:assert/strict";
import { Arena, ArenaFullError } from "../../lib/accum/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { classUnits } from "../../lib/accum/arena.ts";

Deno.test("Arena: blocks are zeroed, do not overlap, and are used again (seeded)", () => {
  const seed = 5;
  const prng = new SeededPrng(seed);
  const arena = Arena.create(32 * 2 ** 20, { hashSeed: 0 });
  const blocks: { pointer: number; bytes: number; mark: number }[] = [];
  for (let step = 0; step < 3000; step++) {
    if (prng.int(0, 3) > 0 || blocks.length === 0) {
      const bytes = 1 + (prng.int(0, 10) === 0 ? prng.int(0, 60_000) : prng.int(0, 900));
      const pointer = arena.allocate(bytes);
      const block = arena.bytes.subarray(pointer * 64, pointer * 64 + bytes);
      assert.ok(block.every((byte) => byte === 0), `seed ${seed}`);
      const mark = step % 251 + 1;
      block.fill(mark);
      blocks.push({ pointer, bytes, mark });
    } else {
      const [block] = blocks.splice(prng.int(0, blocks.length), 1);
      const { pointer, bytes, mark } = block!;
      assert.ok(
        arena.bytes.subarray(pointer * 64, pointer * 64 + bytes).every((byte) => byte === mark),
        `seed ${seed}`,
      );
      arena.free(pointer, bytes);
    }
  }
  for (const { pointer, bytes } of blocks) arena.free(pointer, bytes);
  assert.equal(arena.usedBytes, 0);
});

Deno.test("Arena: the budget is a limit, and what is refused changes nothing", () => {
  const arena = Arena.create(2 ** 20, { hashSeed: 0 });
  const pointer = arena.allocate(2 ** 20);
  assert.throws(() => arena.allocate(1), ArenaFullError);
  assert.equal(arena.usedBytes, 2 ** 20);
  arena.free(pointer, 2 ** 20);
  assert.equal(arena.allocate(2 ** 20), pointer);
});

Deno.test("Arena: a thread that attached before a growth sees the new memory after sync", () => {
  const arena = Arena.create(256 * 2 ** 20, { hashSeed: 0 });
  const other = new Arena(arena.buffer);
  const pointer = arena.allocate(64 * 2 ** 20);
  arena.bytes[pointer * 64 + 64 * 2 ** 20 - 1] = 7;
  other.sync();
  assert.equal(other.bytes[pointer * 64 + 64 * 2 ** 20 - 1], 7);
});

Deno.test("classUnits: holds what is asked for and wastes at most an eighth", () => {
  for (let units = 1; units < 5000; units++) {
    const held = classUnits(units);
    assert.ok(
      held >= units && held <= Math.max(units, Math.ceil(units * 1.125)),
      `${units} → ${held}`,
    );
    assert.equal(classUnits(held), held);
  }
});

Deno.test("Arena: memory freed in small blocks serves large ones, though the address space is used up", () => {
  const arena = Arena.create(96 * 2 ** 20, { hashSeed: 0 }); // 152 MiB of address space
  const blocks = Array.from({ length: 1536 }, () => arena.allocate(65_536));
  for (const pointer of blocks) arena.free(pointer, 65_536);
  const bytes = 80 * 2 ** 20;
  for (let round = 0; round < 3; round++) {
    const pointer = arena.allocate(bytes);
    const block = arena.bytes.subarray(pointer * 64, pointer * 64 + bytes);
    assert.equal(block.indexOf(1), -1); // zeroed
    block.fill(1, bytes - 100);
    arena.free(pointer, bytes);
  }
  const whole = arena.allocate(96 * 2 ** 20);
  assert.throws(() => arena.allocate(1), ArenaFullError);
  arena.free(whole, 96 * 2 ** 20);
  assert.equal(arena.usedBytes, 0);
});

Deno.test("Arena: joins free neighbours without touching blocks in use (seeded)", () => {
  const seed = 8;
  const prng = new SeededPrng(seed);
  const arena = Arena.create(2 ** 20, { hashSeed: 0 });
  const held: { pointer: number; bytes: number; mark: number }[] = [];
  let refused = 0;
  for (let step = 0; step < 20_000; step++) {
    if (prng.int(0, 5) < 3) {
      const bytes = 1 + (prng.int(0, 30) === 0 ? 4 * prng.int(0, 60_000) : prng.int(0, 3000));
      try {
        const pointer = arena.allocate(bytes);
        const block = arena.bytes.subarray(pointer * 64, pointer * 64 + bytes);
        assert.ok(block.every((byte) => byte === 0), `seed ${seed}, step ${step}`);
        const mark = step % 251 + 1;
        block.fill(mark);
        held.push({ pointer, bytes, mark });
      } catch (error) {
        if (!(error instanceof ArenaFullError)) throw error;
        refused++;
      }
    } else if (held.length > 0) {
      const [{ pointer, bytes, mark }] = held.splice(prng.int(0, held.length), 1) as [
        typeof held[0],
      ];
      const block = arena.bytes.subarray(pointer * 64, pointer * 64 + bytes);
      assert.ok(block.every((byte) => byte === mark), `seed ${seed}, step ${step}`);
      arena.free(pointer, bytes);
    }
  }
  assert.ok(refused > 0);
  for (const { pointer, bytes } of held) arena.free(pointer, bytes);
  assert.equal(arena.usedBytes, 0);
  arena.free(arena.allocate(2 ** 20), 2 ** 20);
});

Deno.test("Arena: a lifted budget allows the reservation; bound again, what is over it must be freed first", () => {
  const arena = Arena.create(2 ** 20, { hashSeed: 0 });
  const bindBudget = arena.liftBudget();
  const pointer = arena.allocate(2 ** 21);
  bindBudget();
  assert.equal(arena.budgetBytes, 2 ** 20);
  assert.throws(() => arena.allocate(1), ArenaFullError);
  arena.free(pointer, 2 ** 21);
  arena.allocate(1);
});
