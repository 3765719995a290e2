/**
 * Obeys the client's frames (RFC 9113 §5.1, §6, §8.1): streams come and go here.
 *
 * @module
 */

import { writePing, writeSettingsAck } from "./control_frames.ts";
import { ConnectionError, ErrorCode } from "./error_code.ts";
import type { FrameSink } from "./frame_reader.ts";
import { checkFrameHead } from "./frame_rules.ts";
import { FrameFlag, type FrameHead, FrameType, readUint31, readUint32 } from "./frames.ts";
import { HeaderAssembly } from "./header_assembly.ts";
import { trailersFault } from "./header_rules.ts";
import { encodeHeaderBlock } from "./hpack_encoder.ts";
import { applySetting } from "./peer_settings.ts";
import { RequestDecoder, type RequestHead } from "./request_decoder.ts";
import { ServerStream } from "./server_stream.ts";
import { excessive, type Session } from "./session.ts";
import { Closing } from "./stream_table.ts";

/** Idle frames that a request, or a DATA frame with data, pardons. */
const pardonsPerFrame = 2;
const tooLargeBlock = encodeHeaderBlock([[":status", "431"], ["content-length", "0"]]);

/** The receiving side of one connection. */
export class Receiver implements FrameSink {
  readonly #session: Session;
  readonly #decoder: RequestDecoder;
  readonly #assembly: HeaderAssembly;
  /** The stream of the DATA frame that is passing; `null` if its data are dropped. */
  #dataStream: ServerStream | null = null;
  /** Whether that frame ends the request. */
  #dataEnds = false;
  #emptyDataFrames = 0;
  /** The first SETTINGS frame is here. */
  hasSettings = false;
  /** The peer sent GOAWAY: it opens no more streams. */
  hasPeerLeft = false;
  /** The last PING that the peer acknowledged was a drain's. */
  isDrainAcknowledged = false;
  /** New streams are refused. */
  isDraining = false;

  constructor(session: Session) {
    this.#session = session;
    this.#decoder = new RequestDecoder({ listBytesMax: session.limits.headerListBytesMax });
    this.#assembly = new HeaderAssembly(session.limits);
  }

  get isFinished(): boolean {
    return this.#session.connection.isFinished;
  }

  /** When the incomplete header block began; Infinity without one. */
  get waitingSinceMs(): number {
    return this.#assembly.waitingSinceMs;
  }

  check(head: FrameHead): void {
    if (
      !this.hasSettings && (head.type !== FrameType.SETTINGS || (head.flags & FrameFlag.ACK) !== 0)
    ) {
      throw protocolError("The first frame must be SETTINGS");
    }
    const { openStreamId } = this.#assembly;
    if ((head.type === FrameType.CONTINUATION) !== (openStreamId !== 0)) {
      throw protocolError("CONTINUATION out of place, or missing");
    }
    if (openStreamId !== 0 && head.streamId !== openStreamId) {
      throw protocolError("CONTINUATION of another stream");
    }
    checkFrameHead(head, this.#session.limits);
  }

  dataHead(head: FrameHead, padBytes: number): void {
    const { inbound, streams } = this.#session;
    const { length, streamId } = head;
    const endStream = (head.flags & FrameFlag.END_STREAM) !== 0;
    this.#dataStream = null;
    inbound.take(length);
    const stream = streams.get(streamId);
    if (stream === undefined) return this.#lateData(streamId, length);
    if (stream.isRemoteClosed) throw closedError();
    stream.uncreditedBytes += length;
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) {
      return this.#session.fault(stream, ErrorCode.FLOW_CONTROL_ERROR);
    }
    if (!this.#countContent(stream, length - padBytes, endStream)) {
      return this.#session.fault(stream, ErrorCode.PROTOCOL_ERROR);
    }
    if (length > padBytes) this.#session.pardonIdleFrames(pardonsPerFrame);
    else if (!endStream && ++this.#emptyDataFrames > this.#session.limits.emptyDataFramesMax) {
      throw excessive("Too many empty DATA frames");
    }
    if (padBytes > 0) inbound.creditStream(stream, padBytes);
    this.#dataStream = stream;
    this.#dataEnds = endStream;
  }

  dataPiece(bytes: Uint8Array, start: number, end: number, isLast: boolean): void {
    const stream = this.#dataStream;
    if (stream === null || stream.isClosed) return;
    const endStream = isLast && this.#dataEnds;
    stream.receivedMs = this.#session.nowMs;
    if (endStream) stream.isRemoteClosed = true;
    if (end > start || endStream) {
      this.#session.events.data(stream, bytes.subarray(start, end), endStream);
    }
    if (endStream) this.#endRequest(stream);
  }

