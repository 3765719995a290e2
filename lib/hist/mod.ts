/**
 * Histograms of statistics and high-energy physics, bit for bit as boost-histogram makes them: axes,
 * storages, dense and chunked histograms, UHI JSON. Runs in browsers, Node and Deno.
 *
 * @module
 */

export { AxisError, HistFormatError } from "./hist_format_error.ts";
export { JsonFloat, type JsonValue } from "./json_value.ts";
export { parseJson } from "./json_reader.ts";
export { formatPythonFloat, formatPythonJson, formatPythonString } from "./python_json.ts";
export { AxisBase, type AxisFlow, type AxisLabels } from "./axis_base.ts";
export type { FlowOptions } from "./axis_flow.ts";
export type { AxisTransform } from "./axis_transform.ts";
export { RegularAxis, type RegularAxisOptions } from "./regular_axis.ts";
export { VariableAxis, type VariableAxisOptions } from "./variable_axis.ts";
export { IntegerAxis, type IntegerAxisOptions } from "./integer_axis.ts";
export { BooleanAxis } from "./boolean_axis.ts";
export {
  CategoryAxisBase,
  type CategoryAxisOptions,
  IntCategoryAxis,
  StrCategoryAxis,
} from "./category_axis.ts";
export {
  type Axis,
  type CategoryAxis,
  centersOf,
  type DenseAxis,
  edgesOf,
  isCategoryAxis,
  widthsOf,
} from "./axis.ts";
export {
  type CellBytes,
  type CellField,
  cellFields,
  type CellKind,
  type Cells,
  type CellSource,
  cellWidth,
  isMeanKind,
  newCells,
  type StorageTraits,
  storageTraits,
  type StorageType,
  type UhiStorageType,
} from "./storage.ts";
export { addCells } from "./cell_sums.ts";
export { type AxisMerge, mergeAxes } from "./axis_merge.ts";
export { type BinMap, moveCells } from "./cell_layout.ts";
export { type Accumulator, accumulatorAt, sum } from "./accumulator.ts";
export {
  type AxisPick,
  type AxisPoint,
  type AxisSelection,
  type AxisSlice,
  type Rebin,
  type Selection,
  type SelectionEntry,
  SelectionError,
} from "./selection.ts";
export { select } from "./select.ts";
export {
  applyDense,
  type CategoryPlan,
  groupOf,
  keysOf,
  planSelection,
  selectChunks,
  type SelectionPlan,
} from "./selection_plan.ts";
export type { SelectionStep, SelectionSteps } from "./selection_steps.ts";
export { parseUhi } from "./uhi_notation.ts";
export { NotationError } from "./uhi_tokens.ts";
export { add, divide, multiply, scale, StorageError, subtract } from "./arithmetic.ts";
export { type AxisStatistics, density, profile, statistics } from "./profile.ts";
export {
  histogram,
  histogramdd,
  type NumpyBins,
  type NumpyHistogram,
  type NumpyRange,
} from "./numpy_histogram.ts";
export {
  clopperPearsonInterval,
  type Intervals,
  oneSigma,
  poissonInterval,
  ratioUncertainty,
} from "./intervals.ts";
export { type AxisName, integrate, project, sort, transpose } from "./project.ts";
export { uhiFields, variancesToDeltas } from "./uhi_fields.ts";
export { formatHistSpec, type HistSpec, makeHistSpec, parseHistSpec } from "./hist_spec.ts";
export { Hist, type HistOptions } from "./hist.ts";
export { type Chunk, ChunkedHist, type ChunkedHistOptions } from "./chunked_hist.ts";
export type { ChunkKey, ChunkScalar } from "./chunk_key.ts";
export { parseHist, parseHists } from "./hist_reader.ts";
export { formatHist, formatHists } from "./hist_writer.ts";
export type { FillColumn, FillWeight } from "./fill_columns.ts";
export { checkCompatible } from "./compatible_rules.ts";
