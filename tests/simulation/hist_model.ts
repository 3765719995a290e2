/**
 * What one histogram must hold, given when its operations were sent and answered.
 *
 * Operations run at the same time, and a kill leaves some of them unanswered; so the model keeps no state but
 * intervals, and derives for each operation whether a snapshot must show it, must not, or may. This is
 * linearizability of a set with reset (Herlihy and Wing 1990), decided operation by operation:
 *
 *     fill  |-----|                      must be in: answered before the snapshot was sent,
 *     reset         |---|                            and no reset may have come after it
 *     snapshot            |----|         must be out: a reset lies wholly between, or never accepted
 *
 * @module
 */

import type { Contents, Mark } from "./hist_layout.ts";
import { slotCount } from "./hist_layout.ts";

/** Orders the sending and the answer of all operations of a test. */
export class LogicalClock {
  #now = 0;

  /** A time that is later than all before. */
  next(): number {
    return ++this.#now;
  }
}

/** One operation of a client, from its first attempt to its answer. */
export interface Operation {
  readonly sentAt: number;
  /** When the latest attempt was sent. */
  lastSentAt: number;
  /** Infinity without an answer. */
  answeredAt: number;
  attempts: number;
}

/** A fill, a fill of many chunks, or the contents of an Init. */
export interface MarkOperation extends Operation, Mark {
  /** "unknown": unanswered, or refused after an attempt that may have been accepted. */
  outcome: "unknown" | "applied" | "refused";
  /** Its unique id was used again by another mark, which may have taken its place after a reset. */
  isResent: boolean;
  /** The latest reads that showed it. */
  readonly sightings: Interval[];
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

const sightingsMax = 8;

/** The server's answers contradict each other. */
export class ModelViolation extends RangeError {
  override readonly name = "ModelViolation";
}

/** One histogram, from its Init to its removal. */
export class HistModel {
  readonly #clock: LogicalClock;
  readonly #marks: MarkOperation[] = [];
  readonly #resets: Operation[] = [];
  readonly #removals: Operation[] = [];
  /** From here on it surely does not exist. */
  #goneAt = Infinity;
  #removedBy: Operation | null = null;
  #removedMarks: Set<MarkOperation> | null = null;

  constructor(clock: LogicalClock) {
    this.#clock = clock;
  }

  /** No slot is left. */
  get isFull(): boolean {
    return this.#marks.length >= slotCount;
  }

  get isGone(): boolean {
    return this.#goneAt !== Infinity;
  }

  /** One that was accepted and whose unique id stands for it alone, or null. */
  findAccepted(random: number): MarkOperation | null {
    const candidates = this.#marks.filter((mark) => mark.outcome === "applied" && !mark.isResent);
    return candidates[random % candidates.length] ?? null;
  }

  /** A new operation, of which the model need not know before its answer. */
  begin(): Operation {
    const now = this.#clock.next();
    return { sentAt: now, lastSentAt: now, answeredAt: Infinity, attempts: 0 };
  }

  /** A new fill of `chunks`, in a slot of its own. */
  beginMark(chunks: readonly number[]): MarkOperation {
    const mark: MarkOperation = {
      ...this.begin(),
      slot: this.#marks.length,
      chunks,
      outcome: "unknown",
      isResent: false,
      sightings: [],
    };
    this.#marks.push(mark);
    return mark;
  }

  beginReset(): Operation {
    const reset = this.begin();
    this.#resets.push(reset);
    return reset;
  }

  beginRemoval(): Operation {
    const removal = this.begin();
    this.#removals.push(removal);
    return removal;
  }

  /** The server found the histogram and did, or had done, what `operation` asked. */
  endFound(operation: Operation): void {
    operation.answeredAt = this.#clock.next();
    if (operation.lastSentAt > this.#goneAt) {
      throw new ModelViolation("a removed histogram is there again");
    }
  }

  /** The server said NOT_FOUND. */
  endNotFound(operation: Operation): void {
    operation.answeredAt = this.#clock.next();
    const isExplained = this.#removals.some((removal) =>
      removal.sentAt < operation.answeredAt && (removal !== operation || operation.attempts > 1)
    );
    if (!isExplained) throw new ModelViolation("a histogram is gone that nobody removed");
    this.#goneAt = Math.min(this.#goneAt, operation.answeredAt);
  }

