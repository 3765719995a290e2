/**
 * A bad request and its answers: the Python server's as observed (histserv 0.2.1), and ours, with
 * the reason where it differs on purpose. A case is named after the row of the observation.
 *
 * @module
 */
import type { StatusName } from "../../support/grpc_client.ts";
import { doubleView } from "../../support/hist_messages.ts";
import type { HistName } from "./hists.ts";

export interface BadInputCase {
  readonly name: string;
  readonly rpc: string;
  /** The histogram that `message` gets the id of; "dense" unless told. */
  readonly hist?: HistName;
  readonly message: (histId: string) => Uint8Array;
  /** Requests that must be answered OK before. */
  readonly before?: (histId: string) => readonly { rpc: string; message: Uint8Array }[];
  /** The token of the request; the histogram "secret" belongs to "owner", the others to nobody. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly compressedFlag?: 1;
  /** Another path than that of `rpc`. */
  readonly path?: string;
  /** Null where the peer is not asked, for its own good. */
  readonly peer: StatusName | null;
  /** Ours, where it is not the peer's. */
  readonly ours?: OurAnswer;
}

export interface OurAnswer {
  /** Several where either is right. */
  readonly status: StatusName | readonly StatusName[];
  readonly reason: string;
}

/** 256 bytes: what a fill of "dense" needs. */
export const view32: Uint8Array = doubleView(Array.from({ length: 32 }, (_, cell) => cell));

/** 96 bytes: what a chunk of the histograms with a category axis needs. */
export const view12: Uint8Array = doubleView(Array.from({ length: 12 }, (_, cell) => cell + 1));

/** The id that a refused fill must not take. */
export const uid = "uid-of-the-bad-request";

/** Of no histogram's size. */
export const badView: Uint8Array = new Uint8Array(3);

export const clientsFault: OurAnswer = {
  status: "INVALID_ARGUMENT",
  reason: "the request is wrong, not the server",
};

export const wrongKind: OurAnswer = {
  status: "INVALID_ARGUMENT",
  reason: "a key of another kind than its axis makes the histogram unreadable for ever",
};

export function zeros(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}
