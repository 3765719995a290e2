/**
 * Large fills that add 1 to every cell of two chunks: whatever part of one a snapshot misses, it shows.
 *
 * @module
 */

import type { SeededPrng } from "../../lib/base/mod.ts";
import { type ChunkedHistPayload, HistogrammerService } from "../../lib/wire/gen/hist_pb.ts";
import type { HostPort } from "../support/h2_client.ts";
import { UnaryClient } from "../support/unary_client.ts";
import { HistModel, LogicalClock, ModelViolation, type Operation } from "./hist_model.ts";

/** 64 KiB of doubles a chunk: many pages, and long enough to be caught in the middle. */
const cellCount = 8192;
const chunkNames = ["left", "right"] as const;
const snapshotOneIn = 5;
const resetOneIn = 40;
const method = HistogrammerService.method;

/** Who fills how often. */
export interface UniformFills {
  readonly server: HostPort;
  readonly prng: SeededPrng;
  readonly clientCount: number;
  readonly callsPerClient: number;
}

/**
 * Fills, resets and snapshots one histogram from all clients at once. A FillMany adds to both chunks, a Fill to
 * the left one alone.
 *
 * @throws {ModelViolation} if cells of a chunk differ, or their value is none that the answers allow.
 */
export async function fillUniformly(options: UniformFills): Promise<void> {
  const model = new HistModel(new LogicalClock());
  const first = await UnaryClient.open(options.server);
  const { histId } = await first.unary(method.init, { payload: { histJson: histJson() } });
  await Promise.all(Array.from({ length: options.clientCount }, async () => {
    const client = await UnaryClient.open(options.server);
    try {
      for (let call = 0; call < options.callsPerClient; call++) {
        await callOnce(client, { histId, model, prng: options.prng });
      }
    } finally {
      await client.close();
    }
  }));
  await snapshot(first, { histId, model });
  await first.close();
}

interface Target {
  readonly histId: string;
  readonly model: HistModel;
}

async function callOnce(
  client: UnaryClient,
  { histId, model, prng }: Target & { prng: SeededPrng },
): Promise<void> {
  if (prng.int(0, resetOneIn) === 0) {
    const reset = begun(model.beginReset());
    await client.unary(method.reset, { histId });
    model.endFound(reset);
  } else if (prng.int(0, snapshotOneIn) === 0) {
    await snapshot(client, { histId, model });
  } else if (prng.int(0, 2) === 0) {
    const mark = begun(model.beginMark([0]));
    await client.unary(method.fill, { histId, ...chunkOf("left") });
    model.endApplied(mark);
  } else {
    const mark = begun(model.beginMark([0, 1]));
    await client.unary(method.fillMany, { histId, chunks: chunkNames.map(chunkOf) });
    model.endApplied(mark);
  }
}

async function snapshot(client: UnaryClient, { histId, model }: Target): Promise<void> {
  const read = begun(model.begin());
  const { payload } = await client.unary(method.snapshot, { histId });
  model.endFound(read);
  for (const [chunk, name] of chunkNames.entries()) {
    const value = uniformValue(payload, name);
    const { min, max } = model.countBounds(read, chunk);
    if (value < min || value > max) {
      throw new ModelViolation(`chunk ${name} holds ${value} fills, not ${min} to ${max}`);
    }
  }
}

/** The value of all cells of a chunk; 0 where there is none. */
function uniformValue(payload: ChunkedHistPayload | undefined, name: string): number {
  const chunk = payload?.chunks.find((c) => c.chunkKey[0]?.value.value === name);
  if (chunk === undefined) return 0;
  const cells = new Float64Array(chunk.denseView.slice().buffer);
  if (cells.length !== cellCount) throw new ModelViolation(`chunk ${name}: ${cells.length} cells`);
  const other = cells.findIndex((cell) => cell !== cells[0]);
  if (other === -1) return cells[0]!;
  throw new ModelViolation(
    `chunk ${name} shows half a fill: cell 0 is ${cells[0]}, cell ${other} is ${cells[other]}`,
  );
}

function begun<O extends Operation>(operation: O): O {
  operation.attempts = 1;
  return operation;
}

const ones = new Uint8Array(new Float64Array(cellCount).fill(1).buffer);

function chunkOf(name: string) {
  return {
    chunkKey: [{ value: { case: "stringValue" as const, value: name } }],
    denseView: ones,
  };
}

function histJson(): string {
  return JSON.stringify({
    uhi_schema: 1,
    axes: [
      {
        type: "category_str",
        categories: [],
        flow: false,
        writer_info: { "boost-histogram": { growth: true } },
        metadata: { name: "side", label: "" },
      },
      {
        type: "regular",
        lower: 0,
        upper: 1,
        bins: cellCount - 2,
        underflow: true,
        overflow: true,
        circular: false,
        metadata: { name: "x", label: "" },
      },
    ],
    storage: { type: "double" },
    metadata: { name: "", label: "" },
  });
}
