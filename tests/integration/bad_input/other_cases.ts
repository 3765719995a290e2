/**
 * Bad requests to the other methods, wrong tokens, and broken protobuf.
 *
 * @module
 */
import type { StatusName } from "../../support/grpc_client.ts";
import {
  fillManyMessage,
  fillMessage,
  flushMessage,
  idMessage,
  type SnapshotFields,
  snapshotMessage,
  wasFilledMessage,
} from "../../support/hist_messages.ts";
import { bytesField, concat } from "../../support/wire_bytes.ts";
import { type BadInputCase, clientsFault, uid, view12, view32, zeros } from "./case.ts";
import { encodeGzip } from "./codecs.ts";

/** Ids that are not there, or not for this token. */
export const unknownIdCases: readonly BadInputCase[] = [
  ["Describe", idMessage],
  ["Fill", (id: string) => fillMessage(id, { uniqueId: uid, view: view32 })],
  ["FillMany", (id: string) => fillManyMessage(id, { uniqueId: uid, chunks: [{ view: view32 }] })],
  ["Snapshot", snapshotMessage],
  ["Delete", idMessage],
  ["Reset", idMessage],
  ["WasFilledWithUniqueId", (id: string) => wasFilledMessage(id, uid)],
  ["Flush", (id: string) => flushMessage(id, "x.h5")],
].flatMap(([rpc, message]): BadInputCase[] => {
  const row = { rpc: rpc as string, peer: "NOT_FOUND" } as const;
  const make = message as (id: string) => Uint8Array;
  return [
    { ...row, name: `unknown_id_${rpc}`, message: () => make("deadbeef") },
    { ...row, name: `empty_id_${rpc}`, message: () => make("") },
    { ...row, name: `wrong_token_${rpc}`, hist: "secret", token: "thief", message: make },
    { ...row, name: `no_token_${rpc}`, hist: "secret", message: make },
    { ...row, name: `empty_token_${rpc}`, hist: "secret", token: "", message: make },
  ];
});

/** Stats of a token without histograms. */
export const statsCases: readonly BadInputCase[] = [
  {
    name: "unknown_token_Stats",
    rpc: "Stats",
    token: "nobody",
    message: () => zeros(0),
    peer: "NOT_FOUND",
  },
  {
    name: "empty_token_Stats",
    rpc: "Stats",
    token: "",
    message: () => zeros(0),
    peer: "NOT_FOUND",
  },
];

/** Selectors, codecs and deletion. */
export const snapshotCases: readonly BadInputCase[] = [
  {
    ...selectRow("snap_sel_unknown_axis", [{ axis: "zzz", values: ["a"] }], "INTERNAL"),
    ours: clientsFault,
  },
  selectRow("snap_sel_dense_axis", [{ axis: "x", values: ["a"] }], "FAILED_PRECONDITION"),
  selectRow("snap_sel_empty_axis", [{ axis: "", values: ["a"] }], "FAILED_PRECONDITION"),
  selectRow("snap_sel_no_values", [{ axis: "cat", values: [] }], "FAILED_PRECONDITION"),
  selectRow("snap_sel_unset_value", [{ axis: "cat", values: [null] }], "FAILED_PRECONDITION"),
  selectRow(
    "snap_sel_dup_axis",
    [{ axis: "cat", values: ["a"] }, { axis: "cat", values: ["b"] }],
    "OK",
  ),
  selectRow("snap_sel_int_on_strcat", [{ axis: "cat", values: [7] }], "OK"),
  selectRow("snap_sel_absent_value", [{ axis: "cat", values: ["absent"] }], "OK"),
  {
    name: "snap_delete_partial",
    rpc: "Snapshot",
    hist: "cat",
    message: (id) =>
      snapshotMessage(id, { isDelete: true, selectors: [{ axis: "cat", values: ["a"] }] }),
    peer: "INVALID_ARGUMENT",
  },
  {
    name: "snap_bad_codec",
    rpc: "Snapshot",
    message: (id) => snapshotMessage(id, { codec: "gzip" }),
    peer: "FAILED_PRECONDITION",
  },
  {
    name: "snap_empty_codec",
    rpc: "Snapshot",
    message: (id) => snapshotMessage(id, { codec: "" }),
    peer: "FAILED_PRECONDITION",
  },
  {
    name: "snap_bad_codec_delete",
    rpc: "Snapshot",
    message: (id) => snapshotMessage(id, { codec: "gzip", isDelete: true }),
    peer: "FAILED_PRECONDITION",
  },
];

