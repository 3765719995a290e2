/**
 * A quick unary gRPC client over {@linkcode ClientConnection}: one connection, many calls at once.
 *
 * @module
 */

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ClientConnection, type ClientEvents, concatBytes, type HostPort } from "./h2_client.ts";
import { decodeHeaders, RequestEncoder } from "./header_block.ts";

/** gRPC status codes that tests name. */
export const Status = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** A call that did not end with OK. */
export class GrpcStatusError extends Error {
  override readonly name = "GrpcStatusError";
  readonly code: number;
  /** False if the connection ended first: the server may have done the work, or not. */
  readonly isAnswered: boolean;

  constructor(message: string, options: { code: number; isAnswered: boolean }) {
    super(message);
    this.code = options.code;
    this.isAnswered = options.isAnswered;
  }
}

interface PendingCall {
  resolve(message: Uint8Array<ArrayBuffer>): void;
  reject(error: GrpcStatusError): void;
  parts: Uint8Array[];
}

/** One connection to a gRPC server. */
export class UnaryClient {
  readonly #connection: ClientConnection;
  readonly #encoder: RequestEncoder;
  readonly #authority: string;
  readonly #calls: Map<number, PendingCall>;

  private constructor(
    connection: ClientConnection,
    options: { authority: string; calls: Map<number, PendingCall> },
  ) {
    this.#connection = connection;
    this.#encoder = new RequestEncoder(connection.headerTableBytes);
    this.#authority = options.authority;
    this.#calls = options.calls;
  }

  /** @throws {Deno.errors.ConnectionRefused} if nobody listens. */
  static async open(address: HostPort): Promise<UnaryClient> {
    const calls = new Map<number, PendingCall>();
    const connection = await ClientConnection.open(address, answersOf(calls));
    return new UnaryClient(connection, { authority: `${address.host}:${address.port}`, calls });
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /**
   * Calls `method` and returns its answer.
   *
   * @throws {GrpcStatusError} for every other status than OK, and when the connection ends first.
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: MessageInitShape<I>,
    options: { token?: string } = {},
  ): Promise<MessageShape<O>> {
    const path = `/${method.parent.typeName}/${method.name}`;
    const request = toBinary(method.input, create(method.input, message));
    return fromBinary(method.output, await this.call(path, request, options));
  }

  /** Like {@linkcode unary}, for messages that are bytes already. */
  call(
    path: string,
    message: Uint8Array,
    options: { token?: string } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#connection.isClosed) {
      const lost = { code: Status.unavailable, isAnswered: false };
      return Promise.reject(new GrpcStatusError("the connection is closed", lost));
    }
    const headers: [string, string][] = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", this.#authority],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ];
    if (options.token !== undefined) headers.push(["x-histserv-token", options.token]);
    return new Promise((resolve, reject) => {
      const streamId = this.#connection.request(this.#encoder.encode(headers), framed(message));
      this.#calls.set(streamId, { resolve, reject, parts: [] });
      this.#connection.flush();
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** Puts gRPC's length prefix before an uncompressed message. */
export function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}

/** Reads the status of a final header block. */
export function decodeStatus(block: Uint8Array): { code: number; message: string } {
  const headers = new Map(decodeHeaders(block));
  const code = headers.get("grpc-status");
  if (code === undefined) {
    return { code: Status.unknown, message: `no grpc-status; HTTP ${headers.get(":status")}` };
  }
  return { code: Number(code), message: decodeURIComponent(headers.get("grpc-message") ?? "") };
}

function answersOf(calls: Map<number, PendingCall>): ClientEvents {
  const fail = (
    streamId: number,
    options: { code: number; message: string; isAnswered: boolean },
  ) => {
    const call = calls.get(streamId);
    calls.delete(streamId);
    call?.reject(new GrpcStatusError(options.message, options));
  };
  return {
    headers(streamId, block, endStream) {
      const call = calls.get(streamId);
      if (call === undefined || !endStream) return;
      const status = decodeStatus(block);
      if (status.code !== Status.ok) return fail(streamId, { ...status, isAnswered: true });
      calls.delete(streamId);
      call.resolve(concatBytes(call.parts).subarray(5));
    },
    data(streamId, bytes) {
      calls.get(streamId)?.parts.push(bytes.slice());
    },
    reset(streamId, code) {
      const message = `the stream was reset with code ${code}`;
      fail(streamId, { code: Status.unavailable, message, isAnswered: false });
    },
    closed(reason) {
      for (const streamId of [...calls.keys()]) {
        fail(streamId, { code: Status.unavailable, message: reason, isAnswered: false });
      }
    },
  };
}
