/**
 * The load generator: 2 KB fills, each with a fresh 32-byte unique id, from one core; checks afterwards that the
 * histograms hold exactly the acknowledged fills. Prints one line of JSON.
 *
 *     deno run -A tests/bench/load/load.ts HOST:PORT [--connections 8] [--streams 8] [--histograms 1]
 *         [--seconds 2] [--warmup 0.5] [--no-ids]
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";

import { type HostPort, parseAddress } from "../../support/h2_client.ts";
import { type LoadState, runFillConnection } from "./fill_connection.ts";
import { createTargets, deleteTargets, verifyTargets } from "./fill_target.ts";

/** What to send. */
export interface LoadPlan {
  readonly connections: number;
  /** Streams of each connection: requests in flight. */
  readonly streams: number;
  /** Fills go round these one after the other. */
  readonly histograms: number;
  readonly hasUniqueIds: boolean;
  readonly seconds: number;
  /** Sent before the measured time; counted in the content, not in the rate. */
  readonly warmupSeconds: number;
}

/** What came of it. */
export interface LoadResult {
  readonly fillsPerSecond: number;
  readonly fills: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the load generator in % of one core: at 100 it measures itself. */
  readonly loadCpuPercent: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Whether the content equals the acknowledged fills exactly. */
  readonly isExact: boolean;
  readonly differences: readonly string[];
}

/** Fills a server for `plan.warmupSeconds + plan.seconds` and compares its content with the answers. */
export async function runLoad(address: HostPort, plan: LoadPlan): Promise<LoadResult> {
  const targets = await createTargets(address, plan.histograms);
  const startMs = performance.now();
  const measureFromMs = startMs + plan.warmupSeconds * 1000;
  const state: LoadState = {
    targets,
    hasUniqueIds: plan.hasUniqueIds,
    endMs: measureFromMs + plan.seconds * 1000,
    measureFromMs,
    randomState: crypto.getRandomValues(new Uint32Array(4)),
    nextTarget: 0,
    latenciesMs: new Float32Array(1 << 20),
    measuredCount: 0,
    errors: new Map(),
  };
  const cpu = cpuUsage();
  await Promise.all(
    Array.from(
      { length: plan.connections },
      () => runFillConnection(address, { streamCount: plan.streams, state }),
    ),
  );
  const { user, system } = cpuUsage(cpu);
  const elapsedMs = performance.now() - startMs;
  const differences = await verifyTargets(address, targets);
  await deleteTargets(address, targets);
  const sorted = state.latenciesMs.subarray(0, state.measuredCount).sort();
  const quantile = (q: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return {
    fillsPerSecond: Math.round(state.measuredCount / plan.seconds),
    fills: targets.reduce((sum, target) => sum + target.ackedCount, 0),
    p50Ms: round3(quantile(0.5) ?? 0),
    p99Ms: round3(quantile(0.99) ?? 0),
    loadCpuPercent: Math.round((user + system) / 10 / elapsedMs),
    errors: Object.fromEntries(state.errors),
    isExact: differences.length === 0,
    differences: differences.slice(0, 5),
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      connections: { type: "string", default: "8" },
      streams: { type: "string", default: "8" },
      histograms: { type: "string", default: "1" },
      seconds: { type: "string", default: "2" },
      warmup: { type: "string", default: "0.5" },
      "no-ids": { type: "boolean", default: false },
    },
  });
  const plan: LoadPlan = {
    connections: Number(values.connections),
    streams: Number(values.streams),
    histograms: Number(values.histograms),
    hasUniqueIds: !values["no-ids"],
    seconds: Number(values.seconds),
    warmupSeconds: Number(values.warmup),
  };
  const result = await runLoad(parseAddress(positionals[0] ?? "127.0.0.1:50051"), plan);
  await Deno.stdout.write(
    new TextEncoder().encode(`${JSON.stringify({ ...plan, ...result })}\n`),
  );
  return result.isExact && Object.keys(result.errors).length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
