/**
 * What this disk allows: commits of one small value, one after the other, through the journal's own store.
 *
 * @module
 */

import { join } from "node:path";

import { openKvStore } from "../../../lib/journal/mod.ts";

const valueBytes = 2_064;
const measuredMs = 500;

/** Commits a second to an empty database: one value of the size of a 2 KB fill each, so one fsync. */
export async function measureBareCommits(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "histserv-commits-" });
  const store = await openKvStore(join(directory, "bare.kv"));
  try {
    const value = crypto.getRandomValues(new Uint8Array(valueBytes));
    let commits = 0;
    const startMs = performance.now();
    while (performance.now() - startMs < measuredMs) {
      await store.commit({ checks: [], sets: [{ key: ["value"], value }], deletes: [] });
      commits++;
    }
    return Math.round(commits / (performance.now() - startMs) * 1000);
  } finally {
    store.close();
    await Deno.remove(directory, { recursive: true });
  }
}