/** Destinations. */
export const flushCases: readonly BadInputCase[] = [
  {
    name: "flush_bad_ext",
    rpc: "Flush",
    message: (id) => flushMessage(id, "x.root"),
    peer: "INVALID_ARGUMENT",
  },
  {
    name: "flush_empty",
    rpc: "Flush",
    message: (id) => flushMessage(id, ""),
    peer: "INVALID_ARGUMENT",
  },
  {
    name: "flush_bad_ext_unknown_id",
    rpc: "Flush",
    message: () => flushMessage("deadbeef", "x.root"),
    peer: "INVALID_ARGUMENT",
  },
  {
    name: "flush_nodir",
    rpc: "Flush",
    message: (id) => flushMessage(id, "/nonexistent/dir/x.h5"),
    peer: "UNKNOWN",
    ours: { status: "INVALID_ARGUMENT", reason: "it is not inside of --flush-dir" },
  },
  {
    name: "flush_nodir_inside",
    rpc: "Flush",
    message: (id) => flushMessage(id, "none/x.h5"),
    peer: "UNKNOWN",
    ours: { status: "FAILED_PRECONDITION", reason: "folders are made by whoever owns them" },
  },
  {
    name: "flush_outside",
    rpc: "Flush",
    message: (id) => flushMessage(id, "../x.h5"),
    peer: null,
    ours: { status: "INVALID_ARGUMENT", reason: "any client could overwrite any file" },
  },
  {
    name: "flush_nul",
    rpc: "Flush",
    message: (id) => flushMessage(id, "x.root\0.h5"),
    peer: null,
    ours: clientsFault,
  },
];

/** The bytes of the message, the path, the compression. */
export const protobufCases: readonly BadInputCase[] = [
  {
    name: "fill_garbage_protobuf",
    rpc: "Fill",
    message: () => zeros(40).fill(0xff),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  {
    name: "fill_cut_protobuf",
    rpc: "Fill",
    message: (id) => fillMessage(id, { uniqueId: uid, view: view32 }).slice(0, -1),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  {
    name: "exists_invalid_utf8",
    rpc: "Exists",
    message: () => bytesField(1, Uint8Array.of(0xff, 0xfe)),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  {
    name: "fill_invalid_utf8_id",
    rpc: "Fill",
    message: () => bytesField(1, Uint8Array.of(0xff, 0xfe)),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  {
    name: "fill_invalid_utf8_key",
    rpc: "Fill",
    hist: "cat",
    message: (id) =>
      concat(
        bytesField(1, id),
        bytesField(2, uid),
        bytesField(3, bytesField(1, Uint8Array.of(0xc3))),
        bytesField(4, view12),
      ),
    peer: "UNKNOWN",
    ours: clientsFault,
  },
  { name: "unknown_method", rpc: "Unknown", message: idMessage, peer: "UNIMPLEMENTED" },
  {
    name: "other_package",
    rpc: "Exists",
    path: "/some.pkg.HistogrammerService/Exists",
    message: idMessage,
    peer: "UNIMPLEMENTED",
  },
  {
    name: "unknown_proto_fields are ignored",
    rpc: "Fill",
    message: (id) =>
      concat(bytesField(1000, "?"), fillMessage(id, { view: view32 }), bytesField(77, "!")),
    peer: "OK",
  },
  {
    name: "gzip_message is accepted",
    rpc: "Fill",
    message: (id) => encodeGzip(fillMessage(id, { view: view32 })),
    headers: { "grpc-encoding": "gzip" },
    compressedFlag: 1,
    peer: "OK",
  },
  {
    name: "exists_message_beyond_64_KiB",
    rpc: "Exists",
    message: (id) => concat(bytesField(1, id), bytesField(77, zeros(64 << 10))),
    peer: "OK",
    ours: {
      status: "RESOURCE_EXHAUSTED",
      reason: "64 KiB are enough for a message without a view",
    },
  },
  {
    name: "exists_gzip_beyond_64_KiB",
    rpc: "Exists",
    message: (id) => encodeGzip(concat(bytesField(1, id), bytesField(77, zeros(64 << 10)))),
    headers: { "grpc-encoding": "gzip" },
    compressedFlag: 1,
    peer: "OK",
    ours: { status: "RESOURCE_EXHAUSTED", reason: "the limit holds after decompression, too" },
  },
];

function selectRow(
  name: string,
  selectors: NonNullable<SnapshotFields["selectors"]>,
  peer: StatusName,
): BadInputCase {
  const message = (id: string) => snapshotMessage(id, { selectors });
  return { name, rpc: "Snapshot", hist: "cat", message, peer };
}
