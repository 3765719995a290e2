/**
 * The wire contract: chunk keys, and messages of `HistogrammerService` read and written in place.
 * The generated messages are the package's second door, `@histserv/wire/gen`.
 *
 * @module
 */

export {
  ChunkKeyError,
  type ChunkScalar,
  decodeChunkKey,
  encodeChunkKey,
  isChunkKeySet,
  splitChunkKey,
} from "./chunk_key.ts";
export {
  type ChunkView,
  decodeFill,
  decodeFillMany,
  type FillManyView,
  type FillView,
  peekHistId,
} from "./fill_request.ts";
export { decodeInit, type InitView } from "./init_request.ts";
export { Lz4BlockDecoder, Lz4BlockEncoder, Lz4Error } from "./lz4_block.ts";
export {
  decodeEmpty,
  decodeFlush,
  decodeHistId,
  decodeWasFilled,
  encodeBoolResponse,
  encodeTextResponse,
  type FlushView,
  type WasFilledView,
} from "./small_messages.ts";
export {
  decodeSnapshotRequest,
  type SelectorView,
  type SnapshotRequestView,
} from "./snapshot_request.ts";
export { messageBytesMax, SnapshotResponseWriter } from "./snapshot_response.ts";
export { WireError, type WireErrorReason } from "./wire_error.ts";
