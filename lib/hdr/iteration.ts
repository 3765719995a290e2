/**
 * The five ways to walk a histogram, step by step what Java 2.2.2's iterators report: all buckets, recorded
 * ones, equal steps, growing steps, and percentiles.
 *
 * @module
 */

import type { HdrLayout } from "./hdr_layout.ts";

/** One step of a walk. */
export interface HdrStep {
  /** The bucket where the step ends. */
  readonly index: number;
  /** The highest value that the step covers; above 2^53 the double nearest to it. */
  readonly valueTo: number;
  /** {@linkcode valueTo} of the step before; 0 at first. */
  readonly valueFrom: number;
  /** The counter of the bucket {@linkcode index}. */
  readonly countAtValue: bigint;
  /** Values counted in this step. */
  readonly countInStep: bigint;
  /** Values counted up to the end of this step. */
  readonly countToValue: bigint;
  /** `countToValue` in percent of all. */
  readonly percentile: number;
  /** The percentile level that the step reached; `percentile` but in walks over percentiles. */
  readonly percentileLevel: number;
}

/** Decides where the steps of a walk end. */
export interface StepRule {
  /** Whether there is another step, when `cursor.countTo` may have reached the total. */
  hasNext(cursor: Cursor): boolean;
  /** Whether a step ends in the bucket under the cursor. */
  isReached(cursor: Cursor): boolean;
  /** Moves on to the next step. */
  advance(cursor: Cursor): void;
  /** The value reported as the end of the step. */
  valueTo(cursor: Cursor): number;
  /** The level reported as the percentile of the step; null for the percentile itself. */
  level(): number | null;
}

/** Where a walk is. */
export interface Cursor {
  readonly layout: HdrLayout;
  /** Sum of all counters. */
  readonly total: bigint;
  /** The bucket under the cursor. */
  index: number;
  /** Its counter. */
  count: bigint;
  /** Sum of the counters up to it. */
  countTo: bigint;
}

/** What a walk needs of a histogram. */
export interface Walkable {
  readonly layout: HdrLayout;
  readonly totalCount: bigint;
  countAt(index: number): bigint;
}

/** Walks `histogram` by `rule`. It must not change meanwhile. */
export function* walk(
  histogram: Walkable,
  rule: StepRule,
): Generator<HdrStep, void, undefined> {
  const { layout, totalCount: total } = histogram;
  const cursor: Cursor = { layout, total, index: 0, count: 0n, countTo: 0n };
  let valueFrom = 0;
  let countFrom = 0n;
  let isFresh = true;
  while (rule.hasNext(cursor)) {
    while (true) {
      if (cursor.index >= layout.length) return;
      if (isFresh) {
        cursor.count = histogram.countAt(cursor.index);
        cursor.countTo += cursor.count;
        isFresh = false;
      }
      if (rule.isReached(cursor)) break;
      cursor.index++;
      isFresh = true;
    }
    const valueTo = rule.valueTo(cursor);
    const percentile = 100 * Number(cursor.countTo) / Number(total);
    yield {
      index: cursor.index,
      valueTo,
      valueFrom,
      countAtValue: cursor.count,
      countInStep: cursor.countTo - countFrom,
      countToValue: cursor.countTo,
      percentile,
      percentileLevel: rule.level() ?? percentile,
    };
    valueFrom = valueTo;
    countFrom = cursor.countTo;
    rule.advance(cursor);
  }
}

/** A step for each bucket, used or not. */
export function allRule(): StepRule {
  let visited = -1;
  return {
    hasNext: (cursor) => cursor.index < cursor.layout.length - 1,
    isReached: (cursor) => visited !== cursor.index,
    advance: (cursor) => visited = cursor.index,
    valueTo: (cursor) => cursor.layout.highestOf(cursor.index),
    level: () => null,
  };
}

/** A step for each bucket in use. */
export function recordedRule(): StepRule {
  let visited = -1;
  return {
    hasNext: (cursor) => cursor.countTo < cursor.total,
    isReached: (cursor) => cursor.count !== 0n && visited !== cursor.index,
    advance: (cursor) => visited = cursor.index,
    valueTo: (cursor) => cursor.layout.highestOf(cursor.index),
    level: () => null,
  };
}

/** Steps of `width` values. */
export function linearRule(layout: HdrLayout, width: number): StepRule {
  let highest = width - 1;
  let lowest = lowestEquivalent(layout, highest);
  return {
    hasNext: (cursor) =>
      cursor.countTo < cursor.total || highest < cursor.layout.lowestOf(cursor.index + 1),
    isReached: (cursor) =>
      cursor.layout.lowestOf(cursor.index) >= lowest || cursor.index >= cursor.layout.length - 1,
    advance: () => {
      highest += width;
      lowest = lowestEquivalent(layout, highest);
    },
    valueTo: () => highest,
    level: () => null,
  };
}

/** Steps that end below `first`, `first * base`, `first * base^2`, … */
export function logarithmicRule(
  layout: HdrLayout,
  options: { first: number; base: number },
): StepRule {
  let level = options.first;
  let highest = Math.floor(level) - 1;
  let lowest = lowestEquivalent(layout, highest);
  return {
    hasNext: (cursor) =>
      cursor.countTo < cursor.total ||
      lowestEquivalent(layout, Math.floor(level)) < cursor.layout.lowestOf(cursor.index + 1),
    isReached: (cursor) =>
      cursor.layout.lowestOf(cursor.index) >= lowest || cursor.index >= cursor.layout.length - 1,
    advance: () => {
      level *= options.base;
      highest = Math.floor(level) - 1;
      lowest = lowestEquivalent(layout, highest);
    },
    valueTo: () => highest,
    level: () => null,
  };
}

/** `ticks` steps in each halving of the distance to 100 %, and one that ends there. */
export function percentileRule(ticks: number): StepRule {
  let level = 0;
  let isLast = false;
  return {
    hasNext: (cursor) => {
      if (cursor.countTo < cursor.total) return true;
      if (isLast || cursor.total === 0n) return false;
      level = 100;
      isLast = true;
      return true;
    },
    isReached: (cursor) =>
      cursor.count !== 0n && 100 * Number(cursor.countTo) / Number(cursor.total) >= level,
    advance: () => {
      const halvings = Math.trunc(Math.log(100 / (100 - level)) / Math.log(2)) + 1;
      level += 100 / (ticks * 2 ** halvings);
    },
    valueTo: (cursor) => cursor.layout.highestOf(cursor.index),
    level: () => level,
  };
}

function lowestEquivalent(layout: HdrLayout, value: number): number {
  if (value < 0) return value;
  return value >= 2 ** 63 ? 2 ** 63 : layout.lowestOf(layout.indexOf(value));
}
