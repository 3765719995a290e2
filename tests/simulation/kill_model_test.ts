/**
 * Clients against a server that is killed again and again. `HISTSERV_KILLS` sets how often (6; 20 in a full run),
 * `HISTSERV_SEED` the seed.
 *
 * @module
 */

import assert from "node:assert/strict";

import { SeededPrng } from "../../lib/base/mod.ts";
import { withServer } from "../support/server.ts";
import { withSeed } from "./seed.ts";
import { type OperationWeights, Workload } from "./workload.ts";

const killCount = Number(Deno.env.get("HISTSERV_KILLS") ?? 6);

const weights: OperationWeights = {
  fill: 600,
  fillMany: 200,
  resend: 40,
  wasFilled: 60,
  exists: 20,
  snapshot: 60,
  reset: 8,
  delete: 4,
  snapshotDelete: 6,
};

Deno.test(
  `Server: state equals the model of acknowledged operations over ${killCount} kills (issue 3)`,
  () =>
    withSeed((seed) =>
      withServer(async (server) => {
        const prng = new SeededPrng(seed);
        const workload = new Workload({
          server,
          prng,
          clientCount: 8,
          loopsPerClient: 2,
          histogramCount: 20,
          weights,
        });
        const running = workload.run();
        running.catch(() => {}); // it is awaited below, after the restart
        for (let kill = 0; kill < killCount; kill++) {
          await Promise.race([running, workload.untilAnswered(prng.int(0, 800))]);
          workload.serverGoesDown();
          await server.restart("SIGKILL");
          workload.serverIsUp();
        }
        await Promise.race([running, workload.untilAnswered(300)]);
        workload.stop();
        await running;
        assert.ok(workload.lostAnswerCount > 0, "no kill met an operation under way");
        await workload.checkAll();
        workload.serverGoesDown();
        assert.equal((await server.kill("SIGTERM")).code, 0);
        await server.start();
        workload.serverIsUp();
        await workload.checkAll();
      })
    ),
);
