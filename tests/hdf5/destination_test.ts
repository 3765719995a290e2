import assert from "node:assert/strict";
import { join } from "node:path";
import {
  DestinationError,
  type DestinationErrorReason,
  resolveInside,
} from "../../lib/hdf5/mod.ts";

/** A folder `base` beside a folder `other`, both real paths. */
async function withFolders(
  run: (folders: { base: string; other: string }) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    const [base, other] = [join(root, "base"), join(root, "other")];
    await Deno.mkdir(join(base, "sub"), { recursive: true });
    await Deno.mkdir(other);
    await run({ base, other });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function assertRefused(
  answer: Promise<string>,
  reason: DestinationErrorReason,
): Promise<void> {
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof DestinationError, String(error));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
}

Deno.test("resolveInside: takes relative and absolute paths inside the folder", () =>
  withFolders(async ({ base }) => {
    assert.equal(await resolveInside(base, "a.h5"), join(base, "a.h5"));
    assert.equal(await resolveInside(base, "sub/a.hdf5"), join(base, "sub", "a.hdf5"));
    assert.equal(await resolveInside(base, join(base, "sub/a.h5")), join(base, "sub", "a.h5"));
    assert.equal(await resolveInside(base, "sub/../a.h5"), join(base, "a.h5"));
    assert.equal(await resolveInside(base, "..a.h5"), join(base, "..a.h5"));
  }));

Deno.test("resolveInside: an existing file may be replaced, a folder may not", () =>
  withFolders(async ({ base }) => {
    await Deno.writeTextFile(join(base, "old.h5"), "old");
    await Deno.mkdir(join(base, "folder.h5"));
    assert.equal(await resolveInside(base, "old.h5"), join(base, "old.h5"));
    await assertRefused(resolveInside(base, "folder.h5"), "not_a_file");
    await assertRefused(resolveInside(base, "old.h5/a.h5"), "no_directory");
  }));

Deno.test("resolveInside: names end in .h5 or .hdf5 and hold no NUL", () =>
  withFolders(async ({ base }) => {
    for (
      const name of [
        "",
        "a",
        "a.H5",
        "a.h5/",
        "a.h5\0",
        "a\0.h5",
        "a.h5.txt",
        `${"ä".repeat(127)}.h5`,
      ]
    ) {
      await assertRefused(resolveInside(base, name), "name");
    }
  }));

Deno.test("resolveInside: refuses everything outside, whether it exists or not", () =>
  withFolders(async ({ base, other }) => {
    await assertRefused(resolveInside(base, "../a.h5"), "outside");
    await assertRefused(resolveInside(base, "../base.h5"), "outside");
    await assertRefused(resolveInside(base, "../missing/a.h5"), "outside");
    await assertRefused(resolveInside(base, join(other, "a.h5")), "outside");
    await assertRefused(resolveInside(base, `${base}-b/a.h5`), "outside");
    await assertRefused(resolveInside(base, "sub/../../other/a.h5"), "outside");
    await assertRefused(resolveInside(base, "missing/a.h5"), "no_directory");
  }));

Deno.test("resolveInside: symbolic links that lead outside are refused, dangling ones too", () =>
  withFolders(async ({ base, other }) => {
    await Deno.symlink(other, join(base, "away"));
    await Deno.writeTextFile(join(other, "real.h5"), "");
    await Deno.symlink(join(other, "real.h5"), join(base, "file.h5"));
    await Deno.symlink(join(other, "none.h5"), join(base, "dangling.h5"));
    await Deno.symlink("loop.h5", join(base, "loop.h5"));
    await assertRefused(resolveInside(base, "away/a.h5"), "outside");
    await assertRefused(resolveInside(base, "away/missing/a.h5"), "outside");
    await assertRefused(resolveInside(base, "file.h5"), "outside");
    await assertRefused(resolveInside(base, "dangling.h5"), "outside");
    await assertRefused(resolveInside(base, "loop.h5"), "outside");
  }));

Deno.test("resolveInside: symbolic links that stay inside, or lead to the folder, are followed", () =>
  withFolders(async ({ base, other }) => {
    await Deno.symlink(join(base, "sub"), join(base, "link"));
    await Deno.writeTextFile(join(base, "sub", "real.h5"), "");
    await Deno.symlink("sub/real.h5", join(base, "file.h5"));
    await Deno.symlink(base, join(other, "base"));
    assert.equal(await resolveInside(base, "link/a.h5"), join(base, "sub", "a.h5"));
    assert.equal(await resolveInside(base, "file.h5"), join(base, "sub", "real.h5"));
    assert.equal(await resolveInside(join(other, "base"), "a.h5"), join(base, "a.h5"));
    assert.equal(
      await resolveInside(join(other, "base"), join(other, "base", "a.h5")),
      join(base, "a.h5"),
    );
  }));
