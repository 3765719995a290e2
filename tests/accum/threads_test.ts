import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Arena,
  deleteHistogram,
  type Durability,
  hasDirty,
  readHistogram,
  readUsage,
  type Registry,
} from "../../lib/accum/mod.ts";
import { classUnits } from "../../lib/accum/arena.ts";
import {
  H_NEXT,
  H_WORDS,
  T_NEXT,
  T_WORDS,
  WORD_EPOCH_OPEN,
  WORD_FREE_HISTOGRAMS,
  WORD_FREE_TOKENS,
  WORD_HISTOGRAM_TABLE,
  WORD_TOKEN_TABLE,
} from "../../lib/accum/layout.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { bytesOf, FakeDisk, makeHistogram, makeRegistry } from "./support.ts";
import {
  idOf,
  type StressEvent,
  type StressOrder,
  type StressReport,
  uniformTotal,
} from "./threads_worker.ts";

const threadCount = 3;
const standingCount = 6;

interface StressResult {
  readonly registry: Registry;
  readonly disk: FakeDisk;
  readonly standing: readonly string[];
  readonly reports: readonly StressReport[];
  /** Those of epochs that reached the disk. */
  readonly events: readonly StressEvent[];
  readonly refusals: number;
}

/** Runs the threads; this one is the committer. */
async function stress(
  options: {
    seed: number;
    operations: number;
    durability: Durability;
    budgetBytes: number;
    /** Of 100 epochs, how many the disk refuses. */
    refusedPercent: number;
  },
): Promise<StressResult> {
  const { seed, operations, durability } = options;
  const prng = new SeededPrng(seed);
  const isVoid = new Set<number>();
  const registry = makeRegistry(options);
  const disk = new FakeDisk();
  const standing = Array.from(
    { length: standingCount },
    (_, i) => makeHistogram(registry, { cells: i === 0 ? 6000 : 10 * i }).metadata.id,
  );
  if (durability !== "none") disk.commit(registry); // else a refused first epoch would take them back
  const made = new SharedArrayBuffer(4 * (threadCount + 1));
  const workers: Worker[] = [];
  let running = threadCount;
  const ends = Array.from(
    { length: threadCount },
    (_, i) =>
      new Promise<StressReport>((resolve, reject) => {
        const worker = new Worker(import.meta.resolve("./threads_worker.ts"), { type: "module" });
        workers.push(worker);
        worker.onmessage = (event) => (running--, resolve(event.data as StressReport));
        worker.onerror = (event) => (running--, reject(event.error ?? event.message));
        const order: StressOrder = {
          buffer: registry.arena.buffer,
          threadIndex: i + 1,
          seed,
          operations,
          made,
          standing,
          isDurable: durability === "commit",
        };
        worker.postMessage(order);
      }),
  );
  try {
    while (running > 0) {
      if (durability !== "none" && hasDirty(registry.arena)) {
        if (prng.int(0, 100) >= options.refusedPercent) disk.commit(registry);
        else for (const epoch of refuse(registry, disk)) isVoid.add(epoch);
      }
      await nextTurn();
    }
    const reports = await Promise.all(ends);
    for (const { error } of reports) assert.equal(error, null, `seed ${seed}: ${error}`);
    if (durability !== "none") disk.commit(registry);
    for (const epoch of reports.flatMap(({ rejected }) => rejected)) assert.ok(isVoid.has(epoch));
    const events = reports.flatMap((report) => report.events)
      .filter(({ epoch }) => !isVoid.has(epoch));
    return { registry, disk, standing, reports, events, refusals: isVoid.size };
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** The disk refuses the open epoch; gives all epochs whose changes were taken back. */
function refuse(registry: Registry, disk: FakeDisk): number[] {
  const open = () => registry.arena.f64[WORD_EPOCH_OPEN / 2]!;
  const first = open();
  disk.refuse(registry);
  return Array.from({ length: open() - first }, (_, i) => first + i);
}

/** Whether a memory holds what the events up to `epoch` say: all of them, whole, and nothing else. */
function checkState(result: StressResult, registry: Registry, epoch: number, note: string): void {
  const byId = new Map<string, StressEvent[]>(result.standing.map((id) => [id, []]));
  for (const event of result.events) {
    if (!byId.has(event.id)) byId.set(event.id, []);
    byId.get(event.id)!.push(event);
  }
  for (const [id, events] of byId) {
    const at = `${note}, histogram ${id}`;
    const happened = events.filter((event) => event.epoch <= epoch);
    const handle = registry.find(id);
    const isStanding = result.standing.includes(id);
    const isThere = (isStanding || happened.some(({ kind }) => kind === "create")) &&
      !happened.some(({ kind }) => kind === "delete");
    assert.equal(handle !== null, isThere, `${at}: is there`);
    if (!handle) continue;
    const fills = events.filter(({ kind }) => kind === "fill");
    const present = readHistogram(registry, handle, {
      read: (view) => fills.filter((fill) => view.hasUniqueId(bytesOf(fill.uniqueId))),
    }).value!;
    const initial = isStanding ? 0 : events.find(({ kind }) => kind === "create")!.total;
    assert.equal(uniformTotal(registry, handle), present.length + initial, `${at}: cells and ids`);
    const resets = happened.filter(({ kind }) => kind === "reset");
    for (const fill of fills) {
      const isPresent = present.includes(fill);
      if (isPresent) assert.ok(fill.epoch <= epoch, `${at}: ${fill.uniqueId} of a later epoch`);
      else if (fill.epoch <= epoch) {
        assert.ok(
          resets.some((reset) => reset.epoch >= fill.epoch),
          `${at}: ${fill.uniqueId} lost`,
        );
      }
    }
  }
}

/** What a deletion showed is all that was ever filled: no fill fell between. */
function checkDeletions(events: readonly StressEvent[], note: string): void {
  for (const deletion of events.filter(({ kind }) => kind === "delete")) {
    const own = events.filter(({ id }) => id === deletion.id);
    const initial = own.find(({ kind }) => kind === "create")!.total;
    const fills = own.filter(({ kind }) => kind === "fill").length;
    assert.equal(deletion.total, initial + fills, `${note}, histogram ${deletion.id}`);
    assert.equal(own.filter(({ kind }) => kind === "delete").length, 1);
  }
}

/** Bytes of records in the pools and of the two tables: all that may be in use without histograms. */
function poolBytes(arena: Arena): number {
  const blockBytes = (bytes: number): number =>
    bytes === 0 ? 0 : classUnits(Math.ceil(bytes / 64)) * 64;
  const { words } = arena;
  let bytes = 0;
  for (let free = words[WORD_FREE_HISTOGRAMS]!; free !== 0; free = words[free * 16 + H_NEXT]!) {
    bytes += blockBytes(H_WORDS * 4);
  }
  for (let free = words[WORD_FREE_TOKENS]!; free !== 0; free = words[free * 16 + T_NEXT]!) {
    bytes += blockBytes(T_WORDS * 4);
  }
  for (const table of [WORD_HISTOGRAM_TABLE, WORD_TOKEN_TABLE]) {
    bytes += blockBytes(words[table + 1]! * 4);
  }
  return bytes;
}

function deleteAll(result: StressResult): void {
  const { registry, disk, standing, events } = result;
  const created = events.filter(({ kind }) => kind === "create").map(({ id }) => id);
  for (const id of [...standing, ...created]) {
    const handle = registry.find(id);
    if (handle) deleteHistogram(registry, handle);
  }
  disk.commit(registry);
}

Deno.test("threads: idOf gives each histogram an id of its own", () => {
  const ids = [1, 2, 3].flatMap((thread) => Array.from({ length: 500 }, (_, n) => idOf(thread, n)));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
});

const runs: readonly {
  readonly title: string;
  readonly durability?: Durability;
  readonly budgetBytes?: number;
  readonly operations?: number;
  readonly refusedPercent?: number;
}[] = [
  { title: "with a committer" },
  { title: "with a disk that refuses now and then", refusedPercent: 20 },
  { title: "short of memory", budgetBytes: 2 * 2 ** 20 },
  { title: "in memory only", durability: "none", operations: 4000 },
];

for (const { title, ...choices } of runs) {
  const { durability = "commit", budgetBytes = 256 * 2 ** 20, operations = 1000 } = choices;
  const { refusedPercent = 0 } = choices;
  Deno.test(`threads: fill, grow, reset, make and delete at once, ${title}: nothing is torn, lost or leaked (seeded)`, async () => {
    const seed = Number(Deno.env.get("HISTSERV_SEED") ?? 20261122);
    const note = `seed ${seed}`;
    const result = await stress({ seed, operations, durability, budgetBytes, refusedPercent });
    const { registry, disk, events, reports } = result;
    checkState(result, registry, Infinity, note);
    checkDeletions(events, note);
    // That something happened at all: how much depends on how the threads meet, and on what is refused.
    assert.ok(events.length > operations / 4 && reports.every(({ reads }) => reads > 20), note);
    assert.ok(reports.reduce((sum, report) => sum + report.growths, 0) > 10, note);
    const refused = reports.reduce((sum, report) => sum + report.refused, 0);
    assert.equal(refused > 0, title === "short of memory", `${refused} refused`);
    assert.equal(result.refusals > 0, refusedPercent > 0);

    if (durability === "commit") {
      const prng = new SeededPrng(seed);
      const cuts = Array.from({ length: 4 }, () => prng.int(0, disk.epochs.length));
      for (const cut of [...cuts, disk.epochs.length]) {
        const epoch = disk.epochs[cut - 1]?.epoch ?? 0;
        if (cut === 0) continue;
        const restored = disk.restore({ epochCount: cut, budgetBytes: 512 * 2 ** 20 });
        checkState(result, restored, epoch, `${note}, restored at epoch ${epoch}`);
      }
    }

    deleteAll(result);
    const usage = readUsage(registry.arena, null);
    assert.deepEqual([usage.histograms, usage.chunkBytes], [0, 0n], note);
    registry.arena.sync();
    assert.equal(registry.arena.usedBytes, poolBytes(registry.arena), note);
  });
}
