/**
 * How a large array is cut into blocks, which HDF5 calls chunks: equal boxes that are compressed and stored
 * one by one.
 *
 * @module
 */

/** The most bytes of a block: fits the cache of HDF5's readers, and is compressed in a few milliseconds. */
export const blockBytesMax = 262144;

/** An array and its blocks; blocks at the ends may reach beyond the array. */
export interface BlockGrid {
  /** Shape of the array; row-major. */
  readonly extents: readonly number[];
  /** Which axes are category axes: the others are the dimensions of a chunk of the histogram's. */
  readonly isCategory: readonly boolean[];
  /** Shape of a block; each in [1, extent], if the extent is not 0. */
  readonly blockShape: readonly number[];
  /** Blocks along each axis. */
  readonly counts: readonly number[];
  /** Elements of a block. */
  readonly blockElements: number;
}

/**
 * Cuts an array into blocks of at most `elementsMax` elements.
 *
 * A block holds the dense array of one combination of categories, or a piece of it that is contiguous there. If
 * `grouped`, it holds as many neighbouring combinations as fit: then combinations must come in ascending
 * order, or a block would be begun twice. An array that fits is one block, whatever the order.
 */
export function cutIntoBlocks(
  array: { extents: readonly number[]; isCategory: readonly boolean[] },
  options: { elementsMax: number; grouped: boolean },
): BlockGrid {
  const { extents, isCategory } = array;
  const { elementsMax } = options;
  const total = product(extents);
  const blockShape = total <= elementsMax ? [...extents] : denseShape(array);
  let room = Math.floor(elementsMax / product(blockShape));
  if (room === 0) cutDense(blockShape, { isCategory, elementsMax });
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    if (total <= elementsMax || !options.grouped || room < 2) break;
    if (!isCategory[axis]) continue;
    blockShape[axis] = evenPart(extents[axis]!, room);
    if (blockShape[axis]! < extents[axis]!) break;
    room = Math.floor(room / blockShape[axis]!);
  }
  const counts = extents.map((extent, axis) =>
    extent === 0 ? 0 : Math.ceil(extent / blockShape[axis]!)
  );
  return { extents, isCategory, blockShape, counts, blockElements: product(blockShape) };
}

/** The product of `extents`; 1 for none. */
export function product(extents: readonly number[]): number {
  return extents.includes(0) ? 0 : extents.reduce((a, b) => a * b, 1);
}

/** One combination of categories. */
function denseShape(
  array: { extents: readonly number[]; isCategory: readonly boolean[] },
): number[] {
  return array.extents.map((extent, axis) => array.isCategory[axis] ? 1 : extent);
}

/** Cuts the outer dense axes, so that what is left is contiguous. */
function cutDense(
  shape: number[],
  options: { isCategory: readonly boolean[]; elementsMax: number },
): void {
  for (let axis = 0; axis < shape.length; axis++) {
    if (options.isCategory[axis]) continue;
    const inner = product(shape.slice(axis + 1));
    const room = Math.floor(options.elementsMax / inner);
    shape[axis] = room === 0 ? 1 : evenPart(shape[axis]!, room);
    if (room > 0) return;
  }
}

/** The size of the fewest equal parts of `extent` that have at most `most` bins; the last may be smaller. */
function evenPart(extent: number, most: number): number {
  return Math.ceil(extent / Math.ceil(extent / most));
}

/** The bins at which block number `block`, counted row-major, begins. */
export function blockOrigin(grid: BlockGrid, block: number): number[] {
  const origin = new Array<number>(grid.counts.length);
  let rest = block;
  for (let axis = origin.length - 1; axis >= 0; axis--) {
    const count = grid.counts[axis]!;
    const next = Math.floor(rest / count);
    origin[axis] = (rest - next * count) * grid.blockShape[axis]!;
    rest = next;
  }
  return origin;
}
