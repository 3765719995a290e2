/**
 * Arithmetic of histograms, cell by cell: with numbers, and with histograms of the same axes.
 *
 * What each storage allows is what boost-histogram allows, and so are the variances.
 *
 * @see boost_histogram/histogram.py and view.py
 *
 * @module
 */

import { Hist } from "./hist.ts";
import { type CellKind, type Cells, storageTraits } from "./storage.ts";

type Operation = "add" | "subtract" | "multiply" | "divide";

/**
 * An operation that a storage does not have, like the difference of two weighted histograms.
 *
 * @example
 * ```ts
 * import { Hist, RegularAxis, StorageError, subtract } from "@histserv/hist";
 *
 * const hist = new Hist([new RegularAxis({ bins: 1, lower: 0, upper: 1 })], { storage: "weight" });
 * try {
 *   subtract(hist, hist);
 * } catch (error) {
 *   if (error instanceof StorageError) console.log(error.message);
 * }
 * ```
 */
export class StorageError extends TypeError {
  /** The error's class, as text. */
  override readonly name = "StorageError";
}

/**
 * `left + right`. Of two histograms the contents are added as by {@linkcode Hist.add}; a number is added to every
 * cell, flow bins included, and its square to the variances.
 *
 * @throws {StorageError} if a number is added to means, or one that is no integer to integers.
 * @throws {RangeError} if axes or storages differ.
 */
export function add(left: Hist, right: Hist | number): Hist {
  if (typeof right === "number") return withNumber(left, right, "add");
  const sum = left.clone();
  sum.add(right);
  return sum;
}

/**
 * `left - right`, likewise; not for two histograms of weights or means.
 *
 * @throws {StorageError} if the storage has no difference.
 * @throws {RangeError} if axes or storages differ.
 */
export function subtract(left: Hist, right: Hist | number): Hist {
  return typeof right === "number"
    ? withNumber(left, right, "subtract")
    : withHist(left, right, "subtract");
}

/**
 * `left · right`. A number scales values, means, and their variances with its square; integers times what is no
 * integer become doubles.
 *
 * @throws {StorageError} if the storage has no product of two histograms.
 * @throws {RangeError} if axes or storages differ.
 */
export function multiply(left: Hist, right: Hist | number): Hist {
  if (typeof right !== "number") return withHist(left, right, "multiply");
  return withNumber(Number.isInteger(right) ? left : toDoubles(left), right, "multiply");
}

/**
 * `hist · factor`, as ROOT's Scale: the same as {@linkcode multiply} by a number.
 *
 * @throws {StorageError} if the storage cannot be scaled.
 */
export function scale(hist: Hist, factor: number): Hist {
  return multiply(hist, factor);
}

/**
 * `left / right`, likewise. Integers become doubles.
 *
 * @throws {StorageError} if the storage has no quotient of two histograms.
 * @throws {RangeError} if axes or storages differ.
 */
export function divide(left: Hist, right: Hist | number): Hist {
  return typeof right === "number"
    ? withNumber(toDoubles(left), right, "divide")
    : withHist(toDoubles(left), toDoubles(right), "divide");
}

function toDoubles(hist: Hist): Hist {
  const { cells, axes, metadata, writerInfo } = hist;
  if (!(cells instanceof BigInt64Array)) return hist;
  const doubles = Float64Array.from(cells, Number);
  return new Hist(axes, { storage: "double", metadata, writerInfo, cells: doubles });
}

function withNumber(hist: Hist, number: number, operation: Operation): Hist {
  const kind = hist.spec.cellKind;
  const cells = hist.cells.slice() as Cells;
  if (cells instanceof BigInt64Array) {
    if (!Number.isInteger(number)) {
      throw new StorageError(`Cannot ${operation} ${number}: the histogram holds integers`);
    }
    const operand = BigInt(number);
    for (let i = 0; i < cells.length; i++) cells[i] = integerResult(cells[i]!, operand, operation);
  } else {
    applyNumber(cells, number, { kind, operation });
  }
  return resultOf(hist, cells);
}

function applyNumber(
  cells: Float64Array,
  number: number,
  how: { kind: CellKind; operation: Operation },
): void {
  const { kind, operation } = how;
  const isSum = operation === "add" || operation === "subtract";
  if (kind === "mean" || kind === "weighted_mean") {
    if (isSum) throw new StorageError(`Cannot ${operation} ${number}: the histogram holds means`);
    const [width, mean] = kind === "mean" ? [3, 1] : [4, 2];
    for (let at = 0; at < cells.length; at += width) {
      cells[at + mean] = result(cells[at + mean]!, number, operation);
      const deltas = result(cells[at + mean + 1]!, number, operation);
      cells[at + mean + 1] = result(deltas, number, operation);
    }
  } else if (kind === "weighted") {
    const square = number * number;
    for (let at = 0; at < cells.length; at += 2) {
      cells[at] = result(cells[at]!, number, operation);
      cells[at + 1] = isSum ? cells[at + 1]! + square : result(cells[at + 1]!, square, operation);
    }
  } else {
    for (let i = 0; i < cells.length; i++) cells[i] = result(cells[i]!, number, operation);
  }
}

function withHist(left: Hist, right: Hist, operation: Operation): Hist {
  const kind = left.spec.cellKind;
  if (kind !== right.spec.cellKind) {
    throw new RangeError(
      `Cannot ${operation} histograms: storages ${left.storage} and ${right.storage}`,
    );
  }
  if (kind !== "f64" && kind !== "i64") {
    const { boostName } = storageTraits[left.storage];
    throw new StorageError(`Cannot ${operation} histograms: not of storage ${boostName}`);
  }
  const isSame = left.axes.length === right.axes.length &&
    left.axes.every((axis, i) => axis.equals(right.axes[i]!));
  if (!isSame) throw new RangeError(`Cannot ${operation} histograms: their axes differ`);
  const cells = left.cells.slice() as Cells;
  if (cells instanceof BigInt64Array) {
    const operands = right.cells as BigInt64Array;
    for (let i = 0; i < cells.length; i++) {
      cells[i] = integerResult(cells[i]!, operands[i]!, operation);
    }
  } else {
    const operands = right.cells as Float64Array;
    for (let i = 0; i < cells.length; i++) cells[i] = result(cells[i]!, operands[i]!, operation);
  }
  return resultOf(left, cells);
}

/** Cells that are no counts any more, so that they are not their own variances. */
function resultOf(hist: Hist, cells: Cells): Hist {
  const { axes, storage, metadata, writerInfo } = hist;
  const kind = hist.spec.cellKind;
  const isVarianceKnown = kind !== "f64" && kind !== "i64";
  return new Hist(axes, { storage, metadata, writerInfo, cells, isVarianceKnown });
}

function result(left: number, right: number, operation: Operation): number {
  switch (operation) {
    case "add":
      return left + right;
    case "subtract":
      return left - right;
    case "multiply":
      return left * right;
    case "divide":
      return left / right;
  }
}

function integerResult(left: bigint, right: bigint, operation: Operation): bigint {
  switch (operation) {
    case "add":
      return left + right;
    case "subtract":
      return left - right;
    default:
      return left * right;
  }
}
