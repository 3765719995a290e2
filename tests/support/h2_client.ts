/**
 * A lean HTTP/2 client connection (RFC 9113, prior knowledge) for tests and load: frames over one TCP socket.
 *
 * It gathers output in one buffer and parses input in place, so that one core can drive a server at well over
 * 100,000 requests a second. It leaves the meaning of header blocks to {@linkcode ClientEvents}. It announces a
 * header table of size 0, so that a block of the server means the same wherever it stands.
 *
 * @module
 */

import { Flag, frameHeaderBytes, FrameOutput, FrameType, readU32 } from "./frame_output.ts";
import { RequestBodies } from "./request_bodies.ts";

/** Called synchronously while a segment is parsed. Byte arrays are borrowed: valid only during the call. */
export interface ClientEvents {
  /** A complete header block: response headers, or trailers when `endStream`. */
  headers(streamId: number, block: Uint8Array, endStream: boolean): void;
  /** Bytes of a DATA frame without padding. */
  data(streamId: number, bytes: Uint8Array, endStream: boolean): void;
  /** RST_STREAM, or a GOAWAY that refuses the stream (code REFUSED_STREAM: the server did nothing). */
  reset(streamId: number, code: number): void;
  /** Once, when the socket is gone; streams that are still open get no other event. */
  closed(reason: string): void;
}

/** Where a server listens. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Parses "host:port" or "[::1]:port". */
export function parseAddress(text: string): HostPort {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) {
    throw new RangeError(`Cannot parse address "${text}": expected HOST:PORT`);
  }
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port };
}

const receiveWindowBytes = 0x3fff_ffff;
const readBufferBytes = 256 * 1024;
const frameBytesMaxReceived = 16_384;
const refusedStream = 7;

/** One connection: requests out, {@linkcode ClientEvents} back. */
export class ClientConnection {
  readonly #socket: Deno.TcpConn;
  readonly #events: ClientEvents;
  readonly #output = new FrameOutput();
  readonly #bodies = new RequestBodies(this.#output);
  #isWriting = false;
  #isClosed = false;
  #nextStreamId = 1;
  #headerTableBytes = 4096;
  #streamsMax = Infinity;
  #consumedBytes = 0;
  /** A header block that CONTINUATION goes on with. */
  #openBlock: { streamId: number; flags: number; parts: Uint8Array[] } | null = null;
  #settingsReceived: () => void = () => {};
  readonly #ready: Promise<void>;
  readonly #finished: Promise<void>;

  private constructor(socket: Deno.TcpConn, events: ClientEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#ready = new Promise((resolve) => this.#settingsReceived = resolve);
    this.#output.preface([[1, 0], [2, 0], [4, receiveWindowBytes]]);
    this.#output.windowUpdate(0, receiveWindowBytes - 65_535);
    this.flush();
    this.#finished = this.#pump();
  }

