/**
 * Recording on one side, histograms of intervals on the other.
 *
 * @module
 */

import { DoubleHistogram } from "./double_histogram.ts";
import { HdrConfigError } from "./hdr_errors.ts";
import { HdrHistogram } from "./hdr_histogram.ts";
import { type HdrOptions, layoutOf } from "./hdr_layout.ts";

/** How a recorder begins. */
export interface RecorderOptions extends HdrOptions {
  /** The present time, milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * Records values, and hands out what was recorded since the last time: each value is in exactly one interval.
 *
 * It belongs to one thread.
 *
 * @example
 * ```ts
 * import { Recorder } from "@histserv/hdr";
 *
 * const recorder = new Recorder({ highest: 3_600_000_000, digits: 3, nowMs: 0 });
 * recorder.record(1200);
 * const interval = recorder.takeInterval(1000);
 * console.log(interval.totalCount, interval.startMs, interval.endMs); // 1n 0 1000
 * ```
 */
export class Recorder {
  readonly #options: HdrOptions;
  #active: HdrHistogram;
  readonly #taken = new WeakSet<HdrHistogram>();

  /** A recorder whose first interval begins now. @throws {HdrConfigError} if there can be no such histogram. */
  constructor(options: RecorderOptions) {
    layoutOf(options);
    this.#options = options;
    this.#active = new HdrHistogram(options);
    this.#active.startMs = options.nowMs;
  }

  /** Records `value` once. @throws {HdrRangeError} as the histogram. */
  record(value: number | bigint): void {
    this.#active.record(value);
  }

  /** Records `value` `count` times. @throws {HdrRangeError} as the histogram. */
  recordWithCount(value: number | bigint, count: number | bigint): void {
    this.#active.recordWithCount(value, count);
  }

  /** Records `value`, corrected for coordinated omission as the histogram does. @throws {HdrRangeError} as the histogram. */
  recordWithExpectedInterval(
    value: number | bigint,
    options: { expectedInterval: number; count?: number | bigint },
  ): void {
    this.#active.recordWithExpectedInterval(value, options);
  }

  /**
   * What was recorded since the last interval ended; a new one begins at `nowMs`.
   *
   * The histogram is the caller's. Given back as `recycled` later, its memory is used again.
   *
   * @throws {HdrConfigError} if `recycled` is not a histogram that was taken from this recorder.
   */
  takeInterval(nowMs: number, recycled?: HdrHistogram): HdrHistogram {
    const interval = this.#active;
    if (recycled !== undefined && !this.#taken.has(recycled)) {
      throw new HdrConfigError("Cannot recycle a histogram: it was not taken from this recorder");
    }
    interval.endMs = nowMs;
    if (recycled !== undefined) this.#taken.delete(recycled);
    this.#taken.add(interval);
    recycled?.reset();
    this.#active = recycled ?? new HdrHistogram(this.#options);
    this.#active.startMs = nowMs;
    return interval;
  }
}

/**
 * A {@linkcode Recorder} of doubles.
 *
 * @example
 * ```ts
 * import { DoubleRecorder } from "@histserv/hdr";
 *
 * const recorder = new DoubleRecorder({ digits: 3, nowMs: 0 });
 * recorder.record(0.25);
 * console.log(recorder.takeInterval(1000).totalCount); // 1n
 * ```
 */
export class DoubleRecorder {
  readonly #digits: number;
  #active: DoubleHistogram;

  /** A recorder whose first interval begins now. @throws {HdrConfigError} if there can be no such histogram. */
  constructor(options: { digits: number; nowMs: number }) {
    this.#digits = options.digits;
    this.#active = new DoubleHistogram({ digits: options.digits });
    this.#active.startMs = options.nowMs;
  }

  /** Records `value` once. @throws {HdrRangeError} as the histogram. */
  record(value: number): void {
    this.#active.record(value);
  }

  /** Records `value` `count` times. @throws {HdrRangeError} as the histogram. */
  recordWithCount(value: number, count: number | bigint): void {
    this.#active.recordWithCount(value, count);
  }

  /** What was recorded since the last interval ended; a new one begins at `nowMs`. */
  takeInterval(nowMs: number): DoubleHistogram {
    const interval = this.#active;
    interval.endMs = nowMs;
    this.#active = new DoubleHistogram({ digits: this.#digits });
    this.#active.startMs = nowMs;
    return interval;
  }
}
