/**
 * What a frame's head alone can break (RFC 9113 §4.2, §6): stream id, length, and our limits.
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import { FrameFlag, type FrameHead, FrameType } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";

const settingBytes = 6;

/** @throws {ConnectionError} if no payload could make this frame legal. */
export function checkFrameHead(head: FrameHead, limits: Http2Limits): void {
  const { type, length } = head;
  if (length > limits.frameBytesMax) throw sizeError();
  if (type === FrameType.DATA) return checkOnStream(head);
  // "… or exceeds any limit defined for the frame type" (RFC 9113 §4.2).
  if (type <= FrameType.CONTINUATION && length > limits.wholeFrameBytesMax) throw sizeError();
  switch (type) {
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
      return checkOnStream(head);
    case FrameType.PRIORITY:
      // RFC 9113 §6.3 asks for a stream error only; but the stream may be idle, and the fault is no accident.
      checkOnStream(head);
      return checkLength(length, 5);
    case FrameType.RST_STREAM:
      checkOnStream(head);
      return checkLength(length, 4);
    case FrameType.WINDOW_UPDATE:
      return checkLength(length, 4);
    case FrameType.SETTINGS:
      checkOnConnection(head);
      if ((head.flags & FrameFlag.ACK) !== 0) checkLength(length, 0);
      if (length % settingBytes !== 0) throw sizeError();
      if (length > settingBytes * limits.settingsEntriesMax) {
        throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "Too many settings");
      }
      return;
    case FrameType.PING:
      checkOnConnection(head);
      return checkLength(length, 8);
    case FrameType.GOAWAY:
      checkOnConnection(head);
      if (length < 8) throw sizeError();
      return;
    case FrameType.PUSH_PROMISE:
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE from a client");
  }
}

function checkLength(length: number, expected: number): void {
  if (length !== expected) throw sizeError();
}

function checkOnStream(head: FrameHead): void {
  if (head.streamId === 0) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "Stream 0 is the connection");
  }
}

function checkOnConnection(head: FrameHead): void {
  if (head.streamId !== 0) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "Frame is for the connection only");
  }
}

function sizeError(): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "Frame length");
}
