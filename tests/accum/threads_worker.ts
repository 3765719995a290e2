/**
 * One thread of the stress test: makes, fills, grows, resets, reads and deletes histograms that all threads share, and notes
 * how each call ended.
 *
 * @module
 */

import {
  addChunks,
  addInitialChunks,
  Arena,
  ArenaFullError,
  EpochGate,
  type HistogramHandle,
  type Outcome,
  publishedEpoch,
  publishHistogram,
  readHistogram,
  Registry,
  regrowHistogram,
  resetHistogram,
} from "../../lib/accum/mod.ts";
import { assert, SeededPrng } from "../../lib/base/mod.ts";

/** What a thread is told. */
export interface StressOrder {
  readonly buffer: SharedArrayBuffer;
  /** In [1, 8]. */
  readonly threadIndex: number;
  readonly seed: number;
  readonly operations: number;
  /** One 32-bit word a thread: histograms that it made. */
  readonly made: SharedArrayBuffer;
  /** Histograms that are there from the start; those of odd position are reset now and then. */
  readonly standing: readonly string[];
  /** Whether answers come from the disk. */
  readonly isDurable: boolean;
}

/** A change that came through, and the epoch that holds it. */
export interface StressEvent {
  readonly kind: "create" | "fill" | "reset" | "delete";
  readonly id: string;
  readonly epoch: number;
  /** Of a fill: its unique id. */
  readonly uniqueId: string;
  /** Of a deletion: what the snapshot showed in every cell. */
  readonly total: number;
}

/** What a thread says at its end. */
export interface StressReport {
  readonly events: readonly StressEvent[];
  /** Calls that found no memory. */
  readonly refused: number;
  /** Reads that were compared. */
  readonly reads: number;
  /** Histograms that got larger chunks. */
  readonly growths: number;
  /** Epochs that the thread's gate said the disk refused. */
  readonly rejected: readonly number[];
  readonly error: string | null;
}

/** Chunks of every histogram: each fill adds 1 to all cells of all of them. */
export const CHUNKS = 3;
/** Larger chunks do not grow. */
const GROWN_BYTES_MAX = 65_536;

/** The id of the `n`-th histogram that a thread makes: others can guess it. */
export function idOf(threadIndex: number, n: number): string {
  // The table's hash is the first word: it must differ.
  const mixed = (Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(threadIndex, 0x85ebca6b)) >>> 0;
  return mixed.toString(16).padStart(8, "0") + threadIndex.toString(16).padStart(8, "0") +
    n.toString(16).padStart(16, "0");
}

/** The number in every cell of every chunk, 0 without chunks; throws if the cells differ. */
export function uniformTotal(registry: Registry, handle: HistogramHandle): number | null {
  const outcome = readHistogram(registry, handle, { read: (view) => totalOf(view, handle) });
  return outcome.value ?? null;
}

function totalOf(
  view: {
    chunkCount: number;
    copyChunk(i: number, place: { target: Uint8Array; at: number }): void;
  },
  handle: HistogramHandle,
): number {
  const cells = new Float64Array(handle.metadata.chunkBytes / 8);
  const target = new Uint8Array(cells.buffer);
  let total = -1;
  for (let ordinal = 0; ordinal < view.chunkCount; ordinal++) {
    view.copyChunk(ordinal, { target, at: 0 });
    for (const cell of cells) {
      if (total < 0) total = cell;
      assert(cell === total, `torn: ${cell} beside ${total} in chunk ${ordinal}`);
    }
  }
  assert(view.chunkCount === 0 || view.chunkCount === CHUNKS, `torn: ${view.chunkCount} chunks`);
  return Math.max(total, 0);
}

const keys = Array.from({ length: CHUNKS }, (_, i) => new TextEncoder().encode(`key ${i}`));

/** One addition of 1 to all cells. */
function ones(handle: HistogramHandle) {
  const cells = new Uint8Array(new Float64Array(handle.metadata.chunkBytes / 8).fill(1).buffer);
  return keys.map((key) => ({ key, cells }));
}

/** Gives a histogram larger chunks, all of their cells as those that were there. */
function grow(registry: Registry, handle: HistogramHandle, bytes: number): Outcome {
  const { metadata } = handle;
  const chunkBytes = metadata.chunkBytes + bytes;
  return regrowHistogram(registry, handle, {
    metadata: { ...metadata, chunkBytes, json: "{}".padEnd(2 + chunkBytes % 300) },
    move: (source, target) => (target as Float64Array).fill(source[0] as number),
  });
}

