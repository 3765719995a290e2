/**
 * Taking a part of a histogram: UHI indexing.
 *
 * @module
 */

import type { Hist } from "./hist.ts";
import type { Selection } from "./selection.ts";
import { resolveSelection } from "./selection_resolver.ts";
import { planSteps, runSteps } from "./selection_steps.ts";

/**
 * The part of `hist` that `selection` takes, as a histogram of its own. Where no axis is left, it has a single
 * cell.
 *
 * Sums are those of boost-histogram, bit for bit.
 *
 * @throws {SelectionError} if the selection does not fit the axes.
 *
 * @example
 * ```ts
 * import { Hist, parseUhi, RegularAxis, select, StrCategoryAxis } from "@histserv/hist";
 *
 * const hist = new Hist([
 *   new StrCategoryAxis({ name: "dataset", growth: true }),
 *   new RegularAxis({ name: "x", bins: 4, lower: 0, upper: 1 }),
 * ]);
 * hist.fill([["data", "signal"], [0.1, 0.8]]);
 * select(hist, parseUhi("'data', 0.5j:")).values(); // Float64Array [0, 0]
 * select(hist, parseUhi("{'dataset': sum}")).values(); // Float64Array [1, 0, 0, 1]
 * ```
 */
export function select(hist: Hist, selection: Selection): Hist {
  const { axes, cells } = hist;
  const kind = hist.spec.cellKind;
  const plan = planSteps(axes, resolveSelection(axes, selection));
  return hist.derive(
    plan.axes.filter((axis) => axis !== undefined),
    runSteps(kind, plan.steps, cells),
  );
}
