import assert from "node:assert/strict";
import { join } from "node:path";
import { replaceFile } from "../../lib/hdf5/mod.ts";

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("replaceFile: the file appears whole, with writes at any position, and nothing else", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.h5");
    const value = await replaceFile(path, async (sink) => {
      assert.equal(namesIn(folder).includes("a.h5"), false);
      await sink.write(Uint8Array.of(3, 4), 4);
      await sink.write(Uint8Array.of(5), 6);
      await sink.write(Uint8Array.of(1, 2), 0);
      return "value";
    });
    assert.equal(value, "value");
    assert.deepEqual([...Deno.readFileSync(path)], [1, 2, 0, 0, 3, 4, 5]);
    assert.deepEqual(namesIn(folder), ["a.h5"]);
  }));

Deno.test("replaceFile: a failure leaves the old file, and no other", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.h5");
    Deno.writeTextFileSync(path, "old");
    const failure = new RangeError("Cannot go on");
    await assert.rejects(
      replaceFile(path, async (sink) => {
        await sink.write(Uint8Array.of(1), 0);
        throw failure;
      }),
      failure,
    );
    assert.equal(Deno.readTextFileSync(path), "old");
    assert.deepEqual(namesIn(folder), ["a.h5"]);
  }));

Deno.test("replaceFile: two at once do not mix; one of them wins", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.h5");
    await Promise.all([1, 2].map((byte) =>
      replaceFile(path, async (sink) => {
        await sink.write(new Uint8Array(1000).fill(byte), 0);
        await sink.write(new Uint8Array(1000).fill(byte), 1000);
      })
    ));
    const bytes = Deno.readFileSync(path);
    assert.deepEqual(bytes, new Uint8Array(2000).fill(bytes[0]!));
    assert.deepEqual(namesIn(folder), ["a.h5"]);
  }));

Deno.test("replaceFile: a folder that is missing or that is in the way is an error", () =>
  withFolder(async (folder) => {
    const never = () => Promise.resolve();
    await assert.rejects(replaceFile(join(folder, "no", "a.h5"), never), Deno.errors.NotFound);
    Deno.mkdirSync(join(folder, "a.h5"));
    await assert.rejects(replaceFile(join(folder, "a.h5"), never));
    assert.deepEqual(namesIn(folder), ["a.h5"]);
  }));
