import assert from "node:assert/strict";
import { JournalError, kvLimits } from "../../lib/journal/mod.ts";
import { PageDirectory, pagesPerBlock } from "../../lib/journal/page_directory.ts";

const key = ["hs", 1, "g", 7, 2];

Deno.test("PageDirectory: knows the pages added, by member, ascending", () => {
  const directory = new PageDirectory();
  for (const page of [9, 0, 8_191, 8]) directory.add(3, page, (page + 1) * 10);
  directory.add(0, 1, 20);
  const copy = PageDirectory.decode(directory.encode(7, 2), key);
  assert.deepEqual(copy.members(), [0, 3]);
  assert.deepEqual([...copy.pages(3)], [0, 8, 9, 8_191]);
  assert.deepEqual([...copy.pages(1)], []);
  assert.ok(copy.has(3, 8) && !copy.has(3, 7) && !copy.has(2, 8));
  assert.equal(copy.endBytes(3), 81_920);
});

Deno.test("PageDirectory: add says whether anything changed", () => {
  const directory = new PageDirectory();
  assert.equal(directory.add(0, 0, 100), true);
  assert.equal(directory.add(0, 0, 100), false);
  assert.equal(directory.add(0, 0, 50), false);
  assert.equal(directory.add(0, 0, 101), true);
  assert.equal(directory.endBytes(0), 101);
});

Deno.test("PageDirectory: without its last page it is empty", () => {
  const directory = new PageDirectory();
  directory.add(1, 5, 10);
  directory.add(1, 80, 10);
  directory.delete(1, 80);
  assert.ok(!directory.isEmpty);
  directory.delete(1, 5);
  assert.ok(directory.isEmpty);
});

Deno.test("PageDirectory: a full block of all members fits one value", () => {
  const directory = new PageDirectory();
  for (let member = 0; member < 32; member++) directory.add(member, pagesPerBlock - 1, 2 ** 52);
  const value = directory.encode(7, 2);
  assert.equal(value.length, directory.valueBytes);
  assert.ok(value.length <= kvLimits.valueBytesMax);
});

Deno.test("PageDirectory: a value of another group or block, or cut, is corrupt", () => {
  const directory = new PageDirectory();
  directory.add(0, 0, 1);
  const isCorrupt = (error: unknown) => error instanceof JournalError && error.reason === "corrupt";
  assert.throws(() => PageDirectory.decode(directory.encode(8, 2), key), isCorrupt);
  assert.throws(() => PageDirectory.decode(directory.encode(7, 3), key), isCorrupt);
  const value = directory.encode(7, 2);
  for (let length = 0; length < value.length; length++) {
    assert.throws(() => PageDirectory.decode(value.slice(0, length), key), isCorrupt);
  }
});
