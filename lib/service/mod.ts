/**
 * The RPCs: one file each, over the accumulators; tokens, limits, codecs and error codes.
 *
 * @module
 */

export { CallerGuard, digestToken } from "./caller.ts";
export type { ServiceContext } from "./context.ts";
export { type DirectRpc, directRpcs } from "./direct.ts";
export { compressionFailure } from "./errors.ts";
export { guardInterceptor } from "./guard_interceptor.ts";
export { HealthState, registerHealth } from "./health.ts";
export { registerReflection } from "./reflection.ts";
export { registerHistogrammer } from "./router.ts";
export {
  type FileHistogram,
  type HistogramFile,
  HistogramFileError,
  readHistogramFile,
} from "./v1/histogram_file.ts";
export { registerHistogramService } from "./v1/router.ts";
