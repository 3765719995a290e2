/**
 * HTTP/2 error codes and the error that ends a connection (RFC 9113 §5.4, §7).
 *
 * @module
 */

/** Error codes of RST_STREAM and GOAWAY (RFC 9113 §7). */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** The peer broke a rule of the connection: it ends with GOAWAY(`code`). Never leaves this room. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** One of {@linkcode ErrorCode}. */
  readonly code: number;

  /** `message` becomes GOAWAY's debug data: ASCII, without anything that the peer sent. */
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
