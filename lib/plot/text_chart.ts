/**
 * Bar charts as text, character for character as Boost.Histogram draws them.
 *
 * @see boost/histogram/ostream.hpp
 *
 * @module
 */

import { formatGeneral } from "./number_text.ts";

/** A row of a chart. */
export interface ChartRow {
  /** Its label in columns, which are aligned to the right each: `["[", "0", ", ", "1", ")"]`. */
  readonly label: readonly string[];
  /** The length of its bar. */
  readonly value: number;
}

/** How a chart is drawn. */
export interface TextChartOptions {
  /** Characters of a line; default 78. */
  readonly width?: number;
  /** Whether the terminal shows more than ASCII; default true. */
  readonly unicode?: boolean;
  /** What a label's width is counted in; default `characters`. Boost counts bytes of UTF-8. */
  readonly align?: "characters" | "bytes";
}

const eighths = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/**
 * A chart of `rows`, one line each, framed: label, value, and a bar from zero. Empty if there is no room for bars.
 *
 * @example
 * ```ts
 * import { textChart } from "@histserv/plot";
 *
 * textChart([{ label: ["a"], value: 2 }, { label: ["b"], value: 1 }], { width: 15 });
 * //     ┌─────────┐
 * // a 2 │████████ │
 * // b 1 │████     │
 * //     └─────────┘
 * ```
 */
export function textChart(
  rows: readonly ChartRow[],
  options: TextChartOptions = {},
): string {
  const { width = 78, unicode = true, align = "characters" } = options;
  const columns = rows.map((
    { label, value },
  ) => [...label, " ", formatValue(value)]);
  const measure = align === "bytes" ? byteLength : (text: string) => [...text].length;
  const widths = columnWidths(columns, measure);
  const headWidth = widths.reduce((a, b) => a + b, 0);
  const barWidth = width - 4 - headWidth;
  if (barWidth < 0) return "";
  const values = rows.map(({ value }) => value);
  const least = values.reduce((a, b) => b < a ? b : a, 0);
  const greatest = values.reduce((a, b) => b > a ? b : a, 0) || 1;
  const range = greatest - least;
  const zero = roundAway(-least / range * barWidth);
  const bar = unicode ? unicodeBar : asciiBar;
  const lines = rows.map(({ value }, row) => {
    const head = columns[row]!.map((text, column) => {
      const padding = " ".repeat(widths[column]! - measure(text));
      return column === columns[row]!.length - 1 ? text + padding : padding + text;
    });
    return head.join("") + bar({ zero, width: barWidth }, value / range);
  });
  const indent = " ".repeat(headWidth + 1);
  const frame = (left: string, line: string, right: string) =>
    indent + left + line.repeat(barWidth + 1) + right;
  const [top, bottom] = unicode
    ? [frame("┌", "─", "┐"), frame("└", "─", "┘")]
    : [frame("+", "-", "+"), frame("+", "-", "+")];
  return [top, ...lines, bottom].join("\n");
}

/** Whole numbers of 32 bits as such, others with 4 digits. */
function formatValue(value: number): string {
  return value === (value | 0) ? String(value | 0) : formatGeneral(value, 4);
}

function columnWidths(
  rows: readonly (readonly string[])[],
  measure: (text: string) => number,
): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, measure(text));
    }
  }
  return widths;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

interface Bars {
  /** Columns left of zero. */
  readonly zero: number;
  /** Columns of all bars. */
  readonly width: number;
}

/** A bar of the length `part` of the width, in eighths of characters to the right, in whole ones to the left. */
function unicodeBar({ zero, width }: Bars, part: number): string {
  let whole = roundAway(part * width);
  if (part > 0) {
    let rest = roundAway(8 * (part * width - whole));
    if (rest < 0) {
      whole--;
      rest += 8;
    }
    return ` │${space(zero)}${"█".repeat(whole)}${eighths[rest]}${space(width - zero - whole)}│`;
  }
  if (part < 0) {
    return ` │${space(zero + whole)}${"█".repeat(-whole)}${space(width - zero + 1)}│`;
  }
  return ` │${space(width + 1)}│`;
}

function asciiBar({ zero, width }: Bars, part: number): string {
  const whole = roundAway(part * width);
  return part < 0
    ? ` |${space(zero + whole)}${"=".repeat(-whole)}${space(width - zero)} |`
    : ` |${space(zero)}${"=".repeat(whole || 0)}${space(width - zero - whole)} |`;
}

function space(count: number): string {
  return " ".repeat(Math.max(count || 0, 0));
}

/** C's `lround`: halves away from zero. */
function roundAway(x: number): number {
  return Math.sign(x) * Math.round(Math.abs(x));
}
