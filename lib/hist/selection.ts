/**
 * What to take of a histogram, as a value: UHI indexing without the notation.
 *
 * @see the indexing chapter of UHI
 *
 * @module
 */

/** A place on an axis; what it means beyond the bins of the axis depends on where it stands. */
export type AxisPoint =
  /** A bin; negative counts from the end. */
  | { readonly type: "index"; readonly index: number }
  /** The bin of a value or category, moved by `offset` bins. */
  | {
    readonly type: "loc";
    readonly value: number | string | boolean;
    readonly offset?: number;
  }
  /** The underflow bin, at -1, moved by `offset` bins. */
  | { readonly type: "underflow"; readonly offset?: number }
  /** The overflow bin, at the number of bins (Python's `len`), moved by `offset` bins. */
  | { readonly type: "overflow"; readonly offset?: number }
  /** A bin as it is numbered inside: -1 for underflow, the number of bins for overflow. */
  | { readonly type: "at"; readonly index: number };

/** How neighbouring bins become one: `factor` at a time, in `groups` of these sizes, or between these `edges`. */
export type Rebin =
  | { readonly type: "factor"; readonly factor: number }
  | { readonly type: "groups"; readonly groups: readonly number[] }
  | { readonly type: "edges"; readonly edges: readonly number[] };

/** A range of bins, kept, rebinned, or summed so that the axis goes. */
export interface AxisSlice {
  /** Tells it from the other selections. */
  readonly type: "slice";
  /** The first bin; default all, and if there is no `stop` either, the underflow bin, too. */
  readonly start?: AxisPoint;
  /** One past the last bin; default all, and if there is no `start` either, the overflow bin, too. */
  readonly stop?: AxisPoint;
  /** Default: keep the bins. */
  readonly action?: "sum" | Rebin;
}

/** Some categories, in this order. */
export interface AxisPick {
  /** Tells it from the other selections. */
  readonly type: "pick";
  /** The categories: points, or patterns after Python's `fnmatch` for strings, each standing for all that match. */
  readonly points: readonly (AxisPoint | { readonly type: "match"; readonly pattern: string })[];
}

/** What to take of one axis: one bin, so that the axis goes; a range; or some categories. */
export type AxisSelection = AxisPoint | AxisSlice | AxisPick;

/** What to take of one axis, and which axis that is. */
export interface SelectionEntry {
  /** Its name, or its number; negative counts from the end. */
  readonly axis: string | number;
  /** What to take. */
  readonly take: AxisSelection;
}

/** What to take of a histogram: of axes that are not named, everything. */
export interface Selection {
  /** At most one for each axis. */
  readonly entries: readonly SelectionEntry[];
  /** The number of axes that the histogram must have; default any. */
  readonly rank?: number;
}

/**
 * A selection that a histogram cannot answer.
 *
 * @example
 * ```ts
 * import { Hist, parseUhi, RegularAxis, select, SelectionError } from "@histserv/hist";
 *
 * const hist = new Hist([new RegularAxis({ bins: 4, lower: 0, upper: 1, name: "x" })]);
 * try {
 *   select(hist, parseUhi("{'y': 3}"));
 * } catch (error) {
 *   if (error instanceof SelectionError) console.log(error.message);
 * }
 * ```
 */
export class SelectionError extends RangeError {
  /** The error's class, as text. */
  override readonly name = "SelectionError";
  /** The axis, by number; -1 for the selection as a whole. */
  readonly axis: number;

  /** `problem` continues the sentence "Cannot select …". */
  constructor(axis: number, problem: string) {
    super(axis < 0 ? `Cannot select: ${problem}` : `Cannot select on axis ${axis}: ${problem}`);
    this.axis = axis;
  }
}