  /**
   * Connects and waits for the server's SETTINGS.
   *
   * @throws {Deno.errors.ConnectionRefused} if nobody listens.
   * @throws {Deno.errors.ConnectionReset} if the server hangs up before its SETTINGS.
   */
  static async open(address: HostPort, events: ClientEvents): Promise<ClientConnection> {
    const socket = await Deno.connect({ hostname: address.host, port: address.port });
    socket.setNoDelay(true);
    const connection = new ClientConnection(socket, events);
    await Promise.race([connection.#ready, connection.#finished]);
    if (connection.#isClosed) {
      throw new Deno.errors.ConnectionReset("Cannot open: no SETTINGS came");
    }
    return connection;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The server's SETTINGS_HEADER_TABLE_SIZE: bytes of dynamic table that request blocks may use. */
  get headerTableBytes(): number {
    return this.#headerTableBytes;
  }

  /** The server's SETTINGS_MAX_CONCURRENT_STREAMS. */
  get streamsMax(): number {
    return this.#streamsMax;
  }

  /**
   * Queues one request and returns its stream id; {@linkcode flush} writes it.
   *
   * `body` is copied before the call returns, so one buffer serves many requests.
   */
  request(block: Uint8Array, body: Uint8Array): number {
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    this.#output.headers(streamId, block, body.length === 0);
    if (body.length > 0) this.#bodies.send(streamId, body);
    return streamId;
  }

  /** Resets a stream, RFC 9113 §6.4. */
  resetStream(streamId: number, code: number): void {
    this.#bodies.drop((id) => id === streamId);
    this.#output.rstStream(streamId, code);
  }

  /** Writes what is queued; requests made while a write runs go out with the next one. */
  flush(): void {
    if (!this.#isWriting && this.#output.bytes > 0 && !this.#isClosed) void this.#writeOutput();
  }

  /** Ends the connection and waits until its tasks are over. */
  async close(): Promise<void> {
    this.#end("closed by this side");
    await this.#finished;
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#events.closed(reason);
  }

  async #writeOutput(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#output.bytes > 0 && !this.#isClosed) {
        let pending = this.#output.take();
        while (pending.length > 0) pending = pending.subarray(await this.#socket.write(pending));
      }
    } catch (error) {
      this.#end(String(error));
    } finally {
      this.#isWriting = false;
    }
  }

  async #pump(): Promise<void> {
    const buffer = new Uint8Array(readBufferBytes);
    let held = 0;
    try {
      while (!this.#isClosed) {
        const count = await this.#socket.read(buffer.subarray(held));
        if (count === null) {
          this.#end("the server closed the connection");
          break;
        }
        const filled = held + count;
        const parsed = this.#parse(buffer, filled);
        buffer.copyWithin(0, parsed, filled);
        held = filled - parsed;
        if (this.#consumedBytes > receiveWindowBytes / 2) {
          this.#output.windowUpdate(0, this.#consumedBytes);
          this.#consumedBytes = 0;
        }
        this.flush();
      }
    } catch (error) {
      this.#end(String(error));
    }
  }

  /** Handles all complete frames of `buffer[0, filled)` and returns how many bytes they were. */
  #parse(buffer: Uint8Array, filled: number): number {
    let at = 0;
    while (filled - at >= frameHeaderBytes) {
      const length = (buffer[at]! << 16) | (buffer[at + 1]! << 8) | buffer[at + 2]!;
      if (length > frameBytesMaxReceived) {
        throw new RangeError(`Cannot read frame: ${length} bytes, limit ${frameBytesMaxReceived}`);
      }
      const end = at + frameHeaderBytes + length;
      if (end > filled) break;
      const streamId = readU32(buffer, at + 5) & 0x7fff_ffff;
      this.#frame(buffer[at + 3]!, buffer[at + 4]!, {
        streamId,
        payload: buffer.subarray(at + frameHeaderBytes, end),
      });
      at = end;
    }
    return at;
  }

  #frame(type: number, flags: number, frame: { streamId: number; payload: Uint8Array }): void {
    const { streamId, payload } = frame;
    if (type === FrameType.data) {
      this.#consumedBytes += payload.length;
      const bytes = (flags & Flag.padded) === 0 ? payload : withoutPadding(payload);
      this.#events.data(streamId, bytes, (flags & Flag.endStream) !== 0);
    } else if (type === FrameType.headers) {
      let block = (flags & Flag.padded) === 0 ? payload : withoutPadding(payload);
      if ((flags & Flag.priority) !== 0) block = block.subarray(5);
      if ((flags & Flag.endHeaders) !== 0) {
        this.#events.headers(streamId, block, (flags & Flag.endStream) !== 0);
      } else this.#openBlock = { streamId, flags, parts: [block.slice()] };
    } else if (type === FrameType.continuation) {
      this.#continuation(flags, payload);
    } else if (type === FrameType.windowUpdate) {
      this.#bodies.credit(streamId, readU32(payload, 0) & 0x7fff_ffff);
    } else if (type === FrameType.rstStream) {
      this.#bodies.drop((id) => id === streamId);
      this.#events.reset(streamId, readU32(payload, 0));
    } else if (type === FrameType.settings) {
      if ((flags & Flag.ack) === 0) this.#applySettings(payload);
    } else if (type === FrameType.ping) {
      if ((flags & Flag.ack) === 0) this.#output.pingAck(payload);
    } else if (type === FrameType.goaway) {
      this.#refuseAbove(readU32(payload, 0) & 0x7fff_ffff);
    }
  }

  #continuation(flags: number, payload: Uint8Array): void {
    const open = this.#openBlock;
    if (open === null) throw new SyntaxError("Cannot continue headers: none are open");
    open.parts.push(payload.slice());
    if ((flags & Flag.endHeaders) === 0) return;
    this.#openBlock = null;
    const endStream = (open.flags & Flag.endStream) !== 0;
    this.#events.headers(open.streamId, concatBytes(open.parts), endStream);
  }

  #applySettings(payload: Uint8Array): void {
    this.#output.settingsAck();
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const id = (payload[at]! << 8) | payload[at + 1]!;
      const value = readU32(payload, at + 2);
      if (id === 1) this.#headerTableBytes = Math.min(4096, value);
      else if (id === 3) this.#streamsMax = value;
      else if (id === 4) this.#bodies.setStreamWindow(value);
      else if (id === 5) this.#bodies.setFrameBytesMax(value);
    }
    this.#settingsReceived();
  }

  /** Streams above `lastStreamId` were not looked at: RFC 9113 §6.8. */
  #refuseAbove(lastStreamId: number): void {
    this.#bodies.drop((id) => id > lastStreamId);
    const firstRefused = lastStreamId + 1 + (lastStreamId & 1);
    for (let id = firstRefused; id < this.#nextStreamId; id += 2) {
      this.#events.reset(id, refusedStream);
    }
  }
}

/** Joins byte arrays. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function withoutPadding(payload: Uint8Array): Uint8Array {
  return payload.subarray(1, payload.length - payload[0]!);
}
