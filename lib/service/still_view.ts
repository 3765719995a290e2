/**
 * A look at a histogram that lasts: its chunks are read one after the other, without a lock in between, for as long
 * as nobody changes it. Memory is bounded by one batch, whatever the histogram's size, and others may fill meanwhile:
 * then the look is over, and its owner looks again.
 *
 * Version and epoch together tell that nothing has changed: a change counts up the version, and where the disk
 * refuses one, what is reinstated has another epoch.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type HistogramHandle,
  type HistogramView,
  type Outcome,
  readHistogram,
  type Registry,
} from "../accum/mod.ts";
import type { Categories, CellChunk } from "../hdf5/mod.ts";
import type { HistSpec } from "../hist/mod.ts";
import { decodeChunkKey, encodeChunkKey, splitChunkKey } from "../wire/mod.ts";
import { unknownHistogram } from "./errors.ts";
import { specOf } from "./payload.ts";

/** Bytes copied under one lock; at least one cell. */
const BATCH_BYTES_MAX = 2 ** 20;
/** Chunks copied under one lock. */
const BATCH_CHUNKS_MAX = 4096;
/** Keys read under one lock and placed before other tasks have their turn. */
const KEYS_A_TURN = 4096;

/** Contents that are copied at the first look if asked, so that no change ends it. */
const COPY_BYTES_MAX = 2 ** 23;
const COPY_CHUNKS_MAX = 16_384;

/** First byte of a component that is in no category. */
const UNSET = 0;

/** The histogram is another than when the look began. */
export class HistogramChangedError extends RangeError {
  override readonly name = "HistogramChangedError";
}

/** A chunk and where it lies. */
export interface StillChunk extends CellChunk {
  readonly offsetBytes: number;
}

/** How to look. */
export interface StillViewOptions {
  /** All categories of the category axes, from those that were seen, both in order; default: those. */
  readonly categoriesOf?: (
    spec: HistSpec,
    seen: readonly (readonly Uint8Array[])[],
  ) => readonly Categories[];
  /** Whether to copy all at once if it is little. Then no change ends the look, and it deletes nothing. */
  readonly copiesLittle?: boolean;
}

/** All contents, copied under one lock. */
interface Copy {
  readonly keys: readonly Uint8Array[];
  readonly cells: Uint8Array;
}

/** What a look found; it stands for that moment only. */
export class StillView {
  readonly handle: HistogramHandle;
  readonly spec: HistSpec;
  /** What is seen is on disk once this epoch is. */
  readonly epoch: number;
  /** For each category axis its categories, in order. */
  readonly categories: readonly Categories[];
  readonly chunkCount: number;
  readonly #registry: Registry;
  readonly #version: number;
  readonly #copy: Copy | null;
  /** The number of the chunk at each place, places in row-major order of the categories. */
  readonly #order: Uint32Array;
  /** By number of the chunk, one for each category axis. */
  readonly #bins: Uint32Array;

  /**
   * Looks at the histogram.
   *
   * @throws {ServiceError} NOT_FOUND if it is gone. @throws {HistogramChangedError} if it changes meanwhile.
   */
  static async open(
    registry: Registry,
    handle: HistogramHandle,
    options: StillViewOptions = {},
  ): Promise<StillView> {
    const { categoriesOf = seenCategories, copiesLittle = false } = options;
    const spec = specOf(handle);
    const { epoch, value } = readHistogram(registry, handle, {
      read: (view) => ({
        version: view.version,
        chunkCount: view.chunkCount,
        seen: spec.categoryAxes.map((_, axis) => view.categories(axis)),
        copy: copiesLittle ? copyLittle(view, spec) : null,
      }),
    });
    if (!value) throw unknownHistogram(handle.metadata.id, epoch);
    const categories = categoriesOf(spec, value.seen);
    const view = new StillView(registry, handle, { ...value, epoch, categories });
    await view.#placeChunks();
    return view;
  }

  private constructor(
    registry: Registry,
    handle: HistogramHandle,
    found: {
      epoch: number;
      version: number;
      chunkCount: number;
      categories: readonly Categories[];
      copy: Copy | null;
    },
  ) {
    this.handle = handle;
    this.spec = specOf(handle);
    this.epoch = found.epoch;
    this.categories = found.categories;
    this.chunkCount = found.chunkCount;
    this.#registry = registry;
    this.#version = found.version;
    this.#copy = found.copy;
    this.#order = new Uint32Array(found.chunkCount);
    for (let ordinal = 0; ordinal < found.chunkCount; ordinal++) this.#order[ordinal] = ordinal;
    this.#bins = new Uint32Array(found.chunkCount * found.categories.length);
  }

