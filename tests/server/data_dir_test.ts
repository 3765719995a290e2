/** @module */

import assert from "node:assert/strict";
import { createDataDir, defaultDataDir } from "../../lib/server/data_dir.ts";
import { OptionError, StartError } from "../../lib/server/start_error.ts";

Deno.test("defaultDataDir: the platform's own place (XDG Base Directory Specification 0.8)", () => {
  const choose = (os: typeof Deno.build.os, env: Record<string, string>): string =>
    defaultDataDir({ os, env: (name) => env[name] });
  assert.equal(choose("linux", { HOME: "/home/a" }), "/home/a/.local/share/histserv");
  assert.equal(choose("linux", { HOME: "/home/a", XDG_DATA_HOME: "/x" }), "/x/histserv");
  assert.equal(choose("linux", { XDG_DATA_HOME: "/x" }), "/x/histserv");
  assert.equal(
    choose("linux", { HOME: "/home/a", XDG_DATA_HOME: "relative" }),
    "/home/a/.local/share/histserv",
  );
  assert.equal(
    choose("darwin", { HOME: "/Users/a", XDG_DATA_HOME: "/x" }),
    "/Users/a/Library/Application Support/histserv",
  );
  assert.equal(choose("windows", { LOCALAPPDATA: "C:\\A" }), "C:\\A\\histserv");
  assert.throws(() => choose("linux", {}), OptionError);
  assert.throws(() => choose("windows", { HOME: "/home/a" }), OptionError);
});

Deno.test("createDataDir: makes parents, for the owner only, and takes what is there", async () => {
  const dir = await Deno.makeTempDir();
  try {
    createDataDir(`${dir}/a/b`);
    if (Deno.build.os !== "windows") assert.equal(Deno.statSync(`${dir}/a/b`).mode! & 0o777, 0o700);
    createDataDir(`${dir}/a/b`);
    Deno.writeTextFileSync(`${dir}/file`, "");
    assert.throws(() => createDataDir(`${dir}/file`), StartError);
    assert.throws(() => createDataDir(`${dir}/file/below`), StartError);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
