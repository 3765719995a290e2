/**
 * The percentile distribution as comma-separated values, byte for byte as Java 2.2.2's `outputPercentileDistribution`
 * writes them with `useCsvFormat`.
 *
 * @module
 */

import type { DoubleHistogram } from "./double_histogram.ts";
import { formatFixedJava } from "./fixed_text.ts";
import type { HdrHistogram } from "./hdr_histogram.ts";
import { percentileRows, type PercentileTextOptions } from "./hgrm.ts";

/** The percentile distribution of `histogram`, with as many decimals as it has digits. */
export function formatPercentileCsv(
  histogram: HdrHistogram | DoubleHistogram,
  options: PercentileTextOptions = {},
): string {
  const lines = ['"Value","Percentile","TotalCount","1/(1-Percentile)"'];
  for (const { value, fraction, count, isLast } of percentileRows(histogram, options)) {
    const inverse = isLast ? "Infinity" : formatFixedJava(1 / (1 - fraction), 2);
    const columns = [formatFixedJava(value, histogram.digits), formatFixedJava(fraction, 12)];
    lines.push(`${columns.join(",")},${count},${inverse}`);
  }
  lines.push("");
  return lines.join("\n");
}