async function run(order: StressOrder): Promise<StressReport> {
  const { threadIndex, standing, isDurable } = order;
  const prng = new SeededPrng(order.seed + 7919 * threadIndex);
  const arena = new Arena(order.buffer);
  const registry = new Registry(arena, { threadIndex });
  const gate = new EpochGate(arena);
  const made = new Int32Array(order.made);
  const events: StressEvent[] = [];
  const rejected: number[] = [];
  let refused = 0;
  let reads = 0;
  let growths = 0;
  const note = (
    kind: StressEvent["kind"],
    id: string,
    more: { epoch: number } & Partial<StressEvent>,
  ) => events.push({ kind, id, uniqueId: "", total: 0, ...more });

  const create = (): void => {
    const id = idOf(threadIndex, made[threadIndex]!);
    const isLarge = prng.int(0, 12) === 0;
    const handle = registry.prepare({
      id,
      tokenDigest: prng.int(0, 2) === 0 ? new Uint8Array(32).fill(prng.int(1, 4)) : null,
      arithmetic: "f64",
      chunkBytes: 8 * (isLarge ? 30_000 : prng.int(1, 200)),
      createdWallMs: 0,
      name: "",
      label: "",
      categoryAxes: 0,
      json: "{}".padEnd(prng.int(2, 300)),
    });
    try {
      const uniqueId = `initial ${id}`;
      const isFilled = prng.int(0, 2) === 0;
      if (isFilled) addInitialChunks(registry, handle, ones(handle));
      const { epoch } = publishHistogram(registry, handle);
      note("create", id, { epoch, total: isFilled ? 1 : 0, uniqueId });
    } catch (error) {
      registry.discard(handle);
      throw error;
    }
    Atomics.store(made, threadIndex, made[threadIndex]! + 1);
  };

  const pick = (): { id: string; position: number } => {
    if (prng.int(0, 2) === 0) {
      const position = prng.int(0, standing.length);
      return { id: standing[position]!, position };
    }
    const thread = prng.int(1, made.length);
    const count = Atomics.load(made, thread);
    // Late ones, so that threads meet.
    return { id: idOf(thread, Math.max(0, count - 1 - prng.int(0, 4))), position: -1 };
  };

  const step = (number: number): number => {
    const choice = prng.int(0, 100);
    if (choice < 8) {
      create();
      return 0;
    }
    const { id, position } = pick();
    const handle = registry.find(id);
    if (!handle) return 0;
    if (choice < 70) {
      const uniqueId = `${threadIndex}:${number}`;
      const bytes = new TextEncoder().encode(uniqueId);
      const outcome = addChunks(registry, handle, { additions: ones(handle), uniqueId: bytes });
      if (outcome.status === "done") note("fill", id, { epoch: outcome.epoch, uniqueId });
      return outcome.epoch;
    }
    if (choice < 74) {
      if (handle.metadata.chunkBytes > GROWN_BYTES_MAX) return 0;
      const outcome = grow(registry, handle, 8 * prng.int(1, 50));
      if (outcome.status === "done") growths++;
      return outcome.epoch;
    }
    if (choice < 88) {
      if (uniformTotal(registry, handle) !== null) reads++;
      return 0;
    }
    if (choice < 91) {
      if (position % 2 !== 1) return 0;
      const outcome = resetHistogram(registry, handle);
      if (outcome.status === "done") note("reset", id, { epoch: outcome.epoch });
      return outcome.epoch;
    }
    if (position >= 0) return 0;
    const outcome = readHistogram(registry, handle, {
      read: (view) => totalOf(view, handle),
      thenDelete: () => true,
    });
    if (outcome.status === "done") {
      note("delete", id, { epoch: outcome.epoch, total: outcome.value! });
    }
    return outcome.epoch;
  };

  for (let number = 0; number < order.operations; number++) {
    let epoch = 0;
    try {
      epoch = step(number);
    } catch (error) {
      if (!(error instanceof ArenaFullError)) throw error;
      refused++;
    }
    if (isDurable && number % 25 === 0) {
      const isAcknowledged = await gate.pass(epoch, () => new RangeError("refused")).then(
        () => true,
        () => false,
      );
      if (!isAcknowledged) rejected.push(epoch);
      assert(!isAcknowledged || publishedEpoch(arena) >= epoch, "answered before its epoch");
    }
  }
  return { events, refused, reads, growths, rejected, error: null };
}

/** A worker's scope, of which TypeScript knows nothing here. */
const scope = globalThis as unknown as {
  WorkerGlobalScope?: unknown;
  onmessage: (event: { data: StressOrder }) => void;
  postMessage(report: StressReport): void;
};

// The test imports this module, too.
if (typeof scope.WorkerGlobalScope === "function") {
  scope.onmessage = ({ data }) => {
    run(data).then(
      (report) => scope.postMessage(report),
      (error) => {
        const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
        scope.postMessage({
          events: [],
          refused: 0,
          reads: 0,
          growths: 0,
          rejected: [],
          error: text,
        });
      },
    );
  };
}
