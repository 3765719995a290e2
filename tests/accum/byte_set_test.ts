import assert from "node:assert/strict";
import { Arena, ArenaFullError } from "../../lib/accum/mod.ts";
import {
  SET_WORDS,
  setClear,
  setFind,
  setInsert,
  setLog,
  setLogBytes,
  setMemberAt,
  setReserve,
  setSize,
} from "../../lib/accum/byte_set.ts";
import { SeededPrng } from "../../lib/base/mod.ts";

/** A set in an arena of its own. */
function makeSet(budgetBytes = 64 * 2 ** 20): { arena: Arena; set: number } {
  const arena = Arena.create(budgetBytes, { hashSeed: 3 });
  return { arena, set: arena.allocate(SET_WORDS * 4) * 16 };
}

function add(arena: Arena, set: number, member: Uint8Array): number {
  setReserve(arena, set, { members: 1, bytes: member.length });
  return setInsert(arena, set, member);
}

Deno.test("byte set: numbers its members in the order of their insertion (seeded)", () => {
  const seed = 4;
  const prng = new SeededPrng(seed);
  const { arena, set } = makeSet();
  const members = new Map<string, number>();
  for (let i = 0; i < 5000; i++) {
    const member = Uint8Array.from({ length: prng.int(0, 12) }, () => prng.int(0, 3));
    const name = member.join();
    assert.equal(setFind(arena, set, member), members.get(name) ?? -1, `seed ${seed}`);
    if (!members.has(name)) {
      assert.equal(add(arena, set, member), members.size, `seed ${seed}`);
      members.set(name, members.size);
    }
  }
  assert.equal(setSize(arena, set), members.size);
  const found: string[] = [];
  for (let offset = 0; offset < setLogBytes(arena, set);) {
    const { member, next } = setMemberAt(arena, set, offset);
    found.push(member.join());
    offset = next;
  }
  assert.deepEqual(found, [...members.keys()]);
});

Deno.test("byte set: the empty member, zeros, and members that begin alike are told apart", () => {
  const { arena, set } = makeSet();
  const members = [[], [0], [0, 0], [0, 0, 0], [1], [1, 0], [255]].map((m) => Uint8Array.from(m));
  for (const [i, member] of members.entries()) {
    assert.equal(setFind(arena, set, member), -1);
    assert.equal(add(arena, set, member), i);
  }
  for (const [i, member] of members.entries()) assert.equal(setFind(arena, set, member), i);
});

Deno.test("byte set: a member of 65,535 bytes is the longest; longer ones are never in", () => {
  const { arena, set } = makeSet();
  const longest = new Uint8Array(65_535).fill(7);
  add(arena, set, longest);
  assert.equal(setFind(arena, set, longest), 0);
  assert.equal(setFind(arena, set, new Uint8Array(65_536 + 65_535).fill(7)), -1);
  assert.deepEqual([...setLog(arena, set, { from: 0, to: 3 })], [255, 255, 7]);
});

Deno.test("byte set: cleared, it has given back all memory and is as new", () => {
  const { arena, set } = makeSet();
  const usedBytes = arena.usedBytes;
  for (let i = 0; i < 1000; i++) add(arena, set, new Uint8Array(new Uint32Array([i]).buffer));
  setClear(arena, set);
  assert.equal(arena.usedBytes, usedBytes);
  assert.equal(setFind(arena, set, new Uint8Array(4)), -1);
  assert.equal(add(arena, set, new Uint8Array(4)), 0);
});

Deno.test("byte set: without memory the set is as it was, members and all", () => {
  const { arena, set } = makeSet(2 ** 20);
  let members = 0;
  const grow = () => {
    for (;; members++) add(arena, set, new Uint8Array(new Uint32Array([members, 1, 2]).buffer));
  };
  assert.throws(grow, ArenaFullError);
  assert.equal(setSize(arena, set), members);
  for (let i = 0; i < members; i++) {
    assert.equal(setFind(arena, set, new Uint8Array(new Uint32Array([i, 1, 2]).buffer)), i);
  }
  const usedBytes = arena.usedBytes;
  assert.throws(() => setReserve(arena, set, { members: 1, bytes: 2 ** 20 }), ArenaFullError);
  assert.equal(arena.usedBytes, usedBytes);
});

Deno.test("byte set: what 31-bit words cannot count is want of memory, not a mistake of ours", () => {
  const { arena, set } = makeSet(64 * 2 ** 30);
  const usedBytes = arena.usedBytes;
  for (
    const need of [
      { members: 1, bytes: 2 ** 31 - 2 }, // a log of 2^31 bytes, the length of the member included
      { members: 2 ** 29 + 1, bytes: 0 }, // a table of 2^31 slots
    ]
  ) {
    assert.throws(() => setReserve(arena, set, need), ArenaFullError);
    assert.equal(arena.usedBytes, usedBytes);
  }
});
