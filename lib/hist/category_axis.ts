/**
 * Axes of categories, in the order of their first appearance: integers or strings.
 *
 * @module
 */

import { AxisBase, type AxisLabels } from "./axis_base.ts";
import { categoryFlow } from "./axis_flow.ts";
import { AxisError } from "./hist_format_error.ts";
import { checkInt32, isInt32 } from "./integer_axis.ts";
import { sameFlow } from "./regular_axis.ts";

/** What describes a category axis. */
export interface CategoryAxisOptions<T extends string | number> extends AxisLabels {
  /** The categories, each once; default none. Copied. */
  readonly categories?: readonly T[];
  /** A last bin for what is in no category; default true, and without effect if the axis grows. */
  readonly overflow?: boolean;
  /** A fill adds the categories that it lacks; default false. */
  readonly growth?: boolean;
}

/** What the two kinds of category axis share. */
export abstract class CategoryAxisBase<T extends string | number> extends AxisBase {
  /** From category to bin; insertion order is the order of bins. */
  readonly #bins = new Map<T, number>();

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if a category appears twice.
   */
  constructor(options: CategoryAxisOptions<T>) {
    super(categoryFlow(options), options);
    for (const category of options.categories ?? []) {
      if (this.#bins.has(category)) {
        throw new AxisError("categories", "must differ from each other");
      }
      this.#bins.set(category, this.#bins.size);
    }
  }

  /** Number of categories. */
  get size(): number {
    return this.#bins.size;
  }

  /** The categories, in order of their bins. A copy. */
  get categories(): T[] {
    return [...this.#bins.keys()];
  }

  /** The lower edge of bin `bin`, as on an integer axis from 0; may be fractional. */
  edge(bin: number): number {
    return bin;
  }

  /** The bin of `category`, or `size` if it is none. */
  index(category: T): number {
    return this.#bins.get(category) ?? this.#bins.size;
  }

  /** Adds `category` behind the others if it is new; always returns 0, since nothing moves. */
  growToHold(category: T): number {
    if (!this.#bins.has(category)) this.#bins.set(category, this.#bins.size);
    return 0;
  }

  /** Takes back the categories behind the first `size`. */
  shrinkTo(size: number): void {
    for (const [category, bin] of this.#bins) if (bin >= size) this.#bins.delete(category);
  }

  /** Whether both have the same categories in the same order, and the same flow bin. */
  protected sameCategories(other: CategoryAxisBase<T>): boolean {
    if (this.size !== other.size || !sameFlow(this, other)) return false;
    for (const [category, bin] of this.#bins) if (other.#bins.get(category) !== bin) return false;
    return true;
  }
}

/**
 * An axis with a bin for each of some 32-bit integers, like run or channel numbers.
 *
 * @example
 * ```ts
 * import { IntCategoryAxis } from "@histserv/hist";
 *
 * const axis = new IntCategoryAxis({ categories: [7, -2, 100] });
 * axis.index(-2); // 1
 * axis.index(5); // 3: overflow
 * ```
 */
export class IntCategoryAxis extends CategoryAxisBase<number> {
  /** The axis' kind. */
  readonly type = "category_int";

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if a category appears twice or is not a 32-bit integer.
   */
  constructor(options: CategoryAxisOptions<number> = {}) {
    if (options.categories?.every(isInt32) === false) {
      throw new AxisError("categories", "must be 32-bit integers");
    }
    super(options);
  }

  /** Adds `category` behind the others if it is new; always returns 0, since nothing moves. */
  override growToHold(category: number): number {
    checkInt32(category);
    return super.growToHold(category);
  }

  /** An equal axis that shares nothing with this one. */
  clone(): IntCategoryAxis {
    const { categories, overflow, growth, metadata } = this;
    return new IntCategoryAxis({ categories, overflow, growth, metadata });
  }

  /** Whether the categories, their order and the options are the same; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof IntCategoryAxis && this.sameCategories(other);
  }
}

/**
 * An axis with a bin for each of some strings, like datasets or systematic variations.
 *
 * @example
 * ```ts
 * import { StrCategoryAxis } from "@histserv/hist";
 *
 * const axis = new StrCategoryAxis({ growth: true, name: "dataset" });
 * axis.growToHold("data");
 * axis.index("data"); // 0
 * ```
 */
export class StrCategoryAxis extends CategoryAxisBase<string> {
  /** The axis' kind. */
  readonly type = "category_str";

  /**
   * Makes the axis that `options` describe.
   *
   * @throws {AxisError} if a category appears twice.
   */
  constructor(options: CategoryAxisOptions<string> = {}) {
    super(options);
  }

  /** An equal axis that shares nothing with this one. */
  clone(): StrCategoryAxis {
    const { categories, overflow, growth, metadata } = this;
    return new StrCategoryAxis({ categories, overflow, growth, metadata });
  }

  /** Whether the categories, their order and the options are the same; names and labels do not count. */
  equals(other: AxisBase): boolean {
    return other instanceof StrCategoryAxis && this.sameCategories(other);
  }
}
