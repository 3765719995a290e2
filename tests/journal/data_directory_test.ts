import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../lib/base/mod.ts";
import {
  JournalError,
  LockError,
  openDataDirectory,
  openKvStore,
  RedoBatch,
} from "../../lib/journal/mod.ts";

const options = { clock: systemClock };

async function inDirectory(body: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await body(`${path}/data`);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** A directory with one epoch, closed. */
async function fill(path: string): Promise<void> {
  const directory = await openDataDirectory(path, options);
  const batch = new RedoBatch();
  batch.write(1, 0, 0, new Uint8Array(70_000).fill(7));
  await directory.journal.commit(batch);
  await directory.close();
}

/** All files but the lock, with their bytes. */
async function contents(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name } of Deno.readDir(path)) {
    if (name !== "lock") files[name] = (await Deno.readFile(`${path}/${name}`)).toHex();
  }
  return files;
}

async function assertRefused(path: string, reason: string, message: RegExp): Promise<void> {
  const before = await contents(path);
  await assert.rejects(openDataDirectory(path, options), (error: JournalError) => {
    assert.ok(error instanceof JournalError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(await contents(path), before, "the files are untouched");
}

Deno.test("openDataDirectory: creates, and opens again what it held", () =>
  inDirectory(async (path) => {
    const first = await openDataDirectory(path, options);
    assert.ok(first.isNew);
    const { storeId } = first.journal;
    await first.close();
    await fill(path);
    const again = await openDataDirectory(path, options);
    assert.ok(!again.isNew);
    assert.equal(again.journal.storeId, storeId);
    assert.equal(again.journal.epoch, 1);
    let bytes = 0;
    await again.journal.replay({ write: (_, __, ___, data) => bytes += data.length });
    assert.equal(bytes, 70_000);
    await again.close();
  }));

Deno.test("openDataDirectory: a store truncated to nothing is not a fresh start", () =>
  inDirectory(async (path) => {
    await fill(path);
    await Deno.truncate(`${path}/store.kv`, 0);
    await assertRefused(path, "truncated", /store\.kv.*empty or missing.*marker\.json/);
  }));

Deno.test("openDataDirectory: a missing store is not a fresh start", () =>
  inDirectory(async (path) => {
    await fill(path);
    await Deno.remove(`${path}/store.kv`);
    await assertRefused(path, "truncated", /store\.kv.*empty or missing.*marker\.json/);
  }));

Deno.test("openDataDirectory: an empty store in place of the old one is truncated", () =>
  inDirectory(async (path) => {
    await fill(path);
    const kv = await openDataDirectory(`${path}/other`, options);
    await kv.close();
    await Deno.rename(`${path}/other/store.kv`, `${path}/store.kv`);
    await Deno.remove(`${path}/other`, { recursive: true });
    await assertRefused(path, "foreign", /store\.kv.*marker\.json.*expected/);
  }));

Deno.test("openDataDirectory: an older copy of the store is truncated", () =>
  inDirectory(async (path) => {
    await fill(path);
    await Deno.copyFile(`${path}/store.kv`, `${path}/old`);
    await fill(path);
    await fill(path);
    await Deno.rename(`${path}/old`, `${path}/store.kv`);
    await assertRefused(path, "truncated", /the store is at seq \d+, it once was at \d+/);
  }));

Deno.test("openDataDirectory: a store cut in the middle is an error at opening or at replay", () =>
  inDirectory(async (path) => {
    await fill(path);
    const { size } = await Deno.stat(`${path}/store.kv`);
    for (let bytes = 1; bytes < size; bytes += 4_999) {
      await Deno.copyFile(`${path}/store.kv`, `${path}.kv`);
      await Deno.truncate(`${path}/store.kv`, bytes);
      await assert.rejects(async () => {
        const { journal, close } = await openDataDirectory(path, options);
        await journal.replay({ write() {} }).finally(close);
      }, JournalError);
      await Deno.rename(`${path}.kv`, `${path}/store.kv`);
    }
  }));

Deno.test("openDataDirectory: a text file in place of the store is foreign", () =>
  inDirectory(async (path) => {
    await Deno.mkdir(path);
    await Deno.writeTextFile(`${path}/store.kv`, "my notes\n".repeat(1_000));
    await assertRefused(path, "foreign", /store\.kv.*not a database/);
  }));

Deno.test("openDataDirectory: another program's SQLite file is foreign", () =>
  inDirectory(async (path) => {
    await Deno.mkdir(path);
    const database = new DatabaseSync(`${path}/store.kv`);
    database.exec("CREATE TABLE notes (text)");
    database.close();
    await assertRefused(path, "foreign", /store\.kv.*another program's database/);
  }));

Deno.test("openDataDirectory: another program's Deno KV is foreign", () =>
  inDirectory(async (path) => {
    await Deno.mkdir(path);
    const store = await openKvStore(`${path}/store.kv`);
    const sets = [{ key: ["users", 1], value: Uint8Array.of(1) }];
    await store.commit({ checks: [], sets, deletes: [] });
    store.close();
    await assert.rejects(
      openDataDirectory(path, options),
      (error: JournalError) => error.reason === "foreign" && /store\.kv/.test(error.message),
    );
  }));

Deno.test("openDataDirectory: what the file system refuses is told by path", () =>
  inDirectory(async (path) => {
    await Deno.writeTextFile(path, "a file, not a directory");
    await assert.rejects(openDataDirectory(path, options), (error: JournalError) => {
      assert.ok(error instanceof JournalError && error.reason === "io", String(error));
      assert.ok(error.message.startsWith(`Cannot open data directory "${path}"`));
      return true;
    });
    await Deno.remove(path);
    await fill(path);
    await Deno.remove(`${path}/marker.json`);
    await Deno.mkdir(`${path}/marker.json/x`, { recursive: true });
    await assert.rejects(openDataDirectory(path, options), JournalError);
  }));

Deno.test("openDataDirectory: a marker that is not ours, damaged, or newer is refused by name", () =>
  inDirectory(async (path) => {
    await fill(path);
    const marker = JSON.parse(await Deno.readTextFile(`${path}/marker.json`));
    const cases: [unknown, string, RegExp][] = [
      ["{", "corrupt", /marker\.json.*not JSON/],
      ["x".repeat(5_000), "foreign", /marker\.json.*5000 bytes/],
      [{ name: "package" }, "foreign", /marker\.json.*format is not/],
      [{ ...marker, version: 2 }, "newer-format", /version 2, this program reads up to 1/],
      [{ ...marker, seq: -1 }, "corrupt", /marker\.json.*field/],
      [{ ...marker, storeId: "abc" }, "corrupt", /marker\.json.*field/],
    ];
    for (const [content, reason, message] of cases) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      await Deno.writeTextFile(`${path}/marker.json`, text);
      await assertRefused(path, reason, message);
    }
  }));

Deno.test("openDataDirectory: without its marker a store is taken as it is, and marked", () =>
  inDirectory(async (path) => {
    await fill(path);
    await Deno.remove(`${path}/marker.json`);
    const directory = await openDataDirectory(path, options);
    assert.equal(directory.journal.epoch, 1);
    await directory.close();
    assert.match(await Deno.readTextFile(`${path}/marker.json`), /histserv data directory/);
  }));

Deno.test("openDataDirectory: one holder at a time, in one process too", () =>
  inDirectory(async (path) => {
    const directory = await openDataDirectory(path, options);
    await assert.rejects(
      openDataDirectory(path, options),
      (error: LockError) => error instanceof LockError && error.holderPid === Deno.pid,
    );
    await directory.close();
    await fill(path);
  }));

Deno.test("openDataDirectory: another process's lock names its pid, and ends with it (kill -9)", () =>
  inDirectory(async (path) => {
    const journal = new URL("../../lib/journal/mod.ts", import.meta.url);
    const clock = new URL("../../lib/base/mod.ts", import.meta.url);
    const program = `import { openDataDirectory } from "${journal}";
      import { systemClock } from "${clock}";
      await openDataDirectory(${JSON.stringify(path)}, { clock: systemClock });
      console.log("open");
      await new Promise((resolve) => setInterval(resolve, 1e9));`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--unstable-kv", program],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await assert.rejects(openDataDirectory(path, options), (error: LockError) => {
      assert.equal(error.holderPid, child.pid);
      assert.match(error.message, new RegExp(`process ${child.pid}, started \\d{4}-`));
      return true;
    });
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await (await openDataDirectory(path, options)).close();
  }));
