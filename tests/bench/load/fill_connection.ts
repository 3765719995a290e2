/**
 * One connection of the load: a fixed number of streams, each of which fills again as soon as it is answered.
 *
 * No promise, closure or copy a request: the message is patched in one buffer and copied into the output.
 *
 * @module
 */

import { toBinary } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";

import { FillRequestSchema } from "../../../lib/wire/gen/hist_pb.ts";
import { decodeStatus, framed, Status } from "../../support/unary_client.ts";
import { ClientConnection, type ClientEvents, type HostPort } from "../../support/h2_client.ts";
import { RequestEncoder } from "../../support/header_block.ts";
import { type FillTarget, fillValues } from "./fill_target.ts";

/** What the connections of one load share. */
export interface LoadState {
  readonly targets: readonly FillTarget[];
  readonly hasUniqueIds: boolean;
  /** No request is sent after this reading of `performance.now()`. */
  readonly endMs: number;
  /** Requests sent before this reading are not measured. */
  readonly measureFromMs: number;
  /** xoshiro128** state: unique ids are as random as the digests that clients send. */
  readonly randomState: Uint32Array;
  /** Index of the next target. */
  nextTarget: number;
  /** Latency of each measured fill, ms; the first {@linkcode measuredCount} hold. */
  latenciesMs: Float32Array<ArrayBuffer>;
  measuredCount: number;
  /** Answers other than OK: "code message" → count. */
  readonly errors: Map<string, number>;
}

interface Flight {
  target: FillTarget;
  sentMs: number;
  id: Uint8Array | null;
}

const idBytes = 32;
const idSamplesMax = 4;
const path = "/HistogrammerService/Fill";

/** Runs `streamCount` streams on one connection until `state.endMs`; resolves when all are answered. */
export async function runFillConnection(
  address: HostPort,
  options: { streamCount: number; state: LoadState },
): Promise<void> {
  const runner = new FillConnection(options.state);
  await runner.run(address, options.streamCount);
}

class FillConnection implements ClientEvents {
  readonly #state: LoadState;
  readonly #message: Uint8Array<ArrayBuffer>;
  readonly #histIdOffset: number;
  readonly #uniqueIdOffset: number;
  readonly #histIds: Map<FillTarget, Uint8Array>;
  readonly #flights = new Map<number, Flight>();
  #connection: ClientConnection | null = null;
  #block: Uint8Array = new Uint8Array(0);
  #okBlock: Uint8Array = new Uint8Array(0);
  #finish: () => void = () => {};

