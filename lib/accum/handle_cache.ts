/**
 * The handles that one thread keeps at hand, by id.
 *
 * @module
 */

import type { HistogramHandle } from "./registry.ts";

/** More handles, and the cache starts anew. */
const HANDLES_MAX = 65_536;
/** Their descriptions have at most this many characters together: they are copies beside the budget. */
const CHARACTERS_MAX = 32 * 2 ** 20;

/** A map that forgets all when it is full. */
export class HandleCache {
  readonly #handles = new Map<string, HistogramHandle>();
  /** Of all descriptions that were added since the map was empty. */
  #characters = 0;

  get(id: string): HistogramHandle | undefined {
    return this.#handles.get(id);
  }

  add(handle: HistogramHandle): void {
    const { id, json } = handle.metadata;
    this.#characters += json.length;
    if (this.#handles.size >= HANDLES_MAX || this.#characters > CHARACTERS_MAX) {
      this.#handles.clear();
      this.#characters = json.length;
    }
    this.#handles.set(id, handle);
  }

  delete(id: string): void {
    this.#handles.delete(id);
  }
}
