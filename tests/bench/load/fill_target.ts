/**
 * The histograms that a load fills: made before it, compared with the acknowledged fills after it.
 *
 * @module
 */

import { GrpcStatusError, Status, UnaryClient } from "../../support/unary_client.ts";
import type { HostPort } from "../../support/h2_client.ts";
import { HistogrammerService } from "../../../lib/wire/gen/hist_pb.ts";

/** 256 bins with flow, of doubles: the 2 KB body of `fill_2KB`. */
const binCount = 256;
const extent = binCount + 2;
const callsAtOnceMax = 64;
const method = HistogrammerService.method;

/** What every fill adds, cell by cell: the same pattern as in `fill_2KB`. */
export const fillValues: Float64Array<ArrayBuffer> = Float64Array.from(
  { length: extent },
  (_, k) => k % 7 + 1,
);

/** One histogram and what it must hold. */
export interface FillTarget {
  readonly histId: string;
  /** Fills that were answered with OK. */
  ackedCount: number;
  /** Fills that were sent and never answered: each may be in or out. */
  unansweredCount: number;
  /** A few unique ids of acknowledged fills. */
  readonly idSamples: Uint8Array[];
}

/** Makes `count` empty histograms. */
export async function createTargets(address: HostPort, count: number): Promise<FillTarget[]> {
  const histJson = JSON.stringify({
    uhi_schema: 1,
    axes: [{
      type: "regular",
      lower: 0,
      upper: 1,
      bins: binCount,
      underflow: true,
      overflow: true,
      circular: false,
      metadata: { name: "x", label: "" },
    }],
    storage: { type: "double" },
    metadata: { name: "load", label: "" },
  });
  const targets: FillTarget[] = [];
  await withClient(address, async (client) => {
    await inBatches(Array.from({ length: count }, (_, k) => k), async () => {
      const { histId } = await client.unary(method.init, { payload: { histJson } });
      targets.push({ histId, ackedCount: 0, unansweredCount: 0, idSamples: [] });
    });
  });
  return targets;
}

/** Says for each histogram that differs from its acknowledged fills, how; empty when all is exact. */
export async function verifyTargets(
  address: HostPort,
  targets: readonly FillTarget[],
): Promise<string[]> {
  const differences: string[] = [];
  await withClient(address, async (client) => {
    await inBatches(targets, async (target) => {
      const difference = await findDifference(client, target);
      if (difference !== null) differences.push(`${target.histId}: ${difference}`);
    });
  });
  return differences;
}

/** Deletes the histograms, so that the next run starts with a server of the same size. */
export async function deleteTargets(
  address: HostPort,
  targets: readonly FillTarget[],
): Promise<void> {
  await withClient(address, async (client) => {
    await inBatches(targets, async ({ histId }) => {
      await client.unary(method.delete, { histId });
    });
  });
}

async function findDifference(client: UnaryClient, target: FillTarget): Promise<string | null> {
  const { histId, ackedCount, unansweredCount } = target;
  const { payload } = await client.unary(method.snapshot, { histId });
  const chunks = payload?.chunks ?? [];
  if (chunks.length > 1) return `${chunks.length} chunks in place of one`;
  const cells = chunks.length === 0
    ? new Float64Array(extent)
    : new Float64Array(chunks[0]!.denseView.slice().buffer);
  if (cells.length !== extent) return `${cells.length} cells in place of ${extent}`;
  const count = cells[0]! / fillValues[0]!;
  if (!cells.every((cell, k) => cell === count * fillValues[k]!)) return "a part of a fill";
  if (count < ackedCount || count > ackedCount + unansweredCount) {
    return `${count} fills in place of ${ackedCount} (+ ${unansweredCount} unanswered)`;
  }
  for (const uniqueId of target.idSamples) {
    const { wasFilled } = await client.unary(method.wasFilledWithUniqueId, { histId, uniqueId });
    if (!wasFilled) return "an acknowledged unique id is unknown";
    const again = await statusOf(
      client.unary(method.fill, { histId, uniqueId, denseView: new Uint8Array(fillValues.buffer) }),
    );
    if (again !== Status.alreadyExists) return `a second fill with the same id: status ${again}`;
  }
  return null;
}

async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return Status.ok;
  } catch (error) {
    if (error instanceof GrpcStatusError) return error.code;
    throw error;
  }
}

async function withClient(
  address: HostPort,
  use: (client: UnaryClient) => Promise<void>,
): Promise<void> {
  const client = await UnaryClient.open(address);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += callsAtOnceMax) {
    await Promise.all(items.slice(at, at + callsAtOnceMax).map(work));
  }
}