  constructor(state: LoadState) {
    this.#state = state;
    const histId = "h".repeat(state.targets[0]!.histId.length);
    const uniqueId = new Uint8Array(idBytes).fill(0xa5);
    this.#message = framed(toBinary(
      FillRequestSchema,
      create(FillRequestSchema, {
        histId,
        denseView: new Uint8Array(fillValues.buffer),
        ...(state.hasUniqueIds ? { uniqueId } : {}),
      }),
    ));
    this.#histIdOffset = indexOfBytes(this.#message, new TextEncoder().encode(histId));
    this.#uniqueIdOffset = indexOfBytes(this.#message, uniqueId);
    this.#histIds = new Map(
      state.targets.map((target) => [target, new TextEncoder().encode(target.histId)]),
    );
  }

  async run(address: HostPort, streamCount: number): Promise<void> {
    const connection = await ClientConnection.open(address, this);
    this.#connection = connection;
    const encoder = new RequestEncoder(connection.headerTableBytes);
    const headers = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", `${address.host}:${address.port}`],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
      ["user-agent", "histserv-load"],
    ] as const;
    this.#block = encoder.encode(headers);
    const finished = new Promise<void>((resolve) => this.#finish = resolve);
    for (let k = 0; k < Math.min(streamCount, connection.streamsMax); k++) {
      this.#send({ target: this.#state.targets[0]!, sentMs: 0, id: null });
      if (k === 0) this.#block = encoder.encode(headers);
    }
    connection.flush();
    await finished;
    await connection.close();
  }

  headers(streamId: number, block: Uint8Array, endStream: boolean): void {
    if (!endStream) return;
    const flight = this.#flights.get(streamId);
    if (flight === undefined) return;
    this.#flights.delete(streamId);
    if (this.#isOk(block)) this.#countAck(flight);
    else this.#countError(flight, block);
    if (performance.now() < this.#state.endMs) this.#send(flight);
    else if (this.#flights.size === 0) this.#finish();
  }

  data(): void {}

  reset(streamId: number, code: number): void {
    const flight = this.#flights.get(streamId);
    if (flight === undefined) return;
    this.#flights.delete(streamId);
    this.#countLost(flight, `stream reset with code ${code}`);
    if (this.#flights.size === 0) this.#finish();
  }

  closed(reason: string): void {
    for (const flight of this.#flights.values()) this.#countLost(flight, reason);
    this.#flights.clear();
    this.#finish();
  }

  #send(flight: Flight): void {
    const { targets } = this.#state;
    const target = targets[this.#state.nextTarget]!;
    this.#state.nextTarget = (this.#state.nextTarget + 1) % targets.length;
    this.#message.set(this.#histIds.get(target)!, this.#histIdOffset);
    if (this.#state.hasUniqueIds) {
      writeRandom(this.#message, this.#uniqueIdOffset, this.#state.randomState);
    }
    flight.target = target;
    flight.id = target.idSamples.length < idSamplesMax && this.#state.hasUniqueIds
      ? this.#message.slice(this.#uniqueIdOffset, this.#uniqueIdOffset + idBytes)
      : null;
    flight.sentMs = performance.now();
    this.#flights.set(this.#connection!.request(this.#block, this.#message), flight);
  }

  /** Nearly all final blocks are the same bytes: only a new one is decoded. */
  #isOk(block: Uint8Array): boolean {
    if (equalBytes(block, this.#okBlock)) return true;
    if (decodeStatus(block).code !== Status.ok) return false;
    this.#okBlock = block.slice();
    return true;
  }

  #countAck(flight: Flight): void {
    const state = this.#state;
    flight.target.ackedCount++;
    if (flight.id !== null && flight.target.idSamples.length < idSamplesMax) {
      flight.target.idSamples.push(flight.id);
    }
    if (flight.sentMs < state.measureFromMs) return;
    if (state.measuredCount === state.latenciesMs.length) {
      const grown = new Float32Array(state.latenciesMs.length * 2);
      grown.set(state.latenciesMs);
      state.latenciesMs = grown;
    }
    state.latenciesMs[state.measuredCount++] = performance.now() - flight.sentMs;
  }

  #countError(flight: Flight, block: Uint8Array): void {
    const { code, message } = decodeStatus(block);
    // UNAVAILABLE, INTERNAL and UNKNOWN do not say that nothing was done
    if (code === Status.unavailable || code === Status.internal || code === Status.unknown) {
      flight.target.unansweredCount++;
    }
    this.#addError(`${code} ${message.replaceAll(flight.target.histId, "<id>")}`);
  }

  #countLost(flight: Flight, reason: string): void {
    flight.target.unansweredCount++;
    this.#addError(reason);
  }

  #addError(text: string): void {
    const { errors } = this.#state;
    errors.set(text, (errors.get(text) ?? 0) + 1);
  }
}

/** xoshiro128** 1.1 (Blackman and Vigna): 32 bytes of ids, unique for all that a test can send. */
function writeRandom(bytes: Uint8Array, at: number, state: Uint32Array): void {
  for (let k = 0; k < idBytes; k += 4) {
    const scrambled = Math.imul(state[1]!, 5);
    const value = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = (state[3]! << 11) | (state[3]! >>> 21);
    bytes[at + k] = value;
    bytes[at + k + 1] = value >>> 8;
    bytes[at + k + 2] = value >>> 16;
    bytes[at + k + 3] = value >>> 24;
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

function indexOfBytes(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (equalBytes(bytes.subarray(at, at + part.length), part)) return at;
  }
  return -1;
}