  /** `mark` was accepted: in this attempt, or in one before. */
  endApplied(mark: MarkOperation): void {
    this.endFound(mark);
    mark.outcome = "applied";
    if (this.#removedMarks !== null) this.#checkRemoved(mark, this.#removedMarks);
  }

  /** The connection ended for good: an attempt may have been accepted, but no further one will be. */
  endAbandoned(mark: MarkOperation): void {
    mark.answeredAt = this.#clock.next();
  }

  /** `mark` was refused by this attempt; an attempt before may have been accepted. */
  endRefused(mark: MarkOperation): void {
    if (mark.answeredAt === Infinity) mark.answeredAt = this.#clock.next();
    if (mark.attempts === 1) mark.outcome = "refused";
  }

  /** ALREADY_EXISTS or OK for the id of `original`, sent again by `again`. */
  endResent(original: MarkOperation, again: MarkOperation, isAccepted: boolean): void {
    if (isAccepted) {
      this.endApplied(again);
      const known = this.#mustBeIn(original, again);
      if (known) throw new ModelViolation(`the id of fill ${original.slot} was accepted twice`);
    } else {
      this.endFound(again);
      this.endRefused(again);
      const isUnknown = again.attempts === 1 && this.#mustBeOut(original, again);
      if (isUnknown) throw new ModelViolation(`the forgotten id of ${original.slot} was refused`);
    }
  }

  /** A removal by Delete, or by a snapshot with `contents`, was answered with OK. */
  endRemoved(removal: Operation, contents: Contents | null): void {
    this.endFound(removal);
    if (this.#removedBy !== null) throw new ModelViolation("a histogram was removed twice");
    this.#removedBy = removal;
    this.#goneAt = Math.min(this.#goneAt, removal.answeredAt);
    if (contents === null) return;
    this.#check(removal, contents);
    const present = new Set(this.#marks.filter((mark) => contents.stateOf(mark) === "in"));
    this.#removedMarks = present;
    for (const mark of this.#marks) this.#checkRemoved(mark, present);
  }

  /** A snapshot was answered with `contents`. */
  endSnapshot(snapshot: Operation, contents: Contents): void {
    this.endFound(snapshot);
    this.#check(snapshot, contents);
  }

  /** WasFilledWithUniqueId was answered for the id of `mark`. */
  endWasFilled(read: Operation, mark: MarkOperation, wasFilled: boolean): void {
    this.endFound(read);
    this.#checkMark(read, mark, wasFilled);
  }

  /** How many marks of chunk `chunk` a read may count. */
  countBounds(read: Operation, chunk: number): { min: number; max: number } {
    const marks = this.#marks.filter((mark) => mark.chunks.includes(chunk));
    const min = marks.filter((mark) => this.#mustBeIn(mark, read)).length;
    const out = marks.filter((mark) => this.#mustBeOut(mark, read)).length;
    return { min, max: marks.length - out };
  }

  #check(read: Operation, contents: Contents): void {
    let explained = 0;
    for (const mark of this.#marks) {
      const state = contents.stateOf(mark);
      if (state === "torn" || state === "doubled") {
        throw new ModelViolation(`fill ${mark.slot} is ${state} in a snapshot`);
      }
      if (state === "in") explained += 2 * mark.chunks.length;
      this.#checkMark(read, mark, state === "in");
    }
    if (explained !== contents.total) {
      throw new ModelViolation(`a snapshot holds ${contents.total - explained} that nobody filled`);
    }
  }

  #checkMark(read: Operation, mark: MarkOperation, isIn: boolean): void {
    if (!isIn && this.#mustBeIn(mark, read)) {
      throw new ModelViolation(`fill ${mark.slot} is lost: ${this.#history(mark, read)}`);
    }
    if (isIn && this.#mustBeOut(mark, read)) {
      throw new ModelViolation(`fill ${mark.slot} is back: ${this.#history(mark, read)}`);
    }
    if (!isIn) return;
    mark.sightings.push({ from: read.lastSentAt, to: read.answeredAt });
    if (mark.sightings.length > sightingsMax) mark.sightings.shift();
  }

  /** A removal by snapshot takes all that was ever accepted with it: nothing may get lost in between. */
  #checkRemoved(mark: MarkOperation, present: ReadonlySet<MarkOperation>): void {
    if (present.has(mark) || mark.outcome !== "applied") return;
    if (this.#mayBeWiped({ from: mark.sentAt, to: mark.answeredAt }, this.#removedBy!)) return;
    throw new ModelViolation(`fill ${mark.slot} was accepted, but is not in the last snapshot`);
  }

  #mustBeIn(mark: MarkOperation, read: Operation): boolean {
    const isEvidence = (interval: Interval) =>
      interval.to < read.lastSentAt && !this.#mayBeWiped(interval, read);
    const isApplied = mark.outcome === "applied" &&
      isEvidence({ from: mark.sentAt, to: mark.answeredAt });
    return isApplied || mark.sightings.some(isEvidence);
  }

  /** What took effect in `interval` may have been reset before `read` looked. */
  #mayBeWiped(interval: Interval, read: Operation): boolean {
    return this.#resets.some((reset) =>
      reset.sentAt < read.answeredAt && reset.answeredAt >= interval.from
    );
  }

  #mustBeOut(mark: MarkOperation, read: Operation): boolean {
    if (mark.sentAt > read.answeredAt || mark.outcome === "refused") return true;
    return this.#resets.some((reset) =>
      mark.answeredAt < reset.sentAt && reset.answeredAt < read.lastSentAt
    );
  }

  #history(mark: MarkOperation, read: Operation): string {
    const interval = (op: Operation) => `${op.sentAt}..${op.answeredAt} (attempt ${op.attempts})`;
    const resets = this.#resets.map(interval).join(", ");
    return `${mark.outcome} ${interval(mark)}, seen ${JSON.stringify(mark.sightings)}, ` +
      `read ${read.lastSentAt}..${read.answeredAt}, resets [${resets}]`;
  }
}
