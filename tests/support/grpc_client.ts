/**
 * A raw gRPC client on node:http2: bytes in, bytes and status out. It knows no message, so that
 * tests can send malformed ones, and shares no code with the server under test.
 *
 * @module
 */
import http2 from "node:http2";

/** A status other than 0 is an answer here, not an error. */
export interface GrpcAnswer {
  /** grpc-status, 0–16. */
  readonly status: number;
  /** grpc-message, percent-decoded. */
  readonly message: string;
  /** The response message, empty after an error. */
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface GrpcCallOptions {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  /** The flag of the length prefix: 1 says that the message is compressed. */
  readonly compressedFlag?: 0 | 1;
  /** Replaces `/HistogrammerService/<method>`. */
  readonly path?: string;
}

/** One HTTP/2 connection with prior knowledge. */
export class GrpcClient {
  readonly #session: http2.ClientHttp2Session;

  private constructor(session: http2.ClientHttp2Session) {
    this.#session = session;
  }

  /** @throws {Error} of the socket, for instance ECONNREFUSED. */
  static async connect(address: { host: string; port: number }): Promise<GrpcClient> {
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const session = http2.connect(`http://${host}:${address.port}`);
    await new Promise<void>((resolve, reject) => {
      session.once("connect", () => resolve());
      session.once("error", reject);
    });
    session.on("error", () => {}); // a killed server ends the calls, which reject by themselves
    return new GrpcClient(session);
  }

  /** The local port of the connection, in [1, 65535]. */
  get localPort(): number {
    return this.#session.socket!.localPort!;
  }

  /** Sends one message to a unary method. @throws {GrpcConnectionError} without a gRPC answer. */
  call(
    method: string,
    message: Uint8Array,
    options: GrpcCallOptions = {},
  ): Promise<GrpcAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.#open({
        ":method": "POST",
        ":path": options.path ?? `/HistogrammerService/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
        ...(options.token === undefined ? {} : { "x-histserv-token": options.token }),
        ...options.headers,
      }, reject);
      if (request === null) return;
      let headers: http2.IncomingHttpHeaders = {};
      let trailers: http2.IncomingHttpHeaders = {};
      const pieces: Uint8Array[] = [];
      request.on("response", (received) => headers = received);
      request.on("trailers", (received) => trailers = received);
      request.on("data", (piece: Uint8Array) => pieces.push(piece));
      request.on("error", (cause) => reject(new GrpcConnectionError(String(cause), { cause })));
      request.on("close", () => {
        const status = trailers["grpc-status"] ?? headers["grpc-status"];
        if (status === undefined) {
          return reject(
            new GrpcConnectionError(`Cannot read a grpc-status: ${String(headers[":status"])}`),
          );
        }
        const text = trailers["grpc-message"] ?? headers["grpc-message"] ?? "";
        resolve({
          status: Number(status),
          message: decodeURIComponent(String(text)),
          body: concatBytes(pieces).subarray(5),
          headers,
        });
      });
      request.end(withLengthPrefix(message, options.compressedFlag ?? 0));
    });
  }

  close(): void {
    this.#session.destroy();
  }

  /** A new stream; null after a GOAWAY or on a dead connection, which `reject` is told. */
  #open(
    headers: http2.OutgoingHttpHeaders,
    reject: (error: unknown) => void,
  ): http2.ClientHttp2Stream | null {
    try {
      return this.#session.request(headers);
    } catch (cause) {
      reject(new GrpcConnectionError(String(cause), { cause }));
      return null;
    }
  }
}

/** The connection ended before an answer: the request may have been carried out, or not. */
export class GrpcConnectionError extends TypeError {
  override readonly name = "GrpcConnectionError";
}

/** The numbers of the gRPC status codes that the tests name. */
export const Status = {
  OK: 0,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof Status;

/** `INVALID_ARGUMENT` for 3. */
export function statusName(status: number): string {
  return Object.entries(Status).find(([, value]) => value === status)?.[0] ?? `status ${status}`;
}

function withLengthPrefix(message: Uint8Array, compressedFlag: number): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  framed[0] = compressedFlag;
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
