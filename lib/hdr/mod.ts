/**
 * HDR histograms: integers and doubles with a fixed number of significant digits, in the formats of HdrHistogram
 * and with its answers, bit for bit. Runs in browsers, Node and Deno.
 *
 * @module
 */

export {
  HdrConfigError,
  HdrDecodeError,
  type HdrDecodeReason,
  HdrRangeError,
} from "./hdr_errors.ts";
export { HdrLayout, type HdrOptions } from "./hdr_layout.ts";
export type { PercentileRule } from "./percentile_rule.ts";
export type { HdrStep } from "./iteration.ts";
export { HdrAnswers } from "./hdr_answers.ts";
export { type AddOptions, HdrHistogram } from "./hdr_histogram.ts";
export { mergeHdr } from "./merge_hdr.ts";
export { type SeedErrorReason, type SeedHeader, SeedJsonError } from "./seed_document.ts";
export {
  decodeSeedJson,
  encodeSeedJson,
  type SeedDecodeOptions,
  type SeedEncodeOptions,
  type SeedHistogram,
} from "./seed_json.ts";
export {
  formatWrk2Spectrum,
  type Wrk2Row,
  wrk2Spectrum,
  type Wrk2SpectrumOptions,
} from "./wrk2_spectrum.ts";
export {
  formatHgrm,
  type PercentileRow,
  percentileRows,
  type PercentileTextOptions,
} from "./hgrm.ts";
export { formatPercentileCsv } from "./csv.ts";
export { decodeHdr, type DecodeOptions } from "./decode_hdr.ts";
export { encodeHdr, type EncodeOptions } from "./encode_hdr.ts";
export type { HdrVersion } from "./hdr_header.ts";
export { decodeBase64, encodeBase64 } from "./base64.ts";
export { type DoubleHdrOptions, DoubleHistogram } from "./double_histogram.ts";
export { decodeAnyHdr, decodeDoubleHdr, encodeDoubleHdr } from "./double_codec.ts";
export { DoubleRecorder, Recorder, type RecorderOptions } from "./recorder.ts";
export {
  HlogError,
  type HlogErrorReason,
  type HlogIntervalLine,
  type HlogLine,
  parseHlogLine,
} from "./hlog_line.ts";
export {
  decodeHlogInterval,
  type HlogInterval,
  HlogReader,
  type HlogReadOptions,
  type HlogRecord,
  readHlog,
} from "./hlog_reader.ts";
export { type HlogIntervalOptions, hlogLegend, HlogWriter } from "./hlog_writer.ts";
export { readLines, type TextSource } from "./text_lines.ts";
export { parseSeedDocument, type SeedCounter, type SeedDocument } from "./seed_document.ts";
