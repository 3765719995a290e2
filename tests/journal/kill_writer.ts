/**
 * The process that kill_test.ts ends with SIGKILL: commits the seeded epochs from where the directory
 * stands, telling each on standard output when it is acked.
 *
 *     deno run -A --unstable-kv kill_writer.ts DIR SEED COUNT
 *
 * @module
 */

import { SeededPrng, systemClock } from "../../lib/base/mod.ts";
import { openDataDirectory } from "../../lib/journal/mod.ts";
import { randomEpochs, tinyOptions, toBatch } from "./journal_model.ts";

const [path, seed, count] = Deno.args;
const epochs = randomEpochs(new SeededPrng(Number(seed)), Number(count));
const { journal } = await openDataDirectory(path!, { ...tinyOptions, clock: systemClock });
await journal.replay({ write() {} });
for (let epoch = journal.epoch; epoch < epochs.length; epoch++) {
  await journal.commit(toBatch(epochs[epoch]!));
  Deno.stdout.writeSync(new TextEncoder().encode(`${epoch + 1}\n`));
  await journal.checkpointIfDue();
}
