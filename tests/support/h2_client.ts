/**
 * A lean HTTP/2 client connection (RFC 9113, prior knowledge) for tests and load: frames over one TCP socket.
 *
 * It gathers output in one buffer and parses input in place, so that one core can drive a server at well over
 * 100,000 requests a second. It leaves the meaning of header blocks to {@linkcode ClientEvents}. It announces a
 * header table of size 0, so that a block of the server means the same wherever it stands.
 *
 * @module
 */

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

const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

const prefaceBytes = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const receiveWindowBytes = 0x3fff_ffff;
const readBufferBytes = 256 * 1024;
const frameHeaderBytes = 9;
const frameBytesMaxReceived = 16_384;
const refusedStream = 7;

/** A request body that flow control holds back. */
interface BlockedBody {
  streamId: number;
  body: Uint8Array;
  offset: number;
  /** May be negative after a smaller SETTINGS_INITIAL_WINDOW_SIZE, RFC 9113 §6.9.2. */
  windowBytes: number;
}

/** One connection: requests out, {@linkcode ClientEvents} back. */
export class ClientConnection {
  readonly #socket: Deno.TcpConn;
  readonly #events: ClientEvents;
  #output = new Uint8Array(64 * 1024);
  #spare = new Uint8Array(64 * 1024);
  #outputBytes = 0;
  #isWriting = false;
  #isClosed = false;
  #nextStreamId = 1;
  #sendWindowBytes = 65_535;
  #streamWindowBytes = 65_535;
  #frameBytesMax = 16_384;
  #headerTableBytes = 4096;
  #streamsMax = Infinity;
  #consumedBytes = 0;
  #blocked: BlockedBody[] = [];
  #headerParts: Uint8Array[] | null = null;
  #headerFlags = 0;
  #headerStream = 0;
  #settingsReceived: () => void = () => {};
  readonly #ready: Promise<void>;
  readonly #finished: Promise<void>;

