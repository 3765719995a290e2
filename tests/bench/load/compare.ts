/**
 * The same load on our server and on a peer, run by run in turn, so that a noisy machine hits both alike. Before each
 * run of ours the disk's bare commits are measured, so that a slow disk shows as such.
 *
 *     deno run -A tests/bench/load/compare.ts OURS PEER [--none OURS_WITHOUT_DURABILITY] [--rounds 3] [--seconds 2]
 *
 * @module
 */

import { parseArgs } from "node:util";

import { type HostPort, parseAddress } from "../../support/h2_client.ts";
import { measureBareCommits } from "./bare_commits.ts";
import { type LoadPlan, type LoadResult, runLoad } from "./load.ts";

/** Where the servers of a comparison listen. */
export interface Contestants {
  readonly ours: HostPort;
  readonly peer: HostPort;
  /** Ours with `--durability none`; its case is left out without it. */
  readonly oursInMemory: HostPort | null;
}

/** One line of the table. */
export interface Comparison {
  readonly name: string;
  readonly ours: readonly LoadResult[];
  readonly peer: readonly LoadResult[];
  /** Median of ours over median of the peer's, fills per second. */
  readonly ratio: number;
  /** Bare commits of 2 KB a second, measured before each run of ours: what the disk gave just then. */
  readonly commitsPerSecond: readonly number[];
}

interface LoadCase {
  readonly name: string;
  readonly plan: Omit<LoadPlan, "seconds" | "warmupSeconds">;
  readonly isInMemory: boolean;
}

const wide = { connections: 8, streams: 8 } as const;
const narrow = { connections: 1, streams: 1 } as const;

/** The cases of the table. */
const cases: readonly LoadCase[] = [
  {
    name: "one histogram, ids, 8x8",
    plan: { ...wide, histograms: 1, hasUniqueIds: true },
    isInMemory: false,
  },
  {
    name: "1,000 histograms, ids, 8x8",
    plan: { ...wide, histograms: 1000, hasUniqueIds: true },
    isInMemory: false,
  },
  {
    name: "one histogram, no ids, 8x8",
    plan: { ...wide, histograms: 1, hasUniqueIds: false },
    isInMemory: false,
  },
  {
    name: "one histogram, ids, 1x1",
    plan: { ...narrow, histograms: 1, hasUniqueIds: true },
    isInMemory: false,
  },
  {
    name: "one histogram, ids, 8x8, none",
    plan: { ...wide, histograms: 1, hasUniqueIds: true },
    isInMemory: true,
  },
];

/** Runs all cases, `rounds` times each on both servers; `report` is called after each case. */
export async function compare(
  contestants: Contestants,
  options: { rounds: number; seconds: number; report: (comparison: Comparison) => void },
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const { name, plan, isInMemory } of cases) {
    const ours = isInMemory ? contestants.oursInMemory : contestants.ours;
    if (ours === null) continue;
    const full = { ...plan, seconds: options.seconds, warmupSeconds: 0.5 };
    const results: { ours: LoadResult[]; peer: LoadResult[] } = { ours: [], peer: [] };
    const commitsPerSecond: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      results.peer.push(await runLoad(contestants.peer, full));
      commitsPerSecond.push(await measureBareCommits());
      results.ours.push(await runLoad(ours, full));
    }
    const ratio = medianOf(results.ours, "fillsPerSecond") /
      medianOf(results.peer, "fillsPerSecond");
    comparisons.push({ name, ...results, ratio, commitsPerSecond });
    options.report(comparisons.at(-1)!);
  }
  return comparisons;
}

/** The heads of {@linkcode formatComparison}'s columns. */
export const comparisonHead: string = row([
  "case",
  "ours/s",
  "min..max",
  "peer/s",
  "ratio",
  "KV/s",
  "ours p50 ms",
  "p99",
  "peer p50",
  "p99",
  "exact",
  "load CPU",
]);

/** One line of text for a terminal. */
export function formatComparison(comparison: Comparison): string {
  const { name, ours, peer, ratio, commitsPerSecond } = comparison;
  const rates = ours.map((result) => result.fillsPerSecond);
  const isClean = (result: LoadResult) => result.isExact && Object.keys(result.errors).length === 0;
  return row([
    name,
    medianOf(ours, "fillsPerSecond").toFixed(0),
    `${Math.min(...rates)}..${Math.max(...rates)}`,
    medianOf(peer, "fillsPerSecond").toFixed(0),
    ratio.toFixed(1),
    median(commitsPerSecond).toFixed(0),
    medianOf(ours, "p50Ms").toFixed(2),
    medianOf(ours, "p99Ms").toFixed(2),
    medianOf(peer, "p50Ms").toFixed(2),
    medianOf(peer, "p99Ms").toFixed(2),
    `${ours.filter(isClean).length}/${ours.length} ${peer.filter(isClean).length}/${peer.length}`,
    `${medianOf(ours, "loadCpuPercent").toFixed(0)} %`,
  ]);
}

function row(columns: readonly string[]): string {
  const widths = [30, 8, 16, 8, 6, 6, 11, 7, 8, 7, 8, 9];
  return columns.map((text, k) => k === 0 ? text.padEnd(widths[k]!) : text.padStart(widths[k]!))
    .join(" ");
}

function medianOf(results: readonly LoadResult[], field: NumericField): number {
  return median(results.map((result) => result[field]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

type NumericField = "fillsPerSecond" | "p50Ms" | "p99Ms" | "loadCpuPercent";

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      none: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2" },
    },
  });
  if (positionals.length !== 2) throw new TypeError("Cannot compare: expected OURS and PEER");
  const print = (line: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  print(comparisonHead);
  await compare({
    ours: parseAddress(positionals[0]!),
    peer: parseAddress(positionals[1]!),
    oursInMemory: values.none === undefined ? null : parseAddress(values.none),
  }, {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    report: (comparison) => print(formatComparison(comparison)),
  });
}

if (import.meta.main) await main(Deno.args);
