/**
 * Gives each request of a connection to its owner: a direct call or an exchange with connect-es.
 *
 * @module
 */
import type { ConnectionEvents, HeaderList, Stream } from "../http2/mod.ts";
import { Exchange } from "./exchange.ts";
import { DirectCall } from "./grpc_direct.ts";
import { isGrpcProtoContentType } from "./grpc_framing.ts";
import { RequestHead } from "./request_head.ts";
import type { Flusher, ServerState, StreamOwner } from "./stream_owner.ts";

/** The events of one connection. */
export class Dispatcher implements ConnectionEvents {
  readonly #state: ServerState;
  readonly #flusher: Flusher;
  readonly #head = new RequestHead();

  constructor(state: ServerState, flusher: Flusher) {
    this.#state = state;
    this.#flusher = flusher;
  }

  request(stream: Stream, headers: HeaderList, endStream: boolean): void {
    const head = this.#head;
    head.read(headers);
    if (head.method === "POST" && isGrpcProtoContentType(head.contentType)) {
      const method = this.#state.routes.direct.get(head.path);
      if (method !== undefined) {
        const options = { method, head, state: this.#state, flusher: this.#flusher };
        new DirectCall(stream, options).begin(head, endStream);
        return;
      }
    }
    new Exchange(stream, { head, state: this.#state, flusher: this.#flusher }).begin(endStream);
  }

  data(stream: Stream, data: Uint8Array, endStream: boolean): void {
    (stream.owner as StreamOwner).data(data, endStream);
  }

  trailers(stream: Stream, _headers: HeaderList): void {
    (stream.owner as StreamOwner).trailers();
  }

  reset(stream: Stream, _code: number): void {
    // A request that http2 itself refused has no owner.
    (stream.owner as StreamOwner | null)?.reset();
  }

  writable(stream: Stream): void {
    (stream.owner as StreamOwner).writable();
  }
}
