/**
 * The settings of the two ends (RFC 9113 §6.5.2).
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import { defaultFrameBytes, max31, SettingId } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";
import type { Session } from "./session.ts";

/** What our SETTINGS frame announces. */
export function settingsOf(limits: Http2Limits): (readonly [id: number, value: number])[] {
  return [
    [SettingId.MAX_CONCURRENT_STREAMS, limits.concurrentStreamsMax],
    [SettingId.INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
    [SettingId.MAX_FRAME_SIZE, limits.frameBytesMax],
    [SettingId.MAX_HEADER_LIST_SIZE, limits.headerListBytesMax],
  ];
}

/**
 * Obeys one entry of the peer's SETTINGS. Those that bind only what we never do are checked and ignored.
 *
 * @throws {ConnectionError} for a value out of range.
 */
export function applySetting(session: Session, setting: { id: number; value: number }): void {
  const { id, value } = setting;
  switch (id) {
    case SettingId.HEADER_TABLE_SIZE:
      return session.outbound.setPeerTableBytes(value);
    case SettingId.ENABLE_PUSH:
      if (value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH above 1");
      return;
    case SettingId.INITIAL_WINDOW_SIZE:
      if (value > max31) {
        throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "INITIAL_WINDOW_SIZE above 2^31-1",
        );
      }
      return session.outbound.setInitialWindow(value, session.streams);
    case SettingId.MAX_FRAME_SIZE:
      if (value < defaultFrameBytes || value > 0xff_ffff) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE out of range");
      }
      return session.outbound.setPeerFrameBytesMax(value);
  }
}
