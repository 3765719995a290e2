/**
 * Bad Init requests: the UHI JSON, then the chunks.
 *
 * @module
 */
import type { StatusName } from "../../support/grpc_client.ts";
import { initMessage, type PayloadFields } from "../../support/hist_messages.ts";
import { type BadInputCase, badView, clientsFault, view32, wrongKind, zeros } from "./case.ts";
import { histJson, regularAxis as reg, strCategoryAxis as strCat } from "./hists.ts";

/** What the JSON may not say. */
export const initJsonCases: readonly BadInputCase[] = [
  initRow("init_empty", "", "INVALID_ARGUMENT"),
  initRow("init_notjson", "{nope", "INVALID_ARGUMENT"),
  initRow("init_json_list", "[]", "INVALID_ARGUMENT"),
  initRow("init_json_null", "null", "INVALID_ARGUMENT"),
  { ...initRow("init_no_axes_key", histJson({ axes: undefined }), "INTERNAL"), ours: clientsFault },
  {
    ...initRow("init_no_storage", histJson({ storage: undefined }), "INTERNAL"),
    ours: clientsFault,
  },
  initRow("init_axes_empty", histJson({ axes: [] }), "INVALID_ARGUMENT"),
  initRow(
    "init_unknown_axis_type",
    histJson({ axes: [reg({ type: "banana" })] }),
    "INVALID_ARGUMENT",
  ),
  initRow("init_unknown_storage", histJson({ storage: { type: "banana" } }), "INVALID_ARGUMENT"),
  initRow("init_mean_storage", histJson({ storage: { type: "mean" } }), "INVALID_ARGUMENT"),
  initRow(
    "init_wmean_storage",
    histJson({ storage: { type: "weighted_mean" } }),
    "INVALID_ARGUMENT",
  ),
  initRow("init_schema_2", histJson({ uhi_schema: 2 }), "OK"),
  initRow("init_no_schema", histJson({ uhi_schema: undefined }), "OK"),
  initRow("init_no_metadata", histJson({ metadata: undefined }), "OK"),
  initRow(
    "init_unnamed_axis",
    histJson({ axes: [reg({ metadata: { name: "", label: "" } })] }),
    "INVALID_ARGUMENT",
  ),
  initRow(
    "init_axis_no_metadata",
    histJson({ axes: [reg({ metadata: undefined })] }),
    "INVALID_ARGUMENT",
  ),
  {
    ...initRow("init_dup_axis_names", histJson({ axes: [reg(), reg()] }), "INTERNAL"),
    ours: clientsFault,
  },
  {
    ...initRow(
      "init_axis_missing_bins",
      histJson({ axes: [reg({ bins: undefined })] }),
      "INTERNAL",
    ),
    ours: clientsFault,
  },
  initRow("init_bins_zero", histJson({ axes: [reg({ bins: 0 })] }), "INVALID_ARGUMENT"),
  initRow("init_bins_negative", histJson({ axes: [reg({ bins: -1 })] }), "INVALID_ARGUMENT"),
  initRow("init_bins_str", histJson({ axes: [reg({ bins: "30" })] }), "INVALID_ARGUMENT"),
  initRow("init_bins_float", histJson({ axes: [reg({ bins: 30.5 })] }), "INVALID_ARGUMENT"),
  initRow("init_lower_eq_upper", histJson({ axes: [reg({ lower: 3 })] }), "INVALID_ARGUMENT"),
  initRow(
    "init_variable_unsorted",
    histJson({ axes: [reg({ type: "variable", edges: [0, 2, 1] })] }),
    "INVALID_ARGUMENT",
  ),
  {
    // As it was observed: without a label, which alone is what breaks the peer.
    ...initRow(
      "init_strcat_dup",
      histJson({ axes: [reg(), { ...strCat(["a", "a"]), metadata: { name: "cat" } }] }),
      "INTERNAL",
    ),
    ours: clientsFault,
  },
  {
    ...initRow(
      "init_strcat_dup with a label",
      histJson({ axes: [reg(), strCat(["a", "a"])] }),
      "OK",
    ),
    ours: {
      status: "INVALID_ARGUMENT",
      reason: "two bins of one category: the peer's to_hist() cannot tell them apart",
    },
  },
  {
    name: "init_garbage_protobuf",
    rpc: "Init",
    message: () => zeros(9).fill(255),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  {
    name: "init_no_payload",
    rpc: "Init",
    message: () => zeros(0),
    peer: "INVALID_ARGUMENT",
  },
  ...[1e8, 5e8, 2e9].map((bins): BadInputCase => ({
    ...initRow(`init_beyond_the_budget ${bins} bins`, histJson({ axes: [reg({ bins })] }), null),
    ours: { status: "RESOURCE_EXHAUSTED", reason: "memory is counted before it is taken" },
  })),
];

/** Chunks that do not fit. */
export const initChunkCases: readonly BadInputCase[] = [
  initRow("init_chunk_wrong_size", histJson(), "INVALID_ARGUMENT", { chunks: [{ view: badView }] }),
  {
    ...initRow("init_last_chunk_wrong_size", histJson(), "INVALID_ARGUMENT", {
      chunks: [{ view: view32 }, { view: badView }],
    }),
  },
  initRow("init_chunk_dup_key", histJson(), "OK", { chunks: [{ view: view32 }, { view: view32 }] }),
  initRow("init_chunk_bad_key", histJson(), "INVALID_ARGUMENT", {
    chunks: [{ key: ["a"], view: view32 }],
  }),
  initRow("init_bad_codec", histJson(), "OK", { codec: "gzip" }),
  initRow("init_bad_codec_with_chunk", histJson(), "INVALID_ARGUMENT", {
    chunks: [{ view: view32 }],
    codec: "gzip",
  }),
  {
    ...initRow("init_chunk_key_of_wrong_kind", histJson({ axes: [reg(), strCat([])] }), "OK", {
      chunks: [{ key: [1], view: view32 }],
    }),
    ours: wrongKind,
  },
];

function initRow(
  name: string,
  json: string,
  peer: StatusName | null,
  payload: PayloadFields = {},
): BadInputCase {
  return { name, rpc: "Init", message: () => initMessage(json, payload), peer };
}
