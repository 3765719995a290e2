import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { openDataDirectory } from "../../lib/journal/mod.ts";
import { JournalModel, prefixFingerprints, randomEpochs, tinyOptions } from "./journal_model.ts";

const seed = 31;
const kills = 6;
const epochCount = 4_000;

Deno.test("Journal: SIGKILL of the writing process loses nothing acked, and nothing is half", async () => {
  const parent = await Deno.makeTempDir();
  const path = `${parent}/data`;
  const writer = new URL("./kill_writer.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--unstable-kv", writer, path, `${seed}`, `${epochCount}`];
  const expected = prefixFingerprints(randomEpochs(new SeededPrng(seed), epochCount));
  const prng = new SeededPrng(seed);
  let epoch = 0;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
      // By acks, not by time: at least so many, then whatever the pipe still holds.
      const acksMin = prng.int(20, 200);
      let told = "";
      let isKilled = false;
      const acks = () => told.split("\n").length - 1;
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        told += chunk;
        if (acks() < acksMin || isKilled) continue;
        isKilled = true;
        child.kill("SIGKILL");
      }
      await child.status;
      const acked = Number(told.trimEnd().split("\n").at(-1));
      const { journal, close } = await openDataDirectory(path, tinyOptions);
      const model = new JournalModel();
      const report = await journal.replay(model);
      await close();
      const where = `seed ${seed}, kill ${kill}: epoch ${report.epoch}, acked ${acked}`;
      assert.ok(acks() >= acksMin && acked >= epoch + acksMin, where);
      assert.ok(report.epoch === acked || report.epoch === acked + 1, where);
      assert.ok(model.fingerprint() === expected[report.epoch], where);
      epoch = report.epoch;
    }
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});
