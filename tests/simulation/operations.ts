/**
 * What a client of a simulation does with a histogram, and what its model learns from the answer.
 *
 * @module
 */

import type { SeededPrng } from "../../lib/base/mod.ts";
import { HistogrammerService } from "../../lib/wire/gen/hist_pb.ts";
import {
  chunkCountOf,
  chunkPayloads,
  Contents,
  fillBody,
  histJsonOf,
  type HistLayout,
} from "./hist_layout.ts";
import {
  HistModel,
  type LogicalClock,
  type MarkOperation,
  ModelViolation,
  type Operation,
} from "./hist_model.ts";
import type { Answer, Session } from "./session.ts";

/** A histogram as the clients know it. */
export interface KnownHist {
  readonly histId: string;
  readonly layout: HistLayout;
  readonly model: HistModel;
}

/** An operation on a histogram that was made before. */
export type HistOperation = (
  session: Session,
  hist: KnownHist,
  prng: SeededPrng,
) => Promise<void>;

const method = HistogrammerService.method;

/** Makes a histogram with contents. `lostCount`: answers that were lost, each with a histogram perhaps. */
export async function initHist(
  session: Session,
  options: { layout: HistLayout; clock: LogicalClock },
): Promise<{ hist: KnownHist; lostCount: number }> {
  const { layout, clock } = options;
  const model = new HistModel(clock);
  const mark = model.beginMark([0]);
  const payload = { histJson: histJsonOf(layout), chunks: chunkPayloads(layout, mark) };
  const answer = await session.attempt(mark, (client) => client.unary(method.init, { payload }));
  if (answer.outcome !== "ok") throw new ModelViolation(`Init was answered: ${answer.outcome}`);
  model.endApplied(mark);
  mark.isResent = true; // it has no unique id
  return { hist: { histId: answer.output.histId, layout, model }, lostCount: mark.attempts - 1 };
}

/** The operations by name; the weights of a workload name them. */
export const operations = {
  fill: fillOne,
  fillMany,
  resend,
  wasFilled: readWasFilled,
  exists: readExists,
  snapshot: readSnapshot,
  reset: resetHist,
  delete: deleteHist,
  snapshotDelete,
} as const satisfies Record<string, HistOperation>;

async function fillOne(session: Session, hist: KnownHist, prng: SeededPrng): Promise<void> {
  const { histId, layout, model } = hist;
  const mark = model.beginMark([prng.int(0, chunkCountOf(layout))]);
  const request = { histId, uniqueId: uniqueIdOf(mark), ...fillBody(layout, mark) };
  const answer = await session.attempt(
    mark,
    (client) => client.unary(method.fill, request),
    { mayAbandon: true },
  );
  endFill(model, { mark, answer });
}

async function fillMany(session: Session, hist: KnownHist, prng: SeededPrng): Promise<void> {
  const { histId, layout, model } = hist;
  const chunkCount = chunkCountOf(layout);
  const first = prng.int(0, chunkCount);
  const mark = model.beginMark(chunkCount === 1 ? [0] : [first, (first + 1) % chunkCount]);
  const request = { histId, uniqueId: uniqueIdOf(mark), chunks: chunkPayloads(layout, mark) };
  const answer = await session.attempt(
    mark,
    (client) => client.unary(method.fillMany, request),
    { mayAbandon: true },
  );
  endFill(model, { mark, answer });
}

/** Sends the id of an accepted fill with other contents: refused, unless a reset came between. */
async function resend(session: Session, hist: KnownHist, prng: SeededPrng): Promise<void> {
  const { histId, layout, model } = hist;
  const original = model.findAccepted(prng.int(0, 65_536));
  if (original === null) return;
  original.isResent = true;
  const again = model.beginMark([0]);
  again.isResent = true;
  const request = { histId, uniqueId: uniqueIdOf(original), ...fillBody(layout, again) };
  const answer = await session.attempt(again, (client) => client.unary(method.fill, request));
  if (answer.outcome === "notFound") endNotFoundMark(model, again);
  else model.endResent(original, again, answer.outcome === "ok");
}