  private constructor(socket: Deno.TcpConn, events: ClientEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#ready = new Promise((resolve) => this.#settingsReceived = resolve);
    this.#sendPreface();
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
    const at = this.#reserve(frameHeaderBytes + block.length);
    const headersFlags = Flag.endHeaders | (body.length === 0 ? Flag.endStream : 0);
    this.#frameHeader(at, block.length, FrameType.headers, headersFlags, streamId);
    this.#output.set(block, at + frameHeaderBytes);
    const bytes = body.length;
    if (bytes === 0) return streamId;
    if (
      bytes <= this.#frameBytesMax && bytes <= this.#sendWindowBytes &&
      bytes <= this.#streamWindowBytes && this.#blocked.length === 0
    ) {
      this.#sendWindowBytes -= bytes;
      this.#data(streamId, body, true);
    } else {
      this.#blocked.push({
        streamId,
        body: body.slice(),
        offset: 0,
        windowBytes: this.#streamWindowBytes,
      });
      this.#sendBlocked();
    }
    return streamId;
  }

  /** Resets a stream, RFC 9113 §6.4. */
  resetStream(streamId: number, code: number): void {
    this.#blocked = this.#blocked.filter((entry) => entry.streamId !== streamId);
    const at = this.#reserve(frameHeaderBytes + 4);
    this.#frameHeader(at, 4, FrameType.rstStream, 0, streamId);
    writeU32(this.#output, at + frameHeaderBytes, code);
  }

  /** Writes what is queued; requests made while a write runs go out with the next one. */
  flush(): void {
    if (!this.#isWriting && this.#outputBytes > 0 && !this.#isClosed) void this.#writeOutput();
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

  #sendPreface(): void {
    const settings = [[1, 0], [2, 0], [4, receiveWindowBytes]] as const;
    let at = this.#reserve(prefaceBytes.length + frameHeaderBytes + 6 * settings.length);
    this.#output.set(prefaceBytes, at);
    at += prefaceBytes.length;
    this.#frameHeader(at, 6 * settings.length, FrameType.settings, 0, 0);
    at += frameHeaderBytes;
    for (const [id, value] of settings) {
      this.#output[at + 1] = id;
      writeU32(this.#output, at + 2, value);
      at += 6;
    }
    this.#windowUpdate(receiveWindowBytes - 65_535);
    this.flush();
  }

  async #writeOutput(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#outputBytes > 0 && !this.#isClosed) {
        const pending = this.#output;
        const pendingBytes = this.#outputBytes;
        this.#output = this.#spare;
        this.#spare = pending;
        this.#outputBytes = 0;
        let written = 0;
        while (written < pendingBytes) {
          written += await this.#socket.write(pending.subarray(written, pendingBytes));
        }
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
          this.#windowUpdate(this.#consumedBytes);
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
      } else {
        this.#headerParts = [block.slice()];
        this.#headerFlags = flags;
        this.#headerStream = streamId;
      }
    } else if (type === FrameType.continuation) {
      this.#continuation(flags, payload);
    } else if (type === FrameType.windowUpdate) {
      this.#credit(streamId, readU32(payload, 0) & 0x7fff_ffff);
    } else if (type === FrameType.rstStream) {
      this.#blocked = this.#blocked.filter((entry) => entry.streamId !== streamId);
      this.#events.reset(streamId, readU32(payload, 0));
    } else if (type === FrameType.settings) {
      if ((flags & Flag.ack) === 0) this.#applySettings(payload);
    } else if (type === FrameType.ping) {
      if ((flags & Flag.ack) === 0) this.#acknowledgePing(payload);
    } else if (type === FrameType.goaway) {
      this.#refuseAbove(readU32(payload, 0) & 0x7fff_ffff);
    }
  }

  #continuation(flags: number, payload: Uint8Array): void {
    if (this.#headerParts === null) throw new SyntaxError("Cannot continue headers: none are open");
    this.#headerParts.push(payload.slice());
    if ((flags & Flag.endHeaders) === 0) return;
    const block = concatBytes(this.#headerParts);
    this.#headerParts = null;
    this.#events.headers(this.#headerStream, block, (this.#headerFlags & Flag.endStream) !== 0);
  }

  #applySettings(payload: Uint8Array): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const id = (payload[at]! << 8) | payload[at + 1]!;
      const value = readU32(payload, at + 2);
      if (id === 1) this.#headerTableBytes = Math.min(4096, value);
      else if (id === 3) this.#streamsMax = value;
      else if (id === 4) {
        for (const entry of this.#blocked) entry.windowBytes += value - this.#streamWindowBytes;
        this.#streamWindowBytes = value;
      } else if (id === 5) this.#frameBytesMax = Math.min(value, 1 << 20);
    }
    const at = this.#reserve(frameHeaderBytes);
    this.#frameHeader(at, 0, FrameType.settings, Flag.ack, 0);
    this.#sendBlocked();
    this.#settingsReceived();
  }

  #acknowledgePing(payload: Uint8Array): void {
    const at = this.#reserve(frameHeaderBytes + 8);
    this.#frameHeader(at, 8, FrameType.ping, Flag.ack, 0);
    this.#output.set(payload, at + frameHeaderBytes);
  }

  /** Streams above `lastStreamId` were not looked at: RFC 9113 §6.8. */
  #refuseAbove(lastStreamId: number): void {
    this.#blocked = this.#blocked.filter((entry) => entry.streamId <= lastStreamId);
    const firstRefused = lastStreamId + 1 + (lastStreamId & 1);
    for (let id = firstRefused; id < this.#nextStreamId; id += 2) {
      this.#events.reset(id, refusedStream);
    }
  }

  #credit(streamId: number, bytes: number): void {
    if (streamId === 0) this.#sendWindowBytes += bytes;
    else {
      for (const entry of this.#blocked) {
        if (entry.streamId === streamId) entry.windowBytes += bytes;
      }
    }
    if (this.#blocked.length > 0) this.#sendBlocked();
  }

  #sendBlocked(): void {
    let finished = 0;
    for (const entry of this.#blocked) {
      while (entry.offset < entry.body.length) {
        const bytes = Math.min(
          entry.body.length - entry.offset,
          entry.windowBytes,
          this.#sendWindowBytes,
          this.#frameBytesMax,
        );
        if (bytes <= 0) break;
        const end = entry.offset + bytes;
        this.#data(
          entry.streamId,
          entry.body.subarray(entry.offset, end),
          end === entry.body.length,
        );
        entry.offset = end;
        entry.windowBytes -= bytes;
        this.#sendWindowBytes -= bytes;
      }
      if (entry.offset === entry.body.length) finished++;
    }
    if (finished > 0) this.#blocked = this.#blocked.filter((e) => e.offset < e.body.length);
  }

  #data(streamId: number, bytes: Uint8Array, endStream: boolean): void {
    const at = this.#reserve(frameHeaderBytes + bytes.length);
    this.#frameHeader(at, bytes.length, FrameType.data, endStream ? Flag.endStream : 0, streamId);
    this.#output.set(bytes, at + frameHeaderBytes);
  }

  #windowUpdate(bytes: number): void {
    const at = this.#reserve(frameHeaderBytes + 4);
    this.#frameHeader(at, 4, FrameType.windowUpdate, 0, 0);
    writeU32(this.#output, at + frameHeaderBytes, bytes);
  }

  /** Makes room for `bytes` more output and returns where they start. */
  #reserve(bytes: number): number {
    const at = this.#outputBytes;
    const need = at + bytes;
    if (need > this.#output.length) {
      const grown = new Uint8Array(Math.max(need, this.#output.length * 2));
      grown.set(this.#output.subarray(0, at));
      this.#output = grown;
    }
    this.#outputBytes = need;
    return at;
  }

  /** The fields in the order of RFC 9113 §4.1. */
  #frameHeader(at: number, length: number, type: number, flags: number, streamId: number): void {
    const output = this.#output;
    output[at] = length >>> 16;
    output[at + 1] = length >>> 8;
    output[at + 2] = length;
    output[at + 3] = type;
    output[at + 4] = flags;
    writeU32(output, at + 5, streamId);
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

function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>>
    0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
