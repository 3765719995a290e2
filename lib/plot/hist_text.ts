/**
 * Histograms as text: Python's `str(h)`, to the byte.
 *
 * @module
 */

import { type Axis, type DenseAxis, edgesOf, type Hist, isCategoryAxis } from "../hist/mod.ts";
import { describeHist } from "./hist_description.ts";
import { formatGeneral, printable } from "./number_text.ts";
import { type ChartRow, textChart, type TextChartOptions } from "./text_chart.ts";

/** How a histogram is written. */
export type HistTextOptions = TextChartOptions;

/**
 * `hist` as Python's `str` writes it: of one axis a chart with its flow bins, or a table of means; else its
 * description.
 *
 * A terminal narrower than 78 columns gives Python a narrower chart: hand its width on. Category names are shown without
 * control characters.
 *
 * @example
 * ```ts
 * import { Hist, IntegerAxis } from "@histserv/hist";
 * import { formatHistText } from "@histserv/plot";
 *
 * const hist = new Hist([new IntegerAxis({ lower: 0, upper: 2 })]);
 * hist.fill([[0, 1, 1]]);
 * console.log(formatHistText(hist, { width: 40 }));
 * ```
 */
export function formatHistText(
  hist: Hist,
  options: HistTextOptions = {},
): string {
  const [axis] = hist.axes;
  if (axis === undefined || hist.axes.length > 1) return describeHist(hist);
  const { cellKind } = hist.spec;
  if (cellKind === "mean" || cellKind === "weighted_mean") {
    return meanTable(hist, axis);
  }
  const values = hist.values({ flow: true });
  const first = axis.underflow ? -1 : 0;
  // A copy at each call: asked for once.
  const categories = isCategoryAxis(axis) ? axis.categories : [];
  const rows = Array.from(values, (value, place): ChartRow => {
    const label = isCategoryAxis(axis)
      ? [place < categories.length ? printable(String(categories[place])) : "other"]
      : labelOf(axis, first + place);
    return { label, value };
  });
  return textChart(rows, { align: "bytes", ...options });
}

/** The label of bin `index`, which is -1 for underflow and the size for overflow, in columns. */
function labelOf(axis: DenseAxis, index: number): string[] {
  if (axis.type === "boolean") return [String(index)];
  if (axis.type === "integer") return [String(axis.lower + index)];
  const [lower, upper] = [valueOf(axis, index), valueOf(axis, index + 1)];
  const small = Math.min(1e-14, 1e-8 * Math.abs(upper - lower));
  const edge = (x: number) => formatGeneral(Math.abs(x) < small ? 0 : x, 4);
  return ["[", edge(lower), ", ", edge(upper), ")"];
}

/** Boost's `value`: the edge `index`, also of flow bins. */
function valueOf(axis: Axis, index: number): number {
  const { size } = axis;
  if (index >= 0 && index <= size) return axis.edge(index);
  if (axis.circular) {
    const turns = Math.floor(index / size);
    return axis.edge(index - turns * size) +
      turns * (axis.edge(size) - axis.edge(0));
  }
  if (axis.type !== "regular") return index < 0 ? -Infinity : Infinity;
  const isDescending = axis.transformedRange < 0;
  const transformed = index < 0 !== isDescending ? -Infinity : Infinity;
  switch (axis.transform?.type) {
    case undefined:
      return transformed;
    case "log":
      return Math.exp(transformed);
    case "sqrt":
      return Infinity;
    case "pow":
      return Math.pow(transformed, 1 / axis.transform.power);
  }
}

function meanTable(hist: Hist, axis: Axis): string {
  const first = axis.underflow ? -1 : 0;
  const rows = hist.view("value", { flow: true }).map((_, place) => first + place);
  const texts = Array.from(rows, (_, place) => meanText(hist, place));
  const indexWidth = rows.reduce((width, index) => Math.max(width, String(index).length), 0);
  const textWidth = texts.reduce((width, { length }) => Math.max(width, length), 0);
  const lines = texts.map((text, place) => {
    const index = String(rows[place]).padStart(indexWidth);
    return `  (${index}): ${text.padEnd(textWidth)}\n`;
  });
  return `  ${axisText(axis)}\n${lines.join("")}`;
}

/** A mean as boost-histogram's accumulators print themselves. */
function meanText(hist: Hist, place: number): string {
  const general = (x: number) => formatGeneral(x, 6);
  const cells = hist.cells as Float64Array;
  if (hist.spec.cellKind === "mean") {
    const [count = 0, value = 0, deltas = 0] = cells.subarray(3 * place, 3 * place + 3);
    const variance = count > 1 ? deltas / (count - 1) : NaN;
    return `count=${general(count)}, value=${general(value)}, variance=${general(variance)}`;
  }
  const [sum = 0, squares = 0, value = 0, deltas = 0] = cells.subarray(4 * place, 4 * place + 4);
  const variance = deltas / (sum - squares / sum);
  // What is no number comes out of 0 / 0, which is negative on the processors that Python runs on.
  const shown = Number.isNaN(variance) ? "-nan" : general(variance);
  return `sum_of_weights=${general(sum)}, sum_of_weights_squared=${general(squares)}, ` +
    `value=${general(value)}, variance=${shown}`;
}

/** An axis as Boost prints it. */
function axisText(axis: Axis): string {
  const options = ["underflow", "overflow", "circular", "growth"] as const;
  const set = options.filter((option) => axis[option]).join(" | ");
  return `${axisHead(axis)}, metadata=metadata_t, options=${set === "" ? "none" : set})`;
}

function axisHead(axis: Axis): string {
  const general = (x: number) => formatGeneral(x, 6);
  switch (axis.type) {
    case "regular": {
      const { transform } = axis;
      const range = `${axis.size}, ${general(axis.lower)}, ${general(axis.upper)}`;
      if (transform === undefined) return `regular(${range}`;
      return transform.type === "pow"
        ? `regular(transform::pow{${general(transform.power)}}, ${range}`
        : `regular(func_transform, ${range}`;
    }
    case "variable":
      return `variable(${Array.from(edgesOf(axis), general).join(", ")}`;
    case "integer":
      return `integer(${axis.lower}, ${axis.upper}`;
    case "boolean":
      return "integer(0, 2";
    case "category_int":
      return `category(${axis.categories.join(", ")}`;
    case "category_str":
      return `category(${axis.categories.map((name) => quoted(printable(name))).join(", ")}`;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '\\"')}"`;
}
