import assert from "node:assert/strict";
import { SeededPrng } from "../../../lib/base/mod.ts";
import { IntCategoryAxis, StrCategoryAxis } from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import { CHUNKS_MAX, groupEntries } from "../../../lib/service/v1/entry_groups.ts";
import { encodeChunkKey } from "../../../lib/wire/mod.ts";
import { assertRefused } from "./fill_support.ts";

const grows = new StrCategoryAxis({ name: "s", growth: true });
const numbers = new IntCategoryAxis({ name: "n", categories: [1, 2] });
const bare = new IntCategoryAxis({ name: "b", categories: [1, 2], overflow: false });

Deno.test("groupEntries: groups are numbered by their first entries, and keep the order of entries", () => {
  const { keys, groups } = groupEntries([grows, numbers], [
    ["b", "a", "b", "a", "b"],
    Int32Array.of(1, 9, 1, 9, 2),
  ]);
  assert.deepEqual(groups, Int32Array.of(0, 1, 0, 1, 2));
  const a = encodeChunkKey(["a"]);
  assert.deepEqual(keys, [
    encodeChunkKey(["b", 1n]),
    Uint8Array.of(...a, 0),
    encodeChunkKey(["b", 2n]),
  ]);
});

Deno.test("groupEntries: single values stay single; one without a place drops all", () => {
  assert.deepEqual(groupEntries([], []), { keys: [new Uint8Array(0)], groups: 0 });
  assert.deepEqual(groupEntries([grows, numbers], ["a", 2]), {
    keys: [encodeChunkKey(["a", 2n])],
    groups: 0,
  });
  assert.deepEqual(groupEntries([bare, grows], [7, "a"]), { keys: [], groups: -1 });
  const { keys, groups } = groupEntries([bare, grows], [7, ["a", "b"]]);
  assert.deepEqual([keys, groups], [[], Int32Array.of(-1, -1)]);
});

Deno.test("groupEntries: as many groups as tuples, each entry in its own (seeded)", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const prng = new SeededPrng(seed);
    const count = prng.int(1, 300);
    const texts = Array.from({ length: count }, () => "abcd"[prng.int(0, 4)]!);
    const ints = Int32Array.from({ length: count }, () => prng.int(0, 4));
    const { keys, groups } = groupEntries([grows, bare, numbers], [texts, ints, 1]);
    for (let k = 0; k < count; k++) {
      const group = (groups as Int32Array)[k]!;
      const isKept = ints[k] === 1 || ints[k] === 2;
      assert.equal(group >= 0, isKept, `seed ${seed}`);
      if (!isKept) continue;
      const key = encodeChunkKey([texts[k]!, BigInt(ints[k]!), 1n]);
      assert.deepEqual(keys[group], key, `seed ${seed}`);
    }
    assert.equal(new Set(keys.map((key) => key.toHex())).size, keys.length, `seed ${seed}`);
  }
});

Deno.test("groupEntries: more chunks than a fill may touch are refused, by one axis or by two", () => {
  const message = /^columns: touch more than 131072 chunks; fill in parts$/;
  const many = Int32Array.from({ length: CHUNKS_MAX + 1 }, (_, k) => k);
  const free = new IntCategoryAxis({ name: "f", growth: true });
  assertRefused(() => groupEntries([free], [many]), Code.ResourceExhausted, message);
  const pairs = [many.map((k) => k >> 1), many.map((k) => k & 1)];
  assertRefused(() => groupEntries([free, free], pairs), Code.ResourceExhausted, message);
  // What goes into the overflow bin is one chunk, however many values there are.
  assert.equal(groupEntries([numbers], [many]).keys.length, 3);
});
