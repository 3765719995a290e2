import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { JournalError, RedoBatch } from "../../lib/journal/mod.ts";
import { RedoReader } from "../../lib/journal/redo.ts";
import { recordHeadBytes } from "../../lib/journal/record.ts";

/** Entries as text, pieces of one write joined. */
function read(values: readonly Uint8Array[]): string[] {
  const entries: string[] = [];
  let open: { name: string; end: number } | null = null;
  const reader = new RedoReader(1, {
    write(group, member, offset, bytes) {
      const name = `${group}/${member}`;
      if (open?.name === name && open.end === offset) {
        entries.push(`${entries.pop()}${bytes.toHex()}`);
      } else entries.push(`${name}@${offset} ${bytes.toHex()}`);
      open = { name, end: offset + bytes.length };
    },
    remove(group) {
      entries.push(`-${group}`);
      open = null;
    },
  });
  for (const value of values) reader.push(value.subarray(recordHeadBytes));
  reader.finish();
  return entries;
}

Deno.test("RedoBatch: gives back writes and removals in order", () => {
  const batch = new RedoBatch();
  batch.write(1, 0, 0, Uint8Array.of(1, 2));
  batch.write(2, 31, 300, Uint8Array.of(3));
  batch.remove(1);
  assert.equal(batch.entryCount, 3);
  assert.deepEqual(read(batch.seal(1)), ["1/0@0 0102", "2/31@300 03", "-1"]);
});

Deno.test("RedoBatch: numbers up to 2^53 - 1 pass", () => {
  for (const number of [0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 49, 2 ** 53 - 2]) {
    const batch = new RedoBatch();
    batch.write(number, 0, number, Uint8Array.of(7));
    batch.remove(number);
    assert.deepEqual(read(batch.seal(1)), [`${number}/0@${number} 07`, `-${number}`]);
    assert.equal(batch.groupMax, number);
  }
});

Deno.test("RedoBatch: a number out of range is refused and records nothing", () => {
  const batch = new RedoBatch();
  const byte = Uint8Array.of(1);
  for (const bad of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => batch.write(bad, 0, 0, byte), RangeError);
    assert.throws(() => batch.write(0, 0, bad, byte), RangeError);
    assert.throws(() => batch.write(0, bad, 0, byte), RangeError);
    assert.throws(() => batch.remove(bad), RangeError);
  }
  assert.throws(() => batch.write(0, 32, 0, byte), RangeError);
  assert.throws(() => batch.write(0, 0, 2 ** 53 - 1, byte), RangeError);
  assert.ok(batch.isEmpty && batch.byteLength === 0);
});

Deno.test("RedoBatch: no bytes are no entry", () => {
  const batch = new RedoBatch();
  batch.write(1, 0, 0, new Uint8Array(0));
  assert.ok(batch.isEmpty);
  assert.deepEqual(batch.seal(1), []);
});

Deno.test("RedoBatch: copies at the call, also from shared memory", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(3)).fill(5);
  const batch = new RedoBatch();
  batch.write(1, 0, 0, bytes);
  bytes.fill(9);
  assert.deepEqual(read(batch.seal(1)), ["1/0@0 050505"]);
});

Deno.test("RedoBatch: entries run on over values of every size", () => {
  for (let partBytes = 64; partBytes < 100; partBytes++) {
    const prng = new SeededPrng(partBytes);
    const batch = new RedoBatch(partBytes);
    const expected: string[] = [];
    for (let entry = 0; entry < 60; entry++) {
      const group = entry + 2 ** 40;
      const bytes = Uint8Array.from({ length: prng.int(1, 150) }, () => prng.int(0, 256));
      batch.write(group, 1, 5, bytes);
      expected.push(`${group}/1@5 ${bytes.toHex()}`);
    }
    const values = batch.seal(3);
    for (const value of values.slice(0, -1)) assert.equal(value.length, partBytes);
    assert.deepEqual(read(values), expected, `part bytes (= seed) ${partBytes}`);
  }
});

Deno.test("RedoBatch: cleared, it can be filled again, and more can be added after a seal", () => {
  const batch = new RedoBatch(64);
  batch.write(1, 0, 0, new Uint8Array(500).fill(1));
  batch.seal(1);
  batch.remove(8);
  assert.equal(read(batch.seal(1)).at(-1), "-8");
  batch.clear();
  assert.ok(batch.isEmpty && batch.groupMax === 0);
  batch.write(2, 0, 0, Uint8Array.of(4));
  assert.deepEqual(read(batch.seal(2)), ["2/0@0 04"]);
});

Deno.test("RedoReader: bytes that are no entries are corrupt, not read on", () => {
  const bad: Record<string, number[]> = {
    "unknown operation": [3, 1],
    "cut after the operation": [1],
    "cut within a number": [1, 0x80],
    "cut within the bytes": [1, 1, 0, 0, 2, 9],
    "a number of nine bytes": [2, ...new Array(8).fill(0x80), 1],
    "a number of 2^53 and more": [2, ...new Array(7).fill(0xff), 0x7f],
    "member 32": [1, 1, 32, 0, 1, 9],
    "no bytes": [1, 1, 0, 0, 0],
    "bytes beyond 2^53": [1, 1, 0, ...new Array(7).fill(0xff), 0x0f, 1, 9],
  };
  for (const [name, bytes] of Object.entries(bad)) {
    const reader = new RedoReader(4, { write() {}, remove() {} });
    assert.throws(
      () => {
        reader.push(Uint8Array.from(bytes));
        reader.finish();
      },
      (error) => error instanceof JournalError && error.reason === "corrupt" && error.epoch === 4,
      name,
    );
  }
});
