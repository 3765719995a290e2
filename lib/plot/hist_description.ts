/**
 * Histograms in a line: Python's `repr(h)`.
 *
 * @module
 */

import {
  type Accumulator,
  type Axis,
  edgesOf,
  formatPythonFloat,
  type Hist,
  storageTraits,
  sum,
} from "../hist/mod.ts";
import { formatGeneral, printable } from "./number_text.ts";

/**
 * `hist` as Python's `repr` writes it: axes, storage, and the sum of its cells if there is one.
 *
 * @example
 * ```ts
 * import { Hist, RegularAxis } from "@histserv/hist";
 * import { describeHist } from "@histserv/plot";
 *
 * describeHist(new Hist([new RegularAxis({ bins: 2, lower: 0, upper: 1, name: "x" })]));
 * // Hist(Regular(2, 0, 1, name='x'), storage=Double())
 * ```
 */
export function describeHist(hist: Hist): string {
  const { axes } = hist;
  const storage = `storage=${storageTraits[hist.storage].boostName}()`;
  let text = `Hist(${storage})`;
  if (axes.length === 1) text = `Hist(${describeAxis(axes[0]!)}, ${storage})`;
  else if (axes.length > 1) {
    text = `Hist(\n  ${axes.map(describeAxis).join(",\n  ")},\n  ${storage})`;
  }
  const all = describeSum(sum(hist, { flow: true }));
  if (all === undefined) return text;
  const inside = describeSum(sum(hist)) ?? emptySum(hist);
  return inside === all ? `${text} # Sum: ${all}` : `${text} # Sum: ${inside} (${all} with flow)`;
}

/** A sum; nothing of an empty one. */
function describeSum(total: Accumulator): string | undefined {
  const general = (x: number) => formatGeneral(x, 6);
  switch (total.kind) {
    case "f64":
      return total.value === 0 ? undefined : pythonNumber(total.value);
    case "i64":
      return total.value === 0n ? undefined : pythonNumber(Number(total.value));
    case "weighted":
      if (total.value === 0 && total.variance === 0) return undefined;
      return `WeightedSum(value=${general(total.value)}, variance=${general(total.variance)})`;
    case "mean":
      if (total.count === 0) return undefined;
      return `Mean(count=${general(total.count)}, value=${general(total.value)}, ` +
        `variance=${general(total.variance)})`;
    case "weighted_mean":
      if (total.sumOfWeights === 0) return undefined;
      return `WeightedMean(sum_of_weights=${general(total.sumOfWeights)}, ` +
        `sum_of_weights_squared=${general(total.sumOfWeightsSquared)}, ` +
        `value=${general(total.value)}, variance=${signedNan(total.variance)})`;
  }
}

function emptySum(hist: Hist): string {
  switch (hist.spec.cellKind) {
    case "weighted":
      return "WeightedSum(value=0, variance=0)";
    case "mean":
      return "Mean(count=0, value=0, variance=nan)";
    case "weighted_mean":
      return "WeightedMean(sum_of_weights=0, sum_of_weights_squared=0, value=0, variance=-nan)";
    default:
      return "0.0";
  }
}

/** What is no number comes out of 0 / 0, which is negative on the processors that Python runs on. */
function signedNan(variance: number): string {
  return Number.isNaN(variance) ? "-nan" : formatGeneral(variance, 6);
}

function pythonNumber(value: number): string {
  return Number.isFinite(value) ? formatPythonFloat(value) : formatGeneral(value, 6);
}

function describeAxis(axis: Axis): string {
  const parts = [...describeBins(axis), ...describeFlow(axis)];
  if (axis.type === "regular" && axis.transform !== undefined) {
    const { transform } = axis;
    const power = transform.type === "pow" ? `(${formatGeneral(transform.power, 6)})` : "";
    parts.push(`transform=${transform.type}${power}`);
  }
  if (axis.name !== "") parts.push(`name=${pythonString(axis.name)}`);
  if (axis.label !== "" && axis.label !== axis.name) {
    parts.push(`label=${pythonString(axis.label)}`);
  }
  return `${classOf(axis)}(${parts.join(", ")})`;
}

function classOf(axis: Axis): string {
  const names = {
    regular: "Regular",
    variable: "Variable",
    integer: "Integer",
    boolean: "Boolean",
    category_int: "IntCategory",
    category_str: "StrCategory",
  } as const;
  return names[axis.type];
}

function describeBins(axis: Axis): string[] {
  const general = (x: number) => formatGeneral(x, 6);
  switch (axis.type) {
    case "regular":
      return [
        String(axis.size),
        general(axis.edge(0)),
        general(axis.edge(axis.size)),
      ];
    case "variable":
      return [`[${Array.from(edgesOf(axis), general).join(", ")}]`];
    case "integer":
      return [general(axis.lower), general(axis.upper)];
    case "boolean":
      return [];
    case "category_int":
      return [`[${axis.categories.map(general).join(", ")}]`];
    case "category_str":
      return [`[${axis.categories.map(pythonString).join(", ")}]`];
  }
}

function describeFlow(axis: Axis): string[] {
  if (axis.type === "boolean") return [];
  if (axis.growth) return ["growth=True"];
  if (axis.circular) return ["circular=True"];
  const isCategory = axis.type === "category_int" ||
    axis.type === "category_str";
  return [
    ...(axis.underflow || isCategory ? [] : ["underflow=False"]),
    ...(axis.overflow ? [] : ["overflow=False"]),
  ];
}

/** Python's `repr` of a string, without control characters. */
function pythonString(text: string): string {
  const body = printable(text).replaceAll("\\", "\\\\");
  const isDouble = body.includes("'") && !body.includes('"');
  return isDouble ? `"${body}"` : `'${body.replaceAll("'", "\\'")}'`;
}
