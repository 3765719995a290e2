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
