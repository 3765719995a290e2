/**
 * Numbers to pictures, without a DOM: charts and heat maps of histograms as text for terminals. Runs in browsers, Node
 * and Deno.
 *
 * @module
 */

export { formatGeneral, printable } from "./number_text.ts";
export { type ChartRow, textChart, type TextChartOptions } from "./text_chart.ts";
export { formatHistText, type HistTextOptions } from "./hist_text.ts";
export { describeHist } from "./hist_description.ts";
export { type Rgb, viridis } from "./color_map.ts";
export { type HeatGrid, heatMap, type HeatMapOptions, type TerminalColors } from "./heat_map.ts";
export { formatHeatMap, type HistHeatMapOptions } from "./hist_heat_map.ts";
