/**
 * Histograms of two axes as heat maps with edges, names, and a key to the colours.
 *
 * @module
 */

import { type Axis, type Hist, isCategoryAxis } from "../hist/mod.ts";
import { heatMap, type HeatMapOptions } from "./heat_map.ts";
import { formatGeneral, printable } from "./number_text.ts";

/** How the heat map of a histogram is drawn; width and height are those of everything. */
export type HistHeatMapOptions = Omit<HeatMapOptions, "range">;

/** The longest label beside the picture. */
const labelCharactersMax = 12;

/**
 * `hist` as a heat map: the first axis to the right, the second upwards, flow bins left out; below it the least and
 * greatest value.
 *
 * @throws {RangeError} if it has not exactly two axes.
 *
 * @example
 * ```ts
 * import { Hist, RegularAxis } from "@histserv/hist";
 * import { formatHeatMap } from "@histserv/plot";
 *
 * const axis = (name: string) => new RegularAxis({ name, bins: 20, lower: 0, upper: 1 });
 * const hist = new Hist([axis("x"), axis("y")]);
 * hist.fill([[0.1, 0.5, 0.5], [0.2, 0.5, 0.6]]);
 * console.log(formatHeatMap(hist, { colors: "none" }));
 * ```
 */
export function formatHeatMap(
  hist: Hist,
  options: HistHeatMapOptions = {},
): string {
  const [x, y] = hist.axes;
  if (x === undefined || y === undefined || hist.axes.length > 2) {
    throw new RangeError(
      `Cannot draw a heat map: ${hist.axes.length} axes, not two`,
    );
  }
  const { width = 78, height = 24, ...others } = options;
  const [bottom, top] = [endLabel(y, "lower"), endLabel(y, "upper")];
  const margin = Math.max(bottom.length, top.length) + 1;
  const values = hist.values();
  if (values.length === 0) return `${titleOf(x, y)}\n(no bins)\n`;
  // Title, frame of two lines, edges of x, key.
  const lines = heatMap({ values, xSize: x.size, ySize: y.size }, {
    ...others,
    width: width - margin - 2,
    height: height - 5,
  });
  const inner = Math.max(
    ...lines.map(visibleLength),
    fullWidth(x.size, width - margin - 2),
  );
  const body = lines.map((line, i) => {
    let label = "";
    if (i === 0) label = top;
    else if (i === lines.length - 1) label = bottom;
    return `${label.padStart(margin - 1)} │${line}${" ".repeat(inner - visibleLength(line))}│`;
  });
  const indent = " ".repeat(margin);
  const [left, right] = [endLabel(x, "lower"), endLabel(x, "upper")];
  const gap = " ".repeat(Math.max(1, inner + 2 - left.length - right.length));
  return [
    titleOf(x, y),
    `${indent}┌${"─".repeat(inner)}┐`,
    ...body,
    `${indent}└${"─".repeat(inner)}┘`,
    `${indent}${left}${gap}${right}`,
    `${indent}${keyOf(values, options.isLog ?? false)}`,
  ].map((line) => `${line.trimEnd()}\n`).join("");
}

/** Columns that the picture takes, blank ones included. */
function fullWidth(size: number, room: number): number {
  return size <= room ? size * Math.floor(room / size) : Math.max(1, room);
}

function titleOf(x: Axis, y: Axis): string {
  const name = (axis: Axis, other: string) => printable(axis.label || axis.name || other);
  return `${name(y, "y")} over ${name(x, "x")}`;
}

function keyOf(values: Float64Array, isLog: boolean): string {
  const shown = values.filter((value) =>
    Number.isFinite(value) && (isLog ? value > 0 : value !== 0)
  );
  if (shown.length === 0) return "empty";
  const least = shown.reduce((a, b) => Math.min(a, b));
  const greatest = shown.reduce((a, b) => Math.max(a, b));
  const scale = isLog ? ", logarithmic" : "";
  return `${formatGeneral(least, 4)} to ${formatGeneral(greatest, 4)} in a bin${scale}`;
}

function endLabel(axis: Axis, end: "lower" | "upper"): string {
  if (isCategoryAxis(axis)) {
    const categories = axis.categories;
    const name = printable(
      String(categories.at(end === "lower" ? 0 : -1) ?? ""),
    );
    const characters = [...name];
    return characters.length > labelCharactersMax
      ? `${characters.slice(0, labelCharactersMax - 1).join("")}…`
      : name;
  }
  return formatGeneral(axis.edge(end === "lower" ? 0 : axis.size), 4);
}

/** Characters of `line` that are seen: colours are none. */
function visibleLength(line: string): number {
  // Each colour is an escape character, parameters, and an "m".
  return [...line.replaceAll(/\p{Cc}\[[\d;]*m/gu, "")].length;
}