async function readWasFilled(session: Session, hist: KnownHist, prng: SeededPrng): Promise<void> {
  const { histId, model } = hist;
  const mark = model.findAccepted(prng.int(0, 65_536));
  if (mark === null) return;
  const read = model.begin();
  const request = { histId, uniqueId: uniqueIdOf(mark) };
  const answer = await session.attempt(
    read,
    (client) => client.unary(method.wasFilledWithUniqueId, request),
  );
  const output = outputOf(model, { operation: read, answer });
  if (output === null) return;
  if (mark.isResent) model.endFound(read); // the id may stand for another mark by now
  else model.endWasFilled(read, mark, output.wasFilled);
}

async function readExists(session: Session, { histId, model }: KnownHist): Promise<void> {
  const read = model.begin();
  const answer = await session.attempt(read, (client) => client.unary(method.exists, { histId }));
  if (answer.outcome === "ok" && answer.output.exists) model.endFound(read);
  else model.endNotFound(read);
}

async function readSnapshot(session: Session, hist: KnownHist): Promise<void> {
  const { histId, layout, model } = hist;
  const read = model.begin();
  const answer = await session.attempt(read, (client) => client.unary(method.snapshot, { histId }));
  const output = outputOf(model, { operation: read, answer });
  if (output !== null) model.endSnapshot(read, new Contents(layout, output.payload));
}

async function snapshotDelete(session: Session, hist: KnownHist): Promise<void> {
  const { histId, layout, model } = hist;
  const removal = model.beginRemoval();
  const request = { histId, deleteFromServer: true };
  const answer = await session.attempt(
    removal,
    (client) => client.unary(method.snapshot, request),
  );
  const output = outputOf(model, { operation: removal, answer });
  if (output !== null) model.endRemoved(removal, new Contents(layout, output.payload));
}

async function deleteHist(session: Session, { histId, model }: KnownHist): Promise<void> {
  const removal = model.beginRemoval();
  const answer = await session.attempt(
    removal,
    (client) => client.unary(method.delete, { histId }),
  );
  if (outputOf(model, { operation: removal, answer }) !== null) model.endRemoved(removal, null);
}

async function resetHist(session: Session, { histId, model }: KnownHist): Promise<void> {
  const reset = model.beginReset();
  const answer = await session.attempt(reset, (client) => client.unary(method.reset, { histId }));
  if (outputOf(model, { operation: reset, answer }) !== null) model.endFound(reset);
}

/** The output of an operation that may only end with OK, or NOT_FOUND: then null. */
function outputOf<O>(
  model: HistModel,
  { operation, answer }: { operation: Operation; answer: Answer<O> },
): O | null {
  if (answer.outcome === "ok") return answer.output;
  if (answer.outcome !== "notFound") throw new ModelViolation(`answered: ${answer.outcome}`);
  model.endNotFound(operation);
  return null;
}

function endFill<O>(
  model: HistModel,
  { mark, answer }: { mark: MarkOperation; answer: Answer<O> },
): void {
  if (answer.outcome === "abandoned") model.endAbandoned(mark);
  else if (answer.outcome === "notFound") endNotFoundMark(model, mark);
  else if (answer.outcome === "alreadyExists" && mark.attempts === 1) {
    throw new ModelViolation(`fill ${mark.slot} was refused as a repetition, and sent once`);
  } else model.endApplied(mark);
}

function endNotFoundMark(model: HistModel, mark: MarkOperation): void {
  model.endNotFound(mark);
  model.endRefused(mark);
}

/** Every histogram sees the same ids: each must keep its own. */
function uniqueIdOf(mark: MarkOperation): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`fill-${mark.slot}`.repeat(1 + mark.slot % 5));
}
