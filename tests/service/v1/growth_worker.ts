/**
 * One thread of the growth test: fills a histogram with raw values that its axes must grow for.
 *
 * @module
 */

import { Arena, Registry } from "../../../lib/accum/mod.ts";
import { SeededPrng } from "../../../lib/base/mod.ts";
import { type Axis, IntegerAxis, RegularAxis, StrCategoryAxis } from "../../../lib/hist/mod.ts";
import { TestService } from "../support.ts";
import { fillEntries, type Values } from "./fill_support.ts";

/** What a thread is told. */
export interface GrowthOrder {
  readonly buffer: SharedArrayBuffer;
  readonly threadIndex: number;
  readonly seed: number;
  readonly fills: number;
  readonly histId: string;
}

/** What a thread says at its end. */
export interface GrowthReport {
  readonly error: string | null;
}

/** The axes of the histogram. */
export function growingAxes(): Axis[] {
  return [
    new StrCategoryAxis({ name: "s", growth: true }),
    new RegularAxis({ name: "x", bins: 3, lower: 0, upper: 0.9, growth: true }),
    new IntegerAxis({ name: "i", lower: 0, upper: 1, growth: true }),
  ];
}

/** The columns of a thread's fill number `n`: the later, the farther. */
export function threadEntries(
  thread: { seed: number; threadIndex: number },
  n: number,
): readonly Values[] {
  const prng = new SeededPrng(thread.seed + 7919 * thread.threadIndex + 104_729 * n);
  const count = prng.int(1, 20);
  const reach = 4 + n;
  const draw = <T>(value: () => T): T[] => Array.from({ length: count }, value);
  return [
    draw(() => "abcd"[prng.int(0, 4)]!),
    draw(() => prng.int(-10 * reach, 10 * reach) / 10 + 0.0037),
    draw(() => prng.int(-reach, reach)),
  ];
}

function run(order: GrowthOrder): void {
  const { threadIndex, seed } = order;
  const service = new TestService({
    registry: new Registry(new Arena(order.buffer), { threadIndex }),
  });
  for (let n = 0; n < order.fills; n++) {
    const columns = threadEntries({ seed, threadIndex }, n);
    fillEntries(service, order.histId, { columns, uniqueId: `${threadIndex}:${n}` });
  }
}

/** A worker's scope, of which TypeScript knows nothing here. */
const scope = globalThis as unknown as {
  WorkerGlobalScope?: unknown;
  onmessage: (event: { data: GrowthOrder }) => void;
  postMessage(report: GrowthReport): void;
};

// The test imports this module, too.
if (typeof scope.WorkerGlobalScope === "function") {
  scope.onmessage = ({ data }) => {
    try {
      run(data);
      scope.postMessage({ error: null });
    } catch (error) {
      const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
      scope.postMessage({ error: text });
    }
  };
}
