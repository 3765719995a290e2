/**
 * The one error of this room's readers: text that does not describe a histogram.
 *
 * @module
 */

/**
 * Text that does not describe a histogram, with the place of the offending field.
 *
 * The message reads `axes[2].edges: must be strictly ascending`, or, for text that is not JSON,
 * `Cannot read JSON: expected a value at line 1, column 1`.
 *
 * @example
 * ```ts
 * import { HistFormatError, parseHistSpec } from "@histserv/hist";
 *
 * try {
 *   parseHistSpec(`{"axes": [{"type": "banana"}], "storage": {"type": "double"}}`);
 * } catch (error) {
 *   if (error instanceof HistFormatError) console.log(error.path); // axes[0].type
 * }
 * ```
 */
export class HistFormatError extends SyntaxError {
  /** The error's class, as text. */
  override readonly name = "HistFormatError";
  /** Where the offending field is, like `axes[2].edges`; empty for the text as a whole. */
  readonly path: string;
  /** What is wrong with it, without the path. */
  readonly problem: string;

  /** An error at `path` (empty for the text as a whole); `problem` continues the sentence "<path>: …". */
  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

/**
 * An axis that cannot exist: which of its fields is at fault, and why.
 *
 * @example
 * ```ts
 * import { AxisError, RegularAxis } from "@histserv/hist";
 *
 * try {
 *   new RegularAxis({ bins: 0, lower: 0, upper: 1 });
 * } catch (error) {
 *   if (error instanceof AxisError) console.log(error.field); // bins
 * }
 * ```
 */
export class AxisError extends RangeError {
  /** The error's class, as text. */
  override readonly name = "AxisError";
  /** The offending field, like `edges`. */
  readonly field: string;
  /** What is wrong with the field, continuing the sentence "<field> …". */
  readonly problem: string;

  /** `problem` continues the sentence "<field> …". */
  constructor(field: string, problem: string) {
    super(`Cannot make an axis: ${field} ${problem}`);
    this.field = field;
    this.problem = problem;
  }
}
