/**
 * All I/O threads at work on the same few histograms: many connections, so that the kernel spreads them over the threads'
 * listeners, and no kills. `HISTSERV_SEED` sets the seed.
 *
 * @module
 */

import { SeededPrng } from "../../lib/base/mod.ts";
import { serverProgram, withServer } from "../support/server.ts";
import { withServerProcess } from "../support/server_process.ts";
import { withSeed } from "./seed.ts";
import { fillUniformly } from "./uniform_fills.ts";
import { type OperationWeights, Workload } from "./workload.ts";

const threadCount = 4;
const clientCount = 24;

const weights: OperationWeights = {
  fill: 500,
  fillMany: 250,
  resend: 40,
  wasFilled: 40,
  exists: 10,
  snapshot: 80,
  reset: 20,
  delete: 5,
  snapshotDelete: 20,
};

for (
  const { durability, answerCount } of [
    { durability: "commit", answerCount: 6_000 },
    { durability: "none", answerCount: 12_000 },
  ]
) {
  const args = ["--threads", String(threadCount), "--durability", durability];

  Deno.test(
    `Server: ${threadCount} threads on the same histograms equal the model, durability ${durability} (issue 3)`,
    () =>
      withSeed((seed) =>
        withServer(async (server) => {
          const workload = new Workload({
            server,
            prng: new SeededPrng(seed),
            clientCount,
            loopsPerClient: 2,
            histogramCount: 3,
            weights,
          });
          const running = workload.run();
          await Promise.race([running, workload.untilAnswered(answerCount)]);
          workload.stop();
          await running;
          await workload.checkAll();
        }, { args })
      ),
  );

  Deno.test(
    `Server: a snapshot never shows half a fill, ${threadCount} threads, durability ${durability} (issue 3)`,
    () =>
      withSeed((seed) =>
        withServerProcess(
          serverProgram({ args }),
          (server) =>
            fillUniformly({
              server,
              prng: new SeededPrng(seed),
              clientCount,
              callsPerClient: 80,
            }),
        )
      ),
  );
}
