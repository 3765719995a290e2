/**
 * Header blocks of requests, decoded and judged; equal blocks only once.
 *
 * Clients in a loop send the same few indexed bytes with each request: while the dynamic table stands still, these
 * bytes mean the same list, so list and verdict are kept and shared.
 *
 * @module
 */

import type { HeaderList } from "./events.ts";
import { judgeRequest } from "./header_rules.ts";
import { type HeaderBlock, HpackDecoder } from "./hpack_decoder.ts";

/** A decoded and judged header block. */
export interface RequestHead {
  readonly headers: HeaderList;
  /** Why it is malformed; `null` if it is not. */
  readonly fault: string | null;
  /** The list exceeds its limit: `headers` is cut off and not judged. */
  readonly isTooLarge: boolean;
  /** Of content-length; -1 without one. */
  readonly contentBytes: number;
}

interface CachedHead {
  readonly block: Uint8Array;
  readonly generation: number;
  readonly head: RequestHead;
}

/** Blocks that are kept, and the longest of them. */
const cachedHeadsMax = 8;
const cachedBlockBytesMax = 256;

/** Decodes one connection's header blocks in their order. */
export class RequestDecoder {
  readonly #decoder: HpackDecoder;
  readonly #listBytesMax: number;
  readonly #cache: CachedHead[] = [];
  /** Where the next block is kept, in turn. */
  #nextCached = 0;
  /** Where the last hit was. */
  #lastHit = 0;

  constructor(options: { listBytesMax: number }) {
    this.#listBytesMax = options.listBytesMax;
    this.#decoder = new HpackDecoder(options);
  }

  /** Decodes `bytes[start, end)` as a request. @throws {ConnectionError} COMPRESSION_ERROR. */
  request(bytes: Uint8Array, start: number, end: number): RequestHead {
    const cached = this.#find(bytes, start, end);
    if (cached !== null) return cached;
    const generation = this.#decoder.generation;
    const { headers, listBytes } = this.#decoder.decode(bytes, start, end);
    if (listBytes > this.#listBytesMax) {
      return { headers, fault: null, isTooLarge: true, contentBytes: -1 };
    }
    const { fault, contentBytes } = judgeRequest(headers);
    const head: RequestHead = { headers, fault, isTooLarge: false, contentBytes };
    if (end - start <= cachedBlockBytesMax && generation === this.#decoder.generation) {
      this.#cache[this.#nextCached] = { block: bytes.slice(start, end), generation, head };
      this.#nextCached = (this.#nextCached + 1) % cachedHeadsMax;
    }
    return head;
  }

  /** Decodes `bytes[start, end)` unjudged: trailers, or what only keeps the table in step. */
  other(bytes: Uint8Array, start: number, end: number): HeaderBlock {
    return this.#decoder.decode(bytes, start, end);
  }

  #find(bytes: Uint8Array, start: number, end: number): RequestHead | null {
    const generation = this.#decoder.generation;
    for (let turn = 0; turn < this.#cache.length; turn++) {
      const slot = turn === 0 ? this.#lastHit : (this.#lastHit + turn) % this.#cache.length;
      const cached = this.#cache[slot]!;
      if (cached.generation === generation && isEqual(cached.block, bytes, start, end)) {
        this.#lastHit = slot;
        return cached.head;
      }
    }
    return null;
  }
}

function isEqual(block: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (block.length !== end - start) return false;
  for (let i = 0; i < block.length; i++) if (block[i] !== bytes[start + i]) return false;
  return true;
}
