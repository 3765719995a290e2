/**
 * A scripted client on one {@linkcode Connection}: sends frames, notes events and the frames that come back.
 *
 * @module
 */

import { ManualClock } from "../../../lib/base/mod.ts";
import {
  Connection,
  type ConnectionEvents,
  defaultLimits,
  type HeaderList,
  HpackDecoder,
  HpackEncoder,
  type Http2Limits,
  type Stream,
} from "../../../lib/http2/mod.ts";
import {
  codeName,
  concat,
  describe,
  endHeaders,
  endStream,
  type Frame,
  frame,
  preface,
  readFrames,
  settings,
} from "./frames.ts";

export const getRequest: HeaderList = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "localhost"],
];
export const postRequest: HeaderList = [[":method", "POST"], ...getRequest.slice(1)];

/** The client and, as the connection's owner, the server behind it. */
export class ScriptedClient implements ConnectionEvents {
  readonly connection: Connection;
  readonly clock: ManualClock;
  readonly encoder = new HpackEncoder();
  readonly decoder = new HpackDecoder({ listBytesMax: 1 << 20 });
  /** "request 1 END_STREAM", "data 1 (5)", "trailers 1", "reset 1 CANCEL", "writable 1". */
  events: string[] = [];
  readonly streams = new Map<number, Stream>();
  readonly headers = new Map<number, HeaderList>();
  /** Body bytes by stream, as they came. */
  readonly bodies = new Map<number, number[]>();
  /** What to do with a request, besides noting it. */
  onRequest: (stream: Stream, endStream: boolean) => void = () => {};
  onData: (stream: Stream, data: Uint8Array, endStream: boolean) => void = () => {};
  onWritable: (stream: Stream) => void = () => {};

  constructor(limits: Partial<Http2Limits> = {}) {
    this.clock = new ManualClock(1_000_000);
    this.connection = new Connection(this, {
      limits: { ...defaultLimits, ...limits },
      clock: this.clock,
    });
  }

  /** A client after the exchange of prefaces and SETTINGS, with nothing pending. */
  static open(
    limits: Partial<Http2Limits> = {},
    peerSettings: Record<number, number> = {},
  ): ScriptedClient {
    const client = new ScriptedClient(limits);
    client.send(preface, settings(peerSettings));
    client.frames();
    return client;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.connection.receive(concat(...frames));
  }

  /** A HEADERS frame with a whole block. */
  requestFrame(
    streamId: number,
    headers: HeaderList = getRequest,
    flags = endStream,
  ): Uint8Array {
    const payload = this.encoder.encode(headers);
    return frame(1, { flags: flags | endHeaders, streamId, payload });
  }

  /** All output, written at once. */
  bytes(): Uint8Array {
    const all: Uint8Array[] = [];
    for (let pieces = this.connection.takeOutput(); pieces.length > 0;) {
      all.push(concat(...pieces));
      pieces = this.connection.takeOutput();
    }
    return concat(...all);
  }

  /** All output as frames. */
  frames(): Frame[] {
    return readFrames(this.bytes());
  }

  /** All output as texts. */
  said(): string[] {
    return this.frames().map(describe);
  }

  /** Events since the last call. */
  heard(): string[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  stream(id: number): Stream {
    return this.streams.get(id)!;
  }

  tick(ms: number): void {
    this.clock.advance(ms);
    this.connection.tick(this.clock.monotonicMs());
  }

  request(stream: Stream, headers: HeaderList, end: boolean): void {
    this.streams.set(stream.id, stream);
    this.headers.set(stream.id, headers);
    this.events.push(`request ${stream.id}${end ? " END_STREAM" : ""}`);
    this.onRequest(stream, end);
  }

  data(stream: Stream, data: Uint8Array, end: boolean): void {
    const body = this.bodies.get(stream.id) ?? [];
    this.bodies.set(stream.id, body);
    for (const byte of data) body.push(byte);
    this.events.push(`data ${stream.id} (${data.length})${end ? " END_STREAM" : ""}`);
    this.onData(stream, data, end);
  }

  trailers(stream: Stream, headers: HeaderList): void {
    this.headers.set(stream.id, headers);
    this.events.push(`trailers ${stream.id}`);
  }

  reset(stream: Stream, code: number): void {
    this.events.push(`reset ${stream.id} ${codeName(code)}`);
  }

  writable(stream: Stream): void {
    this.events.push(`writable ${stream.id}`);
    this.onWritable(stream);
  }
}
