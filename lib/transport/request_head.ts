/**
 * The headers that this room looks at, found in one pass over a request's header list.
 *
 * @module
 */
import type { HeaderList } from "../http2/mod.ts";

/** The latest request's headers; one object a connection, overwritten by every request. */
export class RequestHead {
  headers: HeaderList = [];
  method = "";
  path = "";
  scheme = "";
  authority = "";
  contentType = "";
  te: string | null = null;
  /** `grpc-timeout`. */
  timeout: string | null = null;
  /** `grpc-encoding`. */
  encoding: string | null = null;
  /** The first `x-histserv-token`. */
  token: string | null = null;

  /** Forgets the previous request and reads this one; pseudo-headers are checked by http2. */
  read(headers: HeaderList): void {
    // http2 gives the same list again for the same block.
    if (headers === this.headers) return;
    this.headers = headers;
    this.method =
      this.path =
      this.scheme =
      this.authority =
      this.contentType =
        "";
    this.te =
      this.timeout =
      this.encoding =
      this.token =
        null;
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i]!;
      this.#take(header[0], header[1]);
    }
  }

  // By length first: it spares most of the string comparisons.
  #take(name: string, value: string): void {
    switch (name.length) {
      case 2:
        if (name === "te") this.te = value;
        return;
      case 4:
        if (name === "host" && this.authority === "") this.authority = value;
        return;
      case 5:
        if (name === ":path") this.path = value;
        return;
      case 7:
        if (name === ":method") this.method = value;
        else if (name === ":scheme") this.scheme = value;
        return;
      case 10:
        if (name === ":authority") this.authority = value;
        return;
      case 12:
        if (name === "content-type") this.contentType = value;
        else if (name === "grpc-timeout") this.timeout = value;
        return;
      case 13:
        if (name === "grpc-encoding") this.encoding = value;
        return;
      case 16:
        if (name === "x-histserv-token") this.token ??= value;
        return;
    }
  }
}
