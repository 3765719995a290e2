/**
 * One coarse timer for the deadlines of all pending calls: a hashed wheel of intrusive lists, so that
 * a call that is answered in time costs two pointer swaps and no timer.
 *
 *     slot = tick mod 256 →  head ⇄ entry ⇄ entry ⇄ (head)     a tick = 20 ms
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";

const tickMs = 20;
const slotCount = 256;

/** Something with a deadline; the wheel alone writes these fields. */
export interface DeadlineEntry {
  /** null while the entry is in no list. */
  deadlineNext: DeadlineEntry | null;
  deadlinePrevious: DeadlineEntry | null;
  /** The first tick at which the deadline has passed. */
  deadlineTick: number;
  /** Called once, when the deadline has passed; the entry is out of the wheel by then. */
  deadlinePassed(): void;
}

/** Deadlines, kept to within a tick of 20 ms: never early. */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #slots: DeadlineEntry[] = [];
  readonly #startMs: number;
  #tick = 0;
  #count = 0;
  #nowMs: number;
  #nowIsStale = true;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = this.#nowMs = clock.monotonicMs();
    for (let i = 0; i < slotCount; i++) this.#slots.push(new Slot());
  }

  /** Entries whose deadline has not passed. */
  get count(): number {
    return this.#count;
  }

  /** Lets the next `add` read the clock: called once a segment, because a read costs more than an add. */
  expireNow(): void {
    this.#nowIsStale = true;
  }

  /** Adds an entry that is in no list; its deadline passes after `timeoutMs` ≥ 0. */
  add(entry: DeadlineEntry, timeoutMs: number): void {
    if (this.#nowIsStale) {
      this.#nowMs = this.#clock.monotonicMs();
      this.#nowIsStale = false;
    }
    const elapsedMs = this.#nowMs - this.#startMs;
    entry.deadlineTick = Math.max(Math.ceil((elapsedMs + timeoutMs) / tickMs), this.#tick + 1);
    const head = this.#slots[entry.deadlineTick % slotCount]!;
    entry.deadlineNext = head.deadlineNext;
    entry.deadlinePrevious = head;
    head.deadlineNext!.deadlinePrevious = entry;
    head.deadlineNext = entry;
    this.#count++;
    this.#timer ??= setInterval(() => this.advance(), tickMs);
  }

  /** Takes an entry out; nothing happens if it is in no list. */
  remove(entry: DeadlineEntry): void {
    if (entry.deadlineNext === null) return;
    entry.deadlineNext.deadlinePrevious = entry.deadlinePrevious;
    entry.deadlinePrevious!.deadlineNext = entry.deadlineNext;
    entry.deadlineNext = entry.deadlinePrevious = null;
    this.#count--;
  }

  /** Reports every deadline that has passed by now; the timer calls it, and so do tests. */
  advance(): void {
    const nowTick = Math.floor((this.#clock.monotonicMs() - this.#startMs) / tickMs);
    // After a pause longer than a rotation, each slot needs to be looked at only once.
    const firstTick = Math.max(this.#tick + 1, nowTick - slotCount + 1);
    this.#tick = Math.max(this.#tick, nowTick);
    for (let tick = firstTick; tick <= nowTick; tick++) {
      this.#expireSlot(this.#slots[tick % slotCount]!, nowTick);
    }
    if (this.#count === 0) this.close();
  }

  /** Stops the timer; a later `add` starts it again. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #expireSlot(head: DeadlineEntry, nowTick: number): void {
    // Entries may leave during a callback, but only the one reported joins no list again here:
    // whoever is added now has a later tick, at the front of its slot.
    let passed: DeadlineEntry[] | undefined;
    for (let entry = head.deadlineNext!; entry !== head; entry = entry.deadlineNext!) {
      if (entry.deadlineTick <= nowTick) (passed ??= []).push(entry);
    }
    if (passed === undefined) return;
    for (const entry of passed) {
      if (entry.deadlineNext === null) continue;
      this.remove(entry);
      entry.deadlinePassed();
    }
  }
}

/** The head of a circular list. */
class Slot implements DeadlineEntry {
  deadlineNext: DeadlineEntry = this;
  deadlinePrevious: DeadlineEntry = this;
  deadlineTick = -1;
  deadlinePassed(): void {}
}