  unknown(): void {
    this.#session.countIdleFrame();
  }

  frame(head: FrameHead, bytes: Uint8Array, at: number): void {
    switch (head.type) {
      case FrameType.HEADERS:
        return this.#headers(head, bytes, at);
      case FrameType.CONTINUATION:
        if (this.#assembly.resume(head, bytes, at)) this.#block();
        return;
      case FrameType.PRIORITY:
        return this.#priority(head.streamId, readUint31(bytes, at));
      case FrameType.RST_STREAM:
        return this.#reset(head.streamId, readUint32(bytes, at));
      case FrameType.SETTINGS:
        return this.#settings(head, bytes, at);
      case FrameType.PING:
        return this.#ping(head, bytes, at);
      case FrameType.GOAWAY:
        this.hasPeerLeft = true;
        return;
      case FrameType.WINDOW_UPDATE:
        return this.#windowUpdate(head.streamId, readUint31(bytes, at));
    }
  }

  #headers(head: FrameHead, bytes: Uint8Array, at: number): void {
    const { streams } = this.#session;
    const { streamId } = head;
    const stream = streams.get(streamId);
    if (stream !== undefined ? stream.isRemoteClosed : streamId <= streams.lastId) {
      this.#checkLateHeaders(streamId);
    }
    if ((streamId & 1) === 0) throw protocolError("Stream id of a server");
    const isComplete = this.#assembly.begin(head, bytes, at);
    if (isComplete) this.#block();
    else this.#assembly.keep(this.#session.nowMs);
  }

