import assert from "node:assert/strict";
import { ManualClock, SeededPrng } from "../../lib/base/mod.ts";
import { type DeadlineEntry, DeadlineWheel } from "../../lib/transport/deadline_wheel.ts";

class Entry implements DeadlineEntry {
  deadlineNext: DeadlineEntry | null = null;
  deadlinePrevious: DeadlineEntry | null = null;
  deadlineTick = 0;
  passedCount = 0;
  onPassed: () => void = () => {};

  deadlinePassed(): void {
    this.passedCount++;
    this.onPassed();
  }
}

Deno.test("DeadlineWheel: reports once, never early, and at most a tick late", () => {
  const seed = 20261122;
  const prng = new SeededPrng(seed);
  const clock = new ManualClock(123_456.7);
  const wheel = new DeadlineWheel(clock);
  // Timeouts around the ticks of 20 ms and the rotation of 5,120 ms.
  const entries = Array.from({ length: 500 }, () => ({
    entry: new Entry(),
    timeoutMs: prng.uniform() * 12_000,
  }));
  for (const { entry, timeoutMs } of entries) wheel.add(entry, timeoutMs);
  assert.equal(wheel.count, 500);
  for (let elapsedMs = 0; elapsedMs <= 12_100; elapsedMs += 7) {
    wheel.advance();
    for (const { entry, timeoutMs } of entries) {
      if (timeoutMs > elapsedMs) assert.equal(entry.passedCount, 0, `early, seed ${seed}`);
      if (timeoutMs + 27 < elapsedMs) assert.equal(entry.passedCount, 1, `late, seed ${seed}`);
    }
    clock.advance(7);
  }
  assert.equal(wheel.count, 0);
  wheel.close();
});

Deno.test("DeadlineWheel: an entry that was removed is not reported, not even by a callback", () => {
  const clock = new ManualClock();
  const wheel = new DeadlineWheel(clock);
  const [first, second, third] = [new Entry(), new Entry(), new Entry()];
  for (const entry of [first, second, third]) wheel.add(entry, 100);
  wheel.remove(second);
  wheel.remove(second); // nothing happens
  first.onPassed = () => wheel.remove(third);
  third.onPassed = () => wheel.remove(first);
  clock.advance(1_000);
  wheel.advance();
  assert.equal(second.passedCount, 0);
  assert.equal(first.passedCount + third.passedCount, 1);
  wheel.close();
});

Deno.test("DeadlineWheel: a pause of many rotations reports everything", () => {
  const clock = new ManualClock();
  const wheel = new DeadlineWheel(clock);
  const entries = Array.from({ length: 300 }, () => new Entry());
  entries.forEach((entry, i) => wheel.add(entry, i * 100));
  clock.advance(86_400_000);
  wheel.advance();
  assert.ok(entries.every((entry) => entry.passedCount === 1));
  wheel.close();
});

Deno.test("DeadlineWheel: the clock is read again only after expireNow", () => {
  const clock = new ManualClock();
  const wheel = new DeadlineWheel(clock);
  const [early, late] = [new Entry(), new Entry()];
  wheel.add(new Entry(), 0);
  clock.advance(1_000);
  wheel.add(early, 1_500); // counted from 0
  wheel.expireNow();
  wheel.add(late, 1_500); // counted from 1,000
  clock.advance(600);
  wheel.advance();
  assert.deepEqual([early.passedCount, late.passedCount], [1, 0]);
  wheel.close();
});
