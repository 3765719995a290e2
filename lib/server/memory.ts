/**
 * How much memory the histograms may take when nobody says.
 *
 * @module
 */

import { getHeapStatistics } from "node:v8";

/** A budget and where it comes from, so that the start can say it. */
export interface MemoryBudget {
  /** In [64 KiB, 64 GiB]. */
  readonly bytes: number;
  /** Half of the machine, half of the container, an assumption because nothing may be read, or the user's word. */
  readonly source: "machine" | "cgroup" | "assumed" | "given";
}

/** The budget where the machine's memory may not be asked for (permission set `serve` has no `sys`). */
export const assumedBudgetBytes: number = 4 * 2 ** 30;

/** Smaller budgets hold not even the tables. */
export const budgetBytesMin: number = 2 ** 16;

/** The largest address space that one growable SharedArrayBuffer reserves safely. */
export const budgetBytesMax: number = 64 * 2 ** 30;

/** What can be known about the machine; null where it cannot. */
export interface MemoryFacts {
  readonly machineBytes: number | null;
  readonly cgroupBytes: number | null;
  /** V8 takes a quarter of the memory that it sees, up to about 4 GiB. */
  readonly heapLimitBytes: number;
}

/**
 * Half of the memory that this process may use.
 *
 * Without any permission to ask, 4 GiB, or less when V8's own heap limit shows a machine below 8 GiB.
 */
export function chooseBudget(facts: MemoryFacts): MemoryBudget {
  const { machineBytes, cgroupBytes } = facts;
  if (cgroupBytes !== null && (machineBytes === null || cgroupBytes < machineBytes)) {
    return { bytes: clampBudget(cgroupBytes / 2), source: "cgroup" };
  }
  if (machineBytes !== null) return { bytes: clampBudget(machineBytes / 2), source: "machine" };
  return {
    bytes: clampBudget(Math.min(assumedBudgetBytes, facts.heapLimitBytes * 2)),
    source: "assumed",
  };
}

/** Reads what the permissions allow. */
export function readMemoryFacts(): MemoryFacts {
  return {
    machineBytes: readMachineBytes(),
    cgroupBytes: readCgroupBytes(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
  };
}

function clampBudget(bytes: number): number {
  return Math.min(Math.max(Math.floor(bytes), budgetBytesMin), budgetBytesMax);
}

function readMachineBytes(): number | null {
  try {
    return Deno.systemMemoryInfo().total;
  } catch {
    return null; // NotCapable: no sys permission
  }
}

/** The limit of cgroup v2, then v1; "max" and v1's page-rounded 2^63 mean none. */
function readCgroupBytes(): number | null {
  if (Deno.build.os !== "linux") return null;
  for (const path of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    try {
      const bytes = Number(Deno.readTextFileSync(path).trim());
      if (Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60) return bytes;
    } catch {
      // Not there, or /sys is refused below full read permission.
    }
  }
  return null;
}
