/**
 * The judge of the simulations, judged: it must catch what a broken server does.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";

import { ChunkedHistPayloadSchema } from "../../lib/wire/gen/hist_pb.ts";
import { chunkPayloads, Contents, type HistLayout, type Mark } from "./hist_layout.ts";
import { HistModel, LogicalClock, type MarkOperation, ModelViolation } from "./hist_model.ts";

const layout: HistLayout = { categories: "string", storage: "double" };

/** Contents with each of `marks` once. */
function contentsOf(...marks: readonly Mark[]): Contents {
  const sums = new Map<string, Float64Array<ArrayBuffer>>();
  for (const mark of marks) {
    for (const chunk of mark.chunks) {
      const [payload] = chunkPayloads(layout, { slot: mark.slot, chunks: [chunk] });
      const added = new Float64Array(payload!.denseView!.slice().buffer);
      const name = `key-${chunk}`;
      const sum = sums.get(name) ?? new Float64Array(added.length);
      sum.forEach((cell, k) => sum[k] = cell + added[k]!);
      sums.set(name, sum);
    }
  }
  const chunks = [...sums].map(([name, cells]) => ({
    chunkKey: [{ value: { case: "stringValue" as const, value: name } }],
    denseView: new Uint8Array(cells.buffer),
  }));
  return new Contents(layout, create(ChunkedHistPayloadSchema, { histJson: "{}", chunks }));
}

function acceptedMark(model: HistModel, chunks: readonly number[] = [0]): MarkOperation {
  const mark = model.beginMark(chunks);
  send(model, mark);
  model.endApplied(mark);
  return mark;
}

function send<O extends { attempts: number; lastSentAt: number }>(model: HistModel, op: O): O {
  op.attempts++;
  op.lastSentAt = model.begin().sentAt;
  return op;
}

function readContents(model: HistModel, contents: Contents): void {
  model.endSnapshot(send(model, model.begin()), contents);
}

Deno.test("HistModel: accepts a fill that was answered and is there", () => {
  const model = new HistModel(new LogicalClock());
  const mark = acceptedMark(model, [0, 1]);
  readContents(model, contentsOf(mark));
});

Deno.test("HistModel: catches a fill that was answered and is lost", () => {
  const model = new HistModel(new LogicalClock());
  acceptedMark(model);
  assert.throws(() => readContents(model, contentsOf()), /fill 0 is lost/);
});

Deno.test("HistModel: catches half a FillMany, a fill counted twice, and one that nobody sent", () => {
  const model = new HistModel(new LogicalClock());
  const mark = acceptedMark(model, [0, 1]);
  const half = { slot: 0, chunks: [0] };
  assert.throws(() => readContents(model, contentsOf(half)), /fill 0 is torn/);
  assert.throws(() => readContents(model, contentsOf(mark, mark)), /fill 0 is doubled/);
  const foreign = contentsOf(mark, { slot: 7, chunks: [0] });
  assert.throws(() => readContents(model, foreign), /holds 2 that nobody filled/);
});

Deno.test("HistModel: an unanswered fill may be in or out, but not out after it was seen", () => {
  const model = new HistModel(new LogicalClock());
  const mark = send(model, model.beginMark([0]));
  readContents(model, contentsOf());
  readContents(model, contentsOf(mark));
  assert.throws(() => readContents(model, contentsOf()), /fill 0 is lost/);
});

Deno.test("HistModel: a fill before an answered reset must be gone, one during it may be", () => {
  const model = new HistModel(new LogicalClock());
  const before = acceptedMark(model);
  const reset = send(model, model.beginReset());
  const during = acceptedMark(model);
  model.endFound(reset);
  readContents(model, contentsOf());
  readContents(model, contentsOf(during));
  assert.throws(() => readContents(model, contentsOf(before)), /fill 0 is back/);
});

Deno.test("HistModel: catches a fill that a removing snapshot left out, answered before or after it", () => {
  for (const isAnsweredBefore of [true, false]) {
    const model = new HistModel(new LogicalClock());
    const mark = send(model, model.beginMark([0]));
    const removal = send(model, model.beginRemoval());
    if (isAnsweredBefore) model.endApplied(mark);
    assert.throws(() => {
      model.endRemoved(removal, contentsOf());
      model.endApplied(mark);
    }, /accepted, but is not in the last snapshot/);
  }
});

Deno.test("HistModel: catches a histogram that is gone without cause, removed twice, or back again", () => {
  const model = new HistModel(new LogicalClock());
  assert.throws(() => model.endNotFound(send(model, model.begin())), /nobody removed/);
  model.endRemoved(send(model, model.beginRemoval()), null);
  model.endNotFound(send(model, model.begin()));
  assert.throws(() => model.endFound(send(model, model.begin())), /is there again/);
  const other = new HistModel(new LogicalClock());
  const removals = [send(other, other.beginRemoval()), send(other, other.beginRemoval())];
  other.endRemoved(removals[0]!, null);
  assert.throws(() => other.endRemoved(removals[1]!, null), ModelViolation);
});

Deno.test("HistModel: catches a unique id that is accepted twice, and one that is refused after a reset", () => {
  const model = new HistModel(new LogicalClock());
  const first = acceptedMark(model);
  const again = send(model, model.beginMark([0]));
  assert.throws(() => model.endResent(first, again, true), /accepted twice/);
  const other = new HistModel(new LogicalClock());
  const forgotten = acceptedMark(other);
  other.endFound(send(other, other.beginReset()));
  const late = send(other, other.beginMark([0]));
  assert.throws(() => other.endResent(forgotten, late, false), /forgotten id/);
});
