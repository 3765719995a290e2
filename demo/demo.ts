/**
 * `deno task demo`: a Z→μμ analysis through the unmodified Python client, with a `kill -9` of the server in the middle,
 * and a proof that nothing was lost and nothing counted twice. Exit code 1 if the proof fails.
 *
 *     deno task demo [--events 1000000] [--workers 4] [--seed 2026] [--durability commit]
 *
 * The analysis itself is dimuon.py; this module starts and kills the server and runs the analysis' processes.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";

import { pythonTool } from "../tests/support/python.ts";
import { serverProgram } from "../tests/support/server.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import { readLines, runPython } from "./python_process.ts";

/** What dimuon.py needs to make the same events in every process. */
interface Plan {
  readonly seed: number;
  readonly events: number;
  readonly items: number;
  readonly connections: unknown;
}

/** One line of a filling process. */
interface Acknowledgement {
  readonly item: number;
  readonly attempts: number;
  /** The answer of an earlier attempt was lost, its fill was not. */
  readonly wasCounted: boolean;
}

interface Options {
  readonly python: string;
  readonly events: number;
  readonly workers: number;
  readonly seed: number;
}

const script = join(import.meta.dirname!, "dimuon.py");
const itemCount = 500;
/** Share of the work items that are acknowledged when the server is killed. */
const killAfterShare = 0.4;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: "string", default: "1000000" },
      workers: { type: "string", default: "4" },
      seed: { type: "string", default: "2026" },
      durability: { type: "string", default: "commit" },
    },
  });
  print("Looking for Python with histserv 0.2.1 (the first time, a virtual environment is made)");
  const python = await pythonTool("0.2.1");
  if (!python.available) {
    print(`Cannot run the demo: ${python.reason}; to get it: ${python.howToGet}`);
    return 2;
  }
  const server = await ServerProcess.start(
    serverProgram({ args: ["--durability", values.durability] }),
  );
  try {
    return await runDemo(server, {
      python: python.path,
      events: Number(values.events),
      workers: Number(values.workers),
      seed: Number(values.seed),
    });
  } finally {
    await server.stop();
  }
}

async function runDemo(server: ServerProcess, options: Options): Promise<number> {
  const { python, events, workers, seed } = options;
  const address = `${server.host}:${server.port}`;
  print(
    `Z→μμ: ${events.toLocaleString("en")} events in ${itemCount} work items, seed ${seed}, ` +
      `${workers} Python processes`,
  );
  print(`Server: process ${server.pid} on ${address}, data in ${server.dataDirectory}`);
  const init = await runPython([python, script, "init", address]);
  if (init.code !== 0) return fail(`the histograms could not be made\n${init.errors}`);
  const plan: Plan = { seed, events, items: itemCount, connections: JSON.parse(init.output) };
  const filled = await fillWithKill(server, { ...options, plan });
  if (filled === null) return fail("a process that fills gave up");
  print("Proof: the same events filled into local histograms");
  const proof = await runPython([python, script, "prove", JSON.stringify(plan)]);
  print(proof.output.trimEnd());
  if (proof.code !== 0) return fail(`the server's histograms are wrong\n${proof.errors}`);
  print(`PASSED: ${filled.acknowledged} of ${itemCount} work items counted exactly once`);
  return 0;
}

/** Fills in several processes and kills the server in the middle; null if one of the processes failed. */
async function fillWithKill(
  server: ServerProcess,
  options: Options & { plan: Plan },
): Promise<{ acknowledged: number } | null> {
  const { python, plan, workers } = options;
  const startMs = performance.now();
  const elapsed = () => `${((performance.now() - startMs) / 1000).toFixed(2).padStart(6)} s`;
  const counts = { acknowledged: 0, retried: 0, wasCounted: 0 };
  let restarted: Promise<void> | null = null;
  const restart = async () => {
    const pid = server.pid;
    print(`${elapsed()}  ${counts.acknowledged} items acknowledged: kill -9 ${pid}`);
    const printedBefore = server.output.length;
    const killedMs = performance.now();
    await server.restart("SIGKILL");
    const downMs = Math.round(performance.now() - killedMs);
    print(`${elapsed()}  the server answers again after ${downMs} ms: process ${server.pid}`);
    for (const line of server.output.slice(printedBefore).split("\n")) {
      if (/restored/i.test(line)) print(`          it says: ${line.trim()}`);
    }
  };
  const processes = Array.from({ length: workers }, async (_, worker) => {
    const command = [python, script, "fill", JSON.stringify(plan), `${worker}`, `${workers}`];
    return await readLines(command, (line) => {
      const { attempts, wasCounted } = JSON.parse(line) as Acknowledgement;
      counts.acknowledged++;
      if (attempts > 1) counts.retried++;
      if (wasCounted) counts.wasCounted++;
      if (counts.acknowledged < plan.items * killAfterShare || restarted !== null) return;
      restarted = restart();
      restarted.catch(() => {}); // it is awaited below
    });
  });
  print(`${elapsed()}  filling`);
  const results = await Promise.all(processes);
  await restarted;
  for (const { errors } of results.filter((result) => result.code !== 0)) print(errors.trimEnd());
  print(
    `${elapsed()}  ${counts.acknowledged} items acknowledged; ${counts.retried} of them were sent ` +
      `more than once, of which ${counts.wasCounted} were on disk already`,
  );
  const isComplete = results.every((result) => result.code === 0) &&
    counts.acknowledged === plan.items;
  return isComplete ? counts : null;
}

function fail(reason: string): number {
  print(`FAILED: ${reason}`);
  return 1;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
