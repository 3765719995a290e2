import assert from "node:assert/strict";
import { covers, endOf, FoldIndex } from "../../lib/journal/fold_index.ts";

const bytes = (length: number) => new Uint8Array(length);
const piece = (start: number, length: number) => ({ start, bytes: bytes(length) });

Deno.test("FoldIndex: cuts writes at pages and orders them by group, member, page", () => {
  const index = new FoldIndex(100);
  index.write(2, 0, 250, bytes(100));
  index.write(1, 1, 0, bytes(100));
  index.write(1, 0, 99, bytes(2));
  const jobs = index.takePageJobs().map(({ group, member, page, pieces }) => [
    group,
    member,
    page,
    ...pieces.map(({ start, bytes }) => [start, bytes.length]),
  ]);
  assert.deepEqual(jobs, [
    [1, 0, 0, [99, 1]],
    [1, 0, 1, [0, 1]],
    [1, 1, 0, [0, 100]],
    [2, 0, 2, [50, 50]],
    [2, 0, 3, [0, 50]],
  ]);
});

Deno.test("FoldIndex: a page rewritten each epoch keeps one piece", () => {
  const index = new FoldIndex(100);
  index.write(1, 0, 10, bytes(5));
  index.write(1, 0, 12, bytes(5));
  for (let epoch = 0; epoch < 9; epoch++) index.write(1, 0, 0, bytes(40));
  index.write(1, 0, 1, bytes(3));
  assert.deepEqual(index.takePageJobs()[0]!.pieces.map(({ start }) => start), [0, 1]);
});

Deno.test("FoldIndex: nothing is left of a removed group", () => {
  const index = new FoldIndex(100);
  index.write(1, 0, 0, bytes(5));
  index.write(2, 0, 0, bytes(5));
  index.remove(1);
  index.remove(3);
  assert.deepEqual(index.removedGroups(), [1, 3]);
  assert.deepEqual(index.takePageJobs().map(({ group }) => group), [2]);
});

Deno.test("covers: pieces must leave no gap below the length", () => {
  assert.ok(covers([], 0));
  assert.ok(!covers([], 1));
  assert.ok(covers([piece(5, 5), piece(0, 5)], 10));
  assert.ok(!covers([piece(5, 5), piece(0, 4)], 10));
  assert.ok(!covers([piece(0, 9)], 10));
  assert.ok(covers([piece(0, 9), piece(3, 2)], 9));
  assert.equal(endOf([piece(0, 9), piece(3, 2)]), 9);
});