  /**
   * All chunks, in row-major order of their categories; large ones in parts. Each is valid until the next is asked for.
   *
   * @throws {HistogramChangedError} once the histogram is another.
   */
  *chunks(): Generator<StillChunk, void, void> {
    const { chunkBytes, cellBytes } = this.spec;
    const partBytes = BATCH_BYTES_MAX - BATCH_BYTES_MAX % cellBytes;
    if (chunkBytes === 0) return;
    if (this.#copy) return yield* this.#copiedChunks(this.#copy);
    if (chunkBytes <= partBytes) yield* this.#wholeChunks(Math.floor(partBytes / chunkBytes));
    else yield* this.#partsOfChunks(partBytes);
  }

  /** @throws {HistogramChangedError} if the histogram is another. */
  check(): void {
    if (!this.#copy) this.#read(() => undefined);
  }

  /** Deletes the histogram if it still is the same. @throws {HistogramChangedError} if not; nothing is deleted then. */
  deleteIfSame(): Outcome {
    return this.#read(() => undefined, true);
  }

  *#copiedChunks(copy: Copy): Generator<StillChunk, void, void> {
    const { chunkBytes } = this.spec;
    for (const ordinal of this.#order) {
      const cells = copy.cells.subarray(ordinal * chunkBytes, (ordinal + 1) * chunkBytes);
      yield { index: this.#indexOf(ordinal), cells, offsetBytes: 0 };
    }
  }

  *#wholeChunks(batchChunks: number): Generator<StillChunk, void, void> {
    const { chunkBytes } = this.spec;
    const order = this.#order;
    const count = Math.min(batchChunks, BATCH_CHUNKS_MAX, order.length);
    const batch = new Uint8Array(count * chunkBytes);
    for (let first = 0; first < order.length; first += count) {
      const last = Math.min(first + count, order.length);
      this.#read((view) => {
        for (let i = first; i < last; i++) {
          view.copyChunk(order[i]!, { target: batch, at: (i - first) * chunkBytes });
        }
      });
      for (let i = first; i < last; i++) {
        const at = (i - first) * chunkBytes;
        const cells = batch.subarray(at, at + chunkBytes);
        yield { index: this.#indexOf(order[i]!), cells, offsetBytes: 0 };
      }
    }
  }

  *#partsOfChunks(partBytes: number): Generator<StillChunk, void, void> {
    const { chunkBytes } = this.spec;
    const part = new Uint8Array(partBytes);
    for (const ordinal of this.#order) {
      const index = this.#indexOf(ordinal);
      for (let offsetBytes = 0; offsetBytes < chunkBytes; offsetBytes += partBytes) {
        const bytes = Math.min(partBytes, chunkBytes - offsetBytes);
        this.#read((view) => {
          const { buffer, byteOffset } = view.cells(ordinal);
          part.set(new Uint8Array(buffer, byteOffset + offsetBytes, bytes));
        });
        yield { index, cells: part.subarray(0, bytes), offsetBytes };
      }
    }
  }

  /** Finds the bins of all keys, and their row-major order. */
  async #placeChunks(): Promise<void> {
    const { categories, chunkCount } = this;
    const axes = categories.length;
    if (axes === 0) return;
    const maps = binMaps(categories);
    const places = new Float64Array(chunkCount);
    let isAscending = true;
    for (let ordinal = 0, logPlace = 0; ordinal < chunkCount;) {
      let keys: readonly Uint8Array[] = [];
      if (this.#copy) ({ keys } = this.#copy);
      else this.#read((view) => ({ keys, next: logPlace } = view.keysFrom(logPlace, KEYS_A_TURN)));
      for (const key of keys) {
        let place = 0;
        for (const [axis, component] of splitChunkKey(key).entries()) {
          const bin = maps[axis]!.get(textOf(component))!;
          this.#bins[ordinal * axes + axis] = bin;
          place = place * (categories[axis]!.length + 1) + bin;
        }
        places[ordinal] = place;
        if (ordinal > 0 && place < places[ordinal - 1]!) isAscending = false;
        ordinal++;
      }
      await nextTurn();
    }
    if (!isAscending) this.#order.sort((a, b) => places[a]! - places[b]!);
  }

  #indexOf(ordinal: number): number[] {
    const axes = this.categories.length;
    return Array.from(this.#bins.subarray(ordinal * axes, (ordinal + 1) * axes));
  }

  #read(read: (view: HistogramView) => void, isDeletion = false): Outcome {
    let isSame = false;
    const outcome = readHistogram(this.#registry, this.handle, {
      read: (view) => {
        isSame = view.version === this.#version && view.epoch === this.epoch;
        if (isSame) read(view);
      },
      thenDelete: () => isSame && isDeletion,
    });
    if (isSame) return outcome;
    throw new HistogramChangedError("The histogram has changed");
  }
}

/** Copies everything, or null if it is much. */
function copyLittle(view: HistogramView, spec: HistSpec): Copy | null {
  const { chunkCount } = view;
  const { chunkBytes } = spec;
  if (chunkCount > COPY_CHUNKS_MAX || chunkCount * chunkBytes > COPY_BYTES_MAX) return null;
  const cells = new Uint8Array(chunkCount * chunkBytes);
  for (let ordinal = 0; ordinal < chunkCount; ordinal++) {
    view.copyChunk(ordinal, { target: cells, at: ordinal * chunkBytes });
  }
  return { keys: view.keys(), cells };
}

/** The categories that were seen, in the order of their first fill. */
function seenCategories(
  _spec: HistSpec,
  seen: readonly (readonly Uint8Array[])[],
): readonly Categories[] {
  return seen.map((components) =>
    components.filter((component) => component[0] !== UNSET).map((component) =>
      decodeChunkKey(component)[0]!
    )
  );
}

/** The bin of each component of a key, one map for each axis. */
function binMaps(categories: readonly Categories[]): Map<string, number>[] {
  return categories.map((axis) => {
    const bins = axis.map((category, bin): [string, number] => [
      textOf(encodeChunkKey([typeof category === "number" ? BigInt(category) : category])),
      bin,
    ]);
    return new Map([...bins, [textOf(Uint8Array.of(UNSET)), axis.length]]);
  });
}

/** Bytes as a text of code units below 256: equal exactly if the bytes are. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
