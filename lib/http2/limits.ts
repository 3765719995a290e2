/**
 * Every limit of a connection, by name. A peer that exceeds one meets the reaction in brackets.
 *
 * @module
 */

/** Limits of one connection. All are whole numbers; bytes, milliseconds and counts as the name says. */
export interface Http2Limits {
  /** SETTINGS_MAX_CONCURRENT_STREAMS; more are refused [RST_STREAM REFUSED_STREAM]. ≥ 1. */
  readonly concurrentStreamsMax: number;
  /** SETTINGS_INITIAL_WINDOW_SIZE: body bytes that the owner has not credited [RST_STREAM FLOW_CONTROL_ERROR]. In [65535, 2^31-1]. */
  readonly streamWindowBytes: number;
  /** The same for the whole connection [GOAWAY FLOW_CONTROL_ERROR]. In [65535, 2^31-1]. */
  readonly connectionWindowBytes: number;
  /** SETTINGS_MAX_FRAME_SIZE [GOAWAY FRAME_SIZE_ERROR]. In [2^14, 2^24-1]. */
  readonly frameBytesMax: number;
  /** Any frame but DATA, as those are put together before use [GOAWAY FRAME_SIZE_ERROR]. ≥ 2^14: what senders take without asking. */
  readonly wholeFrameBytesMax: number;
  /** SETTINGS_MAX_HEADER_LIST_SIZE, names + values + 32 per field (RFC 9113 §6.5.2) [answer 431]. */
  readonly headerListBytesMax: number;
  /** Encoded bytes of one header block [GOAWAY ENHANCE_YOUR_CALM]. ≥ 2^14. */
  readonly headerBlockBytesMax: number;
  /** CONTINUATION frames of one header block [GOAWAY ENHANCE_YOUR_CALM]. */
  readonly continuationFramesMax: number;
  /** Entries of one SETTINGS frame [GOAWAY ENHANCE_YOUR_CALM]. */
  readonly settingsEntriesMax: number;
  /** PING and SETTINGS acknowledgements and RST_STREAM waiting to be taken [GOAWAY ENHANCE_YOUR_CALM]. */
  readonly controlRepliesMax: number;
  /** Streams reset, by the peer or because of it, in a burst [GOAWAY ENHANCE_YOUR_CALM] … */
  readonly resetsBurst: number;
  /** … and on average. */
  readonly resetsPerSecond: number;
  /** DATA frames without data and END_STREAM; each ended request pardons one [GOAWAY ENHANCE_YOUR_CALM]. */
  readonly emptyDataFramesMax: number;
  /** Frames that move no request on (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, unknown), in a burst [GOAWAY ENHANCE_YOUR_CALM] … */
  readonly idleFramesBurst: number;
  /** … and on average; besides, a DATA frame sent pardons 10, a request and a DATA frame received 2. */
  readonly idleFramesPerSecond: number;
  /** While more output waits to be taken, `readsPaused` is true. */
  readonly outputBytesMax: number;
  /** `takeOutput` frames queued bodies until about so much output is ready. */
  readonly outputFillBytes: number;
  /** Largest DATA frame that is sent, whatever the peer allows: other streams wait for it. */
  readonly sendFrameBytesMax: number;
  /** A piece of a body this large is put out as a view, a smaller one is copied beside its neighbours. */
  readonly viewBytesMin: number;
  /** A stream that queued this much gets a `writable` event when it has less again. */
  readonly streamQueueLowBytes: number;
  /** Preface and first SETTINGS [GOAWAY PROTOCOL_ERROR]. */
  readonly prefaceMsMax: number;
  /** From the first byte of a header block, or of another frame but DATA, to its last [GOAWAY ENHANCE_YOUR_CALM]. */
  readonly headerBlockMsMax: number;
  /** A request's body without a byte [RST_STREAM CANCEL, and GOAWAY NO_ERROR if it was the last stream]. */
  readonly bodyStallMsMax: number;
  /** A queued response that the peer's windows let no byte of pass [the same]. */
  readonly responseStallMsMax: number;
  /** Output that was ready, or taken, and not written [the connection is finished without a word]. */
  readonly writeStallMsMax: number;
  /** A connection without streams [GOAWAY NO_ERROR]. */
  readonly idleMsMax: number;
  /** Between the two GOAWAY of a drain, if the peer does not answer the PING between them. */
  readonly drainMsMax: number;
}

/** What a server on an open network can live with. */
export const defaultLimits: Http2Limits = {
  concurrentStreamsMax: 250,
  streamWindowBytes: 4 << 20,
  connectionWindowBytes: 16 << 20,
  frameBytesMax: 1 << 20,
  wholeFrameBytesMax: 16 << 10,
  headerListBytesMax: 16 << 10,
  headerBlockBytesMax: 64 << 10,
  continuationFramesMax: 8,
  settingsEntriesMax: 32,
  controlRepliesMax: 1000,
  resetsBurst: 1000,
  resetsPerSecond: 33,
  emptyDataFramesMax: 100,
  idleFramesBurst: 10_000,
  idleFramesPerSecond: 330,
  outputBytesMax: 1 << 20,
  outputFillBytes: 512 << 10,
  sendFrameBytesMax: 256 << 10,
  viewBytesMin: 32 << 10,
  streamQueueLowBytes: 256 << 10,
  prefaceMsMax: 10_000,
  headerBlockMsMax: 10_000,
  bodyStallMsMax: 60_000,
  responseStallMsMax: 60_000,
  writeStallMsMax: 60_000,
  idleMsMax: 600_000,
  drainMsMax: 1_000,
};
