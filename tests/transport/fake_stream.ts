/**
 * A stream that writes down what its owner does, and a state and methods to go with it.
 *
 * @module
 */
import { ManualClock } from "../../lib/base/mod.ts";
import type { HeaderList } from "../../lib/http2/mod.ts";
import { HpackDecoder } from "../../lib/http2/hpack_decoder.ts";
import { DeadlineWheel } from "../../lib/transport/deadline_wheel.ts";
import type { DirectMethod, DirectReply, ServerRoutes } from "../../lib/transport/direct_method.ts";
import { DirectCall } from "../../lib/transport/grpc_direct.ts";
import { MessageBuffers } from "../../lib/transport/message_buffers.ts";
import { RequestHead } from "../../lib/transport/request_head.ts";
import type { ServerState, ServerStream } from "../../lib/transport/stream_owner.ts";

/** One thing that an owner did. */
export type StreamAct =
  | { kind: "headers"; headers: Record<string, string>; endStream: boolean }
  | { kind: "data"; bytes: Uint8Array; endStream: boolean }
  | { kind: "reset"; code: number };

/** Takes everything at once, unless `queuedBytes` is set. */
export class FakeStream implements ServerStream {
  owner: unknown = null;
  queuedBytes = 0;
  isClosed = false;
  readonly acts: StreamAct[] = [];
  creditedBytes = 0;

  respondBlock(block: Uint8Array, endStream: boolean): void {
    this.acts.push({ kind: "headers", headers: decodeBlock(block), endStream });
  }

  respond(headers: HeaderList, endStream: boolean): void {
    this.acts.push({ kind: "headers", headers: Object.fromEntries(headers), endStream });
  }

  send(data: Uint8Array, endStream: boolean): void {
    this.acts.push({ kind: "data", bytes: data.slice(), endStream });
  }

  unaryReply(head: Uint8Array, body: Uint8Array, trailerBlock: Uint8Array): void {
    this.respondBlock(head, false);
    this.send(body, false);
    this.respondBlock(trailerBlock, true);
  }

  reset(code: number): void {
    this.acts.push({ kind: "reset", code });
  }

  credit(bytes: number): void {
    this.creditedBytes += bytes;
  }

  /** grpc-status and grpc-message of the last headers; null before. */
  get status(): { code: number; message: string } | null {
    for (const act of this.acts.toReversed()) {
      if (act.kind !== "headers" || act.headers["grpc-status"] === undefined) continue;
      const message = decodeURIComponent(act.headers["grpc-message"] ?? "");
      return { code: Number(act.headers["grpc-status"]), message };
    }
    return null;
  }

  /** All DATA, joined. */
  get body(): Uint8Array {
    return new Uint8Array(this.acts.flatMap((act) => act.kind === "data" ? [...act.bytes] : []));
  }
}

/** A method that admits `maxBytes`, and keeps copies of what it saw and the replies for later. */
export class RecordingMethod implements DirectMethod {
  readonly path = "/test.Service/Method";
  readonly heads: Uint8Array[] = [];
  readonly messages: Uint8Array[] = [];
  readonly tokens: (string | null)[] = [];
  readonly replies: DirectReply[] = [];
  admission: ReturnType<DirectMethod["admit"]> = { maxBytes: 1 << 20 };
  /** Whether `call` answers with an empty message at once. */
  answersAtOnce = true;

  admit(head: Uint8Array): ReturnType<DirectMethod["admit"]> {
    this.heads.push(head.slice());
    return this.admission;
  }

  call(message: Uint8Array, metadata: { token: string | null }, reply: DirectReply): void {
    this.messages.push(message.slice());
    this.tokens.push(metadata.token);
    this.replies.push(reply);
    if (this.answersAtOnce) reply.ok([]);
  }
}

/** A listener's state with a clock that only tests move. */
export function fakeState(
  options: {
    clock?: ManualClock;
    budgetBytes?: number;
    messageBytesMax?: number;
    universal?: ServerRoutes["universal"];
    errors?: unknown[];
  } = {},
): ServerState {
  const clock = options.clock ?? new ManualClock();
  return {
    routes: {
      direct: new Map(),
      universal: options.universal ?? (() => Promise.resolve({ status: 404 })),
    },
    clock,
    deadlines: new DeadlineWheel(clock),
    buffers: new MessageBuffers(options.budgetBytes ?? 1 << 30),
    messageBytesMax: options.messageBytesMax ?? 1 << 26,
    onHandlerError: (error) => options.errors?.push(error),
  };
}

/** The headers of a gRPC call; `extra` is appended. */
export function grpcHeaders(extra: HeaderList = []): HeaderList {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/test.Service/Method"],
    [":authority", "test"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...extra,
  ];
}

/** A call that has begun on a fake stream. */
export function startCall(
  options: {
    method?: RecordingMethod;
    headers?: HeaderList;
    endStream?: boolean;
    state?: ServerState;
  } = {},
): { stream: FakeStream; call: DirectCall; method: RecordingMethod; state: ServerState } {
  const stream = new FakeStream();
  const method = options.method ?? new RecordingMethod();
  const state = options.state ?? fakeState();
  const head = new RequestHead();
  head.read(grpcHeaders(options.headers));
  const flusher = { scheduleFlush: () => {} };
  const call = new DirectCall(stream, { method, head, state, flusher });
  call.begin(head, options.endStream ?? false);
  return { stream, call, method, state };
}

/** The headers of a block that uses no dynamic table. */
export function decodeBlock(block: Uint8Array): Record<string, string> {
  return Object.fromEntries(new HpackDecoder({ listBytesMax: 1 << 16 }).decode(block).headers);
}

/** A message with its prefix. */
export function framed(message: Uint8Array, flag = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + message.length);
  bytes[0] = flag;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}

/** Only a prefix. */
export function prefix(length: number, flag = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5);
  bytes[0] = flag;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

/** `length` bytes 0, 1, …, 250, 0, …: a prime period, so that a shifted copy differs. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}