  /** HEADERS on a stream that is closed, or half-closed by the peer: legal only if we reset it, and the peer did not know. */
  #checkLateHeaders(streamId: number): void {
    const { streams } = this.#session;
    if (streams.get(streamId) !== undefined) throw closedError();
    const closing = streams.closingOf(streamId);
    if (closing === Closing.FORGOTTEN) throw protocolError("Stream ids must increase");
    if (closing !== Closing.RESET_BY_US) throw closedError();
  }

  /** A header block is complete. */
  #block(): void {
    const { bytes, start, end, streamId } = this.#assembly;
    const { streams } = this.#session;
    const stream = streams.get(streamId);
    if (stream !== undefined) this.#trailers(stream);
    else if (streamId > streams.lastId) {
      streams.lastId = streamId;
      this.#request(this.#decoder.request(bytes, start, end));
    } else this.#decoder.other(bytes, start, end); // Of a stream that we reset.
    this.#assembly.release();
  }

  #request(head: RequestHead): void {
    const session = this.#session;
    const { streamId, endStream, isSelfDependent } = this.#assembly;
    if (head.isTooLarge) return this.#refuseTooLarge(streamId, endStream);
    if (head.fault !== null || isSelfDependent || (endStream && head.contentBytes > 0)) {
      return this.#refuse(streamId, ErrorCode.PROTOCOL_ERROR);
    }
    if (this.isDraining || session.streams.openCount >= session.limits.concurrentStreamsMax) {
      return this.#refuse(streamId, ErrorCode.REFUSED_STREAM);
    }
    const stream = new ServerStream(session, { id: streamId, contentBytes: head.contentBytes });
    session.streams.add(stream);
    session.pardonIdleFrames(pardonsPerFrame);
    stream.isRemoteClosed = endStream;
    session.events.request(stream, head.headers, endStream);
    if (endStream) this.#endRequest(stream);
  }

  #trailers(stream: ServerStream): void {
    const { bytes, start, end, endStream, isSelfDependent } = this.#assembly;
    const { headers, listBytes } = this.#decoder.other(bytes, start, end);
    const isTooLarge = listBytes > this.#session.limits.headerListBytesMax;
    if (
      !endStream || isSelfDependent || isTooLarge || stream.contentBytesLeft > 0 ||
      trailersFault(headers) !== null
    ) return this.#session.fault(stream, ErrorCode.PROTOCOL_ERROR);
    stream.isRemoteClosed = true;
    this.#session.events.trailers(stream, headers);
    this.#endRequest(stream);
  }

  #endRequest(stream: ServerStream): void {
    if (this.#emptyDataFrames > 0) this.#emptyDataFrames--;
    stream.endRemote();
  }

  #refuse(streamId: number, code: number): void {
    this.#session.refuse(streamId, code);
    this.#session.streams.remember(streamId, Closing.RESET_BY_US);
    this.#session.checkBudgets();
  }

  /** A header list beyond its limit is answered 431 (RFC 6585 §5): its owner never hears of it. */
  #refuseTooLarge(streamId: number, endStream: boolean): void {
    this.#session.outbound.writeHeaders(streamId, tooLargeBlock, true);
    if (!endStream) return this.#refuse(streamId, ErrorCode.NO_ERROR);
    this.#session.streams.remember(streamId, Closing.ENDED);
    this.#session.countControlReply();
  }

  /** DATA on a stream that is not open. */
  #lateData(streamId: number, length: number): void {
    const { streams, inbound } = this.#session;
    if (streams.isIdle(streamId)) throw protocolError("DATA on an idle stream");
    const closing = streams.closingOf(streamId);
    if (closing === Closing.ENDED || closing === Closing.RESET_BY_PEER) throw closedError();
    inbound.credit(length);
    if (length === 0) this.#session.countIdleFrame();
  }

  /** Counts data against content-length; returns whether they agree so far (RFC 9113 §8.1.1). */
  #countContent(stream: ServerStream, bytes: number, endStream: boolean): boolean {
    if (stream.contentBytesLeft < 0) return true;
    if (bytes > stream.contentBytesLeft) return false;
    stream.contentBytesLeft -= bytes;
    return !endStream || stream.contentBytesLeft === 0;
  }

  /** Ignored (RFC 9113 §5.3.2), but for a stream that is to depend on itself (RFC 7540 §5.3.1). */
  #priority(streamId: number, dependsOn: number): void {
    this.#session.countIdleFrame();
    if (dependsOn !== streamId) return;
    const stream = this.#session.streams.get(streamId);
    if (stream === undefined) throw protocolError("Stream depends on itself");
    this.#session.fault(stream, ErrorCode.PROTOCOL_ERROR);
  }

  #reset(streamId: number, code: number): void {
    const { streams } = this.#session;
    if (streams.isIdle(streamId)) throw protocolError("RST_STREAM on an idle stream");
    const stream = streams.get(streamId);
    if (stream !== undefined) {
      streams.close(stream, Closing.RESET_BY_PEER);
      this.#session.events.reset(stream, code);
    }
    this.#session.countPeerReset();
  }

  #settings(head: FrameHead, bytes: Uint8Array, at: number): void {
    this.#session.countIdleFrame();
    if ((head.flags & FrameFlag.ACK) !== 0) return;
    this.hasSettings = true;
    for (let entry = at; entry < at + head.length; entry += 6) {
      const id = (bytes[entry]! << 8) | bytes[entry + 1]!;
      applySetting(this.#session, { id, value: readUint32(bytes, entry + 2) });
    }
    writeSettingsAck(this.#session.output);
    this.#session.countControlReply();
  }

  #ping(head: FrameHead, bytes: Uint8Array, at: number): void {
    this.#session.countIdleFrame();
    if ((head.flags & FrameFlag.ACK) !== 0) {
      this.isDrainAcknowledged = isDrainPing(bytes, at);
      return;
    }
    writePing(this.#session.output, { opaque: bytes, offset: at, isAck: true });
    this.#session.countControlReply();
  }

  #windowUpdate(streamId: number, bytes: number): void {
    const { outbound, streams } = this.#session;
    this.#session.countIdleFrame();
    if (streamId === 0) {
      if (bytes === 0) throw protocolError("WINDOW_UPDATE of 0");
      return outbound.widenConnection(bytes);
    }
    if (streams.isIdle(streamId)) throw protocolError("WINDOW_UPDATE on an idle stream");
    const stream = streams.get(streamId);
    if (stream === undefined) return;
    if (bytes === 0) this.#session.fault(stream, ErrorCode.PROTOCOL_ERROR);
    else if (!outbound.widen(stream, bytes)) {
      this.#session.fault(stream, ErrorCode.FLOW_CONTROL_ERROR);
    }
  }
}

/** The eight bytes of a drain's PING. */
export const drainPing: Uint8Array = new TextEncoder().encode("draining");

function isDrainPing(bytes: Uint8Array, at: number): boolean {
  return drainPing.every((byte, i) => bytes[at + i] === byte);
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}

/** RFC 9113 §5.1 asks for a stream error only in some cases; but no honest peer gets here, and each would cost us a RST_STREAM. */
function closedError(): ConnectionError {
  return new ConnectionError(ErrorCode.STREAM_CLOSED, "Frame on a closed stream");
}
