/**
 * Heat maps for terminals: two cells a character, upper and lower half, or shades where there are no colours.
 *
 * @module
 */

import { type Rgb, viridis } from "./color_map.ts";

/** What colours a terminal has: 24 bits each, a palette of 256, or none. */
export type TerminalColors = "rgb" | "256" | "none";

/** Numbers over two dimensions. */
export interface HeatGrid {
  /** Row-major, x first: the value at (x, y) is `values[x * ySize + y]`. NaN for none. */
  readonly values: ArrayLike<number>;
  /** Number of columns, at least 1. */
  readonly xSize: number;
  /** Number of rows, at least 1; drawn from the bottom up. */
  readonly ySize: number;
}

/** How a heat map is drawn. */
export interface HeatMapOptions {
  /** The most characters of a line; default 60. */
  readonly width?: number;
  /** The most lines; default 20. */
  readonly height?: number;
  /** Default `rgb`. */
  readonly colors?: TerminalColors;
  /** Whether colours follow the logarithm; default false. What is not positive is blank then. */
  readonly isLog?: boolean;
  /** The values of the first and last colour; default the least and greatest that are shown. */
  readonly range?: readonly [least: number, greatest: number];
}

const shades = [" ", "░", "▒", "▓", "█"] as const;
const reset = "\x1b[0m";

/**
 * `grid` as lines of text. What is 0 or no number is left blank, so that empty regions look empty. Where there are more
 * cells than room, a place shows the mean of its cells; where there are fewer, each takes several places.
 *
 * @throws {RangeError} if there are not as many values as cells.
 */
export function heatMap(
  grid: HeatGrid,
  options: HeatMapOptions = {},
): string[] {
  const { xSize, ySize, values } = grid;
  const { width = 60, height = 20, colors = "rgb", isLog = false } = options;
  if (!(xSize >= 1 && ySize >= 1) || values.length !== xSize * ySize) {
    throw new RangeError(
      `Cannot draw ${values.length} values as ${xSize} by ${ySize} cells`,
    );
  }
  // Without colours a character is one cell; else it is two, one above the other.
  const perLine = colors === "none" ? 1 : 2;
  const columns = places(xSize, Math.max(1, width));
  const rows = places(ySize, Math.max(1, height) * perLine);
  const picture = meansOf(grid, columns, rows);
  const shown = picture.filter((value) => isShown(value, isLog));
  const least = options.range?.[0] ??
    shown.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = options.range?.[1] ??
    shown.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = { least, greatest, isLog };
  const lines: string[] = [];
  for (let top = rows.length - 1; top >= 0; top -= perLine) {
    const upper = columns.map((_, column) => partOf(picture[column * rows.length + top]!, scale));
    const lower = columns.map((_, column) =>
      perLine === 2 && top > 0 ? partOf(picture[column * rows.length + top - 1]!, scale) : null
    );
    lines.push(
      colors === "none" ? shadeLine(upper) : colorLine(upper, lower, colors),
    );
  }
  return lines;
}

/** For each place on the screen the cells [from, to) that it shows. */
function places(size: number, room: number): [from: number, to: number][] {
  if (size <= room) {
    const repeat = Math.floor(room / size);
    return Array.from({ length: size * repeat }, (_, i) => {
      const cell = Math.floor(i / repeat);
      return [cell, cell + 1];
    });
  }
  return Array.from(
    { length: room },
    (_, i) => [Math.floor(i * size / room), Math.floor((i + 1) * size / room)],
  );
}

function meansOf(
  grid: HeatGrid,
  columns: readonly [number, number][],
  rows: readonly [number, number][],
): Float64Array {
  const { values, ySize } = grid;
  const means = new Float64Array(columns.length * rows.length);
  for (const [column, [xFrom, xTo]] of columns.entries()) {
    for (const [row, [yFrom, yTo]] of rows.entries()) {
      let sum = 0;
      for (let x = xFrom; x < xTo; x++) {
        for (let y = yFrom; y < yTo; y++) sum += values[x * ySize + y]!;
      }
      means[column * rows.length + row] = sum / ((xTo - xFrom) * (yTo - yFrom));
    }
  }
  return means;
}

function isShown(value: number, isLog: boolean): boolean {
  return Number.isFinite(value) && (isLog ? value > 0 : value !== 0);
}

interface ColorScale {
  readonly least: number;
  readonly greatest: number;
  readonly isLog: boolean;
}

/** Where in [0, 1] between the ends of the scale `value` is; nothing for what stays blank. */
function partOf(value: number, scale: ColorScale): number | null {
  const { least, greatest, isLog } = scale;
  if (!isShown(value, isLog)) return null;
  const map = (x: number) => isLog ? Math.log(x) : x;
  const range = map(greatest) - map(least);
  return range > 0 ? Math.min(Math.max((map(value) - map(least)) / range, 0), 1) : 1;
}

function shadeLine(parts: readonly (number | null)[]): string {
  // The faintest shade is for the least value: only what is empty is blank.
  const shadeOf = (part: number) => shades[1 + Math.min(Math.floor(part * 4), 3)]!;
  return parts.map((part) => part === null ? shades[0] : shadeOf(part)).join("")
    .trimEnd();
}

/** Half blocks: the upper cell in the foreground's colour, the lower one in the background's. */
function colorLine(
  upper: readonly (number | null)[],
  lower: readonly (number | null)[],
  colors: "rgb" | "256",
): string {
  let line = "";
  let current = "";
  for (const [i, top] of upper.entries()) {
    const bottom = lower[i]!;
    const [front, back, glyph] = top === null ? [bottom, null, "▄"] as const : [top, bottom, "▀"];
    const codes = front === null ? "" : colorCode(38, front, colors) +
      (back === null ? "" : `;${colorCode(48, back, colors)}`);
    if (codes !== current) line += codes === "" ? reset : `\x1b[0;${codes}m`;
    current = codes;
    line += front === null ? " " : glyph;
  }
  return current === "" ? line.trimEnd() : line + reset;
}

function colorCode(
  layer: 38 | 48,
  part: number,
  colors: "rgb" | "256",
): string {
  const color = viridis(part);
  return colors === "rgb" ? `${layer};2;${color.join(";")}` : `${layer};5;${paletteIndex(color)}`;
}

const levels = [0, 95, 135, 175, 215, 255];

/** The nearest colour of the 6 x 6 x 6 cube within xterm's 256. */
function paletteIndex([red, green, blue]: Rgb): number {
  const nearest = (value: number) => {
    const distances = levels.map((level) => Math.abs(level - value));
    return distances.indexOf(Math.min(...distances));
  };
  return 16 + 36 * nearest(red) + 6 * nearest(green) + nearest(blue);
}
