/**
 * One request for connect-es' universal handlers: a stream's events become an async iterable with
 * back-pressure, and the response goes out as fast as the peer's windows let it.
 *
 * @module
 */
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { ErrorCode, type HeaderList } from "../http2/mod.ts";
import { isGrpcContentType } from "./grpc_framing.ts";
import { RequestBody } from "./request_body.ts";
import type { RequestHead } from "./request_head.ts";
import type { Flusher, ServerState, ServerStream, StreamOwner } from "./stream_owner.ts";

/** Output of one stream that may wait; the handler's next piece is asked for when there is less. */
const queuedBytesMax = 256 * 1024;

// Forbidden in HTTP/2, RFC 9113 §8.2.2.
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Owns its stream from the headers of the request to the end of the response. */
export class Exchange implements StreamOwner {
  readonly #stream: ServerStream;
  readonly #state: ServerState;
  readonly #flusher: Flusher;
  readonly #abort = new AbortController();
  readonly #body: RequestBody;
  readonly #request: UniversalServerRequest | null;
  #resumeOutput: (() => void) | null = null;
  #isReset = false;

  /** Takes over `stream`, whose headers `head` holds at this moment. */
  constructor(
    stream: ServerStream,
    options: {
      readonly head: RequestHead;
      readonly state: ServerState;
      readonly flusher: Flusher;
    },
  ) {
    this.#stream = stream;
    this.#state = options.state;
    this.#flusher = options.flusher;
    stream.owner = this;
    this.#body = new RequestBody({
      buffers: options.state.buffers,
      credit: (bytes) => {
        stream.credit(bytes);
        this.#flusher.scheduleFlush();
      },
    });
    this.#request = toUniversalRequest(options.head, this.#body, this.#abort.signal);
  }

  /** Hands the request to the universal handler. */
  begin(endStream: boolean): void {
    if (endStream) this.#body.end();
    if (this.#request === null) {
      void this.#respond({ status: 400 });
      return;
    }
    void this.#serve(this.#request);
  }

  data(data: Uint8Array, endStream: boolean): void {
    if (!this.#body.push(data)) {
      this.#cancel("Cannot buffer the request: too many bytes of other requests are under way");
      this.#stream.reset(ErrorCode.ENHANCE_YOUR_CALM);
      return;
    }
    if (endStream) this.#body.end();
  }

  trailers(): void {
    this.#body.end();
  }

  reset(): void {
    this.#cancel("The stream was reset");
  }

  writable(): void {
    this.#resumeOutput?.();
    this.#resumeOutput = null;
  }

  #cancel(message: string): void {
    this.#isReset = true;
    const reason = new DOMException(message, "AbortError");
    this.#body.fail(reason);
    this.#abort.abort(reason);
    this.writable();
  }

  async #serve(request: UniversalServerRequest): Promise<void> {
    let response: UniversalServerResponse;
    try {
      response = await this.#state.routes.universal(request);
    } catch (error) {
      if (!this.#isReset) this.#state.onHandlerError(error);
      response = { status: 500 };
    }
    await this.#respond(response);
  }

  async #respond(response: UniversalServerResponse): Promise<void> {
    try {
      await this.#sendResponse(response);
    } catch (error) {
      // The response has begun: a reset is all that can still be said.
      if (!this.#isReset) this.#state.onHandlerError(error);
      this.#stream.reset(ErrorCode.INTERNAL_ERROR);
    }
    this.#body.discard();
    // What the handler left unread: the peer need not send it (RFC 9113 §8.1).
    if (!this.#body.isEnded) this.#stream.reset(ErrorCode.NO_ERROR);
    this.#flusher.scheduleFlush();
  }

  async #sendResponse(response: UniversalServerResponse): Promise<void> {
    const head = toHeaderList(response.header, response.status);
    if (response.body === undefined) {
      // connect-es never gives trailers without a body.
      this.#stream.respond(head, true);
      return;
    }
    const body = response.body[Symbol.asyncIterator]();
    let result = await body.next();
    if (result.done === true && isTrailersOnly(head)) {
      this.#stream.respond([...head, ...toHeaderList(response.trailer)], true);
      return;
    }
    this.#stream.respond(head, false);
    while (result.done !== true && !this.#isReset) {
      this.#stream.send(result.value, false);
      this.#flusher.scheduleFlush();
      if (this.#stream.queuedBytes > queuedBytesMax) await this.#untilWritable();
      if (!this.#isReset) result = await body.next();
    }
    if (this.#isReset) return await stopIterator(body, this.#abort.signal.reason);
    const trailer = toHeaderList(response.trailer);
    if (trailer.length > 0) this.#stream.respond(trailer, true);
    else this.#stream.send(new Uint8Array(0), true);
  }

  #untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumeOutput = resolve;
    });
  }
}

/** null if the headers cannot be put into fetch's `Headers`. */
function toUniversalRequest(
  head: RequestHead,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): UniversalServerRequest | null {
  const header = new Headers();
  let cookies = "";
  try {
    for (const [name, value] of head.headers) {
      if (name.startsWith(":")) continue;
      // RFC 9113 §8.2.3: cookie crumbs are joined again.
      if (name === "cookie") cookies += cookies === "" ? value : "; " + value;
      else header.append(name, value);
    }
    if (cookies !== "") header.set("cookie", cookies);
  } catch {
    return null;
  }
  const scheme = head.scheme === "" ? "http" : head.scheme;
  const authority = head.authority === "" ? "localhost" : head.authority;
  const url = `${scheme}://${authority}${head.path}`;
  return { httpVersion: "2", method: head.method, url, header, body, signal };
}

function toHeaderList(
  headers: Headers | undefined,
  status?: number,
): (readonly [name: string, value: string])[] {
  const list: (readonly [name: string, value: string])[] = [];
  if (status !== undefined) list.push([":status", String(status)]);
  headers?.forEach((value, name) => {
    if (!connectionHeaders.has(name)) list.push([name, value]);
  });
  return list;
}

/** gRPC's short form of an error is used where no header would become a trailer by it. */
function isTrailersOnly(head: HeaderList): boolean {
  return head.every(([name, value]) =>
    name === ":status" || name === "grpc-encoding" || name === "grpc-accept-encoding" ||
    (name === "content-type" && isGrpcContentType(value))
  ) && head.some(([name]) => name === "content-type");
}

async function stopIterator(body: AsyncIterator<Uint8Array>, reason: unknown): Promise<void> {
  try {
    if (body.throw !== undefined) await body.throw(reason);
    else await body.return?.();
  } catch {
    // A generator that does not catch throws the reason back.
  }
}
