/**
 * Who calls: tokens as digests, and what they may see.
 *
 * A histogram made with a token is visible with that token only; one made without is visible to all who may use the
 * server. Only SHA-256 digests are kept, compared in constant time.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { HistogramHandle, Registry, TokenHandle } from "../accum/mod.ts";
import { Code, ServiceError, unknownHistogram } from "./errors.ts";

/** Digests that a thread keeps at hand. */
const CALLERS_MAX = 4096;
/** A token is a credential, not a document. */
const TOKEN_BYTES_MAX = 4096;

/** Who calls. */
export interface Caller {
  /** SHA-256 of the token; null for a call without one. */
  readonly digest: Uint8Array | null;
  /** Where the token's calls are counted, once it has histograms. */
  counters: TokenHandle | null;
}

const anonymous: Caller = { digest: null, counters: null };

/** SHA-256 of a token. */
export function digestToken(token: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(token, "utf8").digest());
}

/** Turns tokens into callers and refuses those that may not use the server. */
export class CallerGuard {
  readonly #allowed: ReadonlySet<string> | null;
  readonly #callers = new Map<string, Caller>();

  /** `allowedDigests` are hexadecimal SHA-256 digests; null lets everybody in. */
  constructor(allowedDigests: readonly string[] | null) {
    this.#allowed = allowedDigests ? new Set(allowedDigests) : null;
  }

  /** @throws {ServiceError} UNAUTHENTICATED */
  admit(token: string | null): Caller {
    if (token === null) {
      if (this.#allowed) {
        throw new ServiceError(
          Code.Unauthenticated,
          "this server asks for a token: x-histserv-token",
        );
      }
      return anonymous;
    }
    const known = this.#callers.get(token);
    if (known) return known;
    if (token.length > TOKEN_BYTES_MAX) {
      throw new ServiceError(
        Code.Unauthenticated,
        `the token is longer than ${TOKEN_BYTES_MAX} characters`,
      );
    }
    const digest = digestToken(token);
    if (this.#allowed && !this.#allowed.has(Buffer.from(digest).toString("hex"))) {
      throw new ServiceError(Code.Unauthenticated, "the token is not one of this server's");
    }
    if (this.#callers.size >= CALLERS_MAX) this.#callers.clear();
    const caller: Caller = { digest, counters: null };
    this.#callers.set(token, caller);
    return caller;
  }
}

/**
 * The histogram with this id, if the caller may see it.
 *
 * @throws {ServiceError} NOT_FOUND
 */
export function requireHistogram(registry: Registry, caller: Caller, id: string): HistogramHandle {
  const handle = registry.find(id);
  if (!handle || !maySee(caller, handle)) throw unknownHistogram(id);
  return handle;
}

/** Whether the caller may see the histogram. */
export function maySee(caller: Caller, handle: HistogramHandle): boolean {
  const { tokenDigest } = handle.metadata;
  if (tokenDigest === null) return true;
  return caller.digest !== null && timingSafeEqual(caller.digest, tokenDigest);
}
