/**
 * Bad Fill and FillMany requests.
 *
 * @module
 */
import type { StatusName } from "../../support/grpc_client.ts";
import {
  type ChunkFields,
  type FillFields,
  fillManyMessage,
  fillMessage,
} from "../../support/hist_messages.ts";
import { concat } from "../../support/wire_bytes.ts";
import {
  type BadInputCase,
  badView,
  clientsFault,
  uid,
  view12,
  view32,
  wrongKind,
  zeros,
} from "./case.ts";
import { encodeLz4Literals, encodeZstd } from "./codecs.ts";
import type { HistName } from "./hists.ts";

/** Fill, one payload. */
export const fillCases: readonly BadInputCase[] = [
  fillRow("fill_wrong_size", { view: badView }, "INVALID_ARGUMENT"),
  fillRow("fill_empty_dense", {}, "INVALID_ARGUMENT"),
  fillRow("fill_one_byte_too_many", { view: zeros(257) }, "INVALID_ARGUMENT"),
  {
    ...fillRow("fill_much_too_long", { view: zeros(1 << 20) }, "INVALID_ARGUMENT"),
    ours: {
      status: ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"],
      reason: "refused at the length prefix, before it is buffered",
    },
  },
  fillRow("fill_key_too_many", { key: ["a"], view: view32 }, "INVALID_ARGUMENT"),
  fillRow("fill_key_too_many_cat", { key: ["a", "b"], view: view12 }, "INVALID_ARGUMENT", "cat"),
  fillRow("fill_key_missing", { view: view12 }, "INVALID_ARGUMENT", "cat"),
  fillRow("fill_key_unset_value", { key: [null], view: view12 }, "INVALID_ARGUMENT", "cat"),
  {
    ...fillRow("fill_int_key_for_strcat", { key: [7], view: view12 }, "OK", "cat"),
    ours: wrongKind,
  },
  {
    ...fillRow("fill_int_key_for_strcat_reg", { key: [7], view: view12 }, "OK", "fixedcat"),
    ours: wrongKind,
  },
  fillRow("fill_new_key_for_fixed_strcat", { key: ["new"], view: view12 }, "OK", "fixedcat"),
  {
    ...fillRow("fill_str_key_for_intcat", { key: ["a"], view: view12 }, "OK", "intcat"),
    ours: wrongKind,
  },
  {
    ...fillRow("fill_int_key_beyond_int32", { key: [2 ** 31], view: view12 }, "OK", "intcat"),
    ours: wrongKind,
  },
  fillRow("fill_bad_codec", { view: view32, codec: "gzip" }, "INVALID_ARGUMENT"),
  fillRow("fill_empty_codec", { view: view32, codec: "" }, "INVALID_ARGUMENT"),
  {
    ...fillRow("fill_zstd_garbage", { view: view32, codec: "zstd" }, "INTERNAL"),
    ours: clientsFault,
  },
  {
    ...fillRow("fill_lz4_garbage", {
      view: concat(Uint8Array.of(0, 1, 0, 0), zeros(9).fill(255)),
      codec: "lz4",
    }, "INTERNAL"),
    ours: clientsFault,
  },
  fillRow("fill_lz4_empty", { codec: "lz4" }, "INVALID_ARGUMENT"),
  fillRow(
    "fill_zstd_too_long",
    { view: encodeZstd(zeros(264)), codec: "zstd" },
    "INVALID_ARGUMENT",
  ),
  fillRow(
    "fill_zstd_bomb",
    { view: encodeZstd(zeros(64 << 20)), codec: "zstd" },
    "INVALID_ARGUMENT",
  ),
  fillRow(
    "fill_lz4_too_long",
    { view: encodeLz4Literals(zeros(264)), codec: "lz4" },
    "INVALID_ARGUMENT",
  ),
  {
    ...fillRow("fill_lz4_lying_size", {
      view: concat(Uint8Array.of(0, 0, 0, 0x10), zeros(9)),
      codec: "lz4",
    }, "INTERNAL"),
    ours: clientsFault,
  },
  fillRow("fill_uid_bad_payload_1st", { uniqueId: "uidbad", view: zeros(1) }, "INVALID_ARGUMENT"),
  {
    ...fillRow("fill_uid_too_long", { uniqueId: zeros(1025), view: view32 }, "OK"),
    ours: {
      status: "INVALID_ARGUMENT",
      reason: "unique ids are kept and counted: at most 1,024 bytes",
    },
  },
  fillRow("fill_uid_longest", { uniqueId: zeros(1024), view: view32 }, "OK"),
];

/** Unique ids that were taken. */
export const repeatedIdCases: readonly BadInputCase[] = [
  ...["\x96\xcd-\xa3", "", "abc'\x00\xff"].map((uniqueId): BadInputCase => ({
    name: `fill_dup_uid ${JSON.stringify(uniqueId)}`,
    rpc: "Fill",
    before: (id) => [{ rpc: "Fill", message: fillMessage(id, { uniqueId, view: view32 }) }],
    message: (id) => fillMessage(id, { uniqueId, view: view32 }),
    peer: "ALREADY_EXISTS",
  })),
  {
    name: "fill_dup_uid_bad_payload: the id is looked at before the payload",
    rpc: "Fill",
    before: (id) => [{ rpc: "Fill", message: fillMessage(id, { uniqueId: "a", view: view32 }) }],
    message: (id) => fillMessage(id, { uniqueId: "a", view: badView }),
    peer: "ALREADY_EXISTS",
  },
  {
    name: "fillmany_dup_uid_of_fill",
    rpc: "FillMany",
    before: (
      id,
    ) => [{ rpc: "Fill", message: fillMessage(id, { uniqueId: "uidbad", view: view32 }) }],
    message: (id) => fillManyMessage(id, { uniqueId: "uidbad", chunks: [{ view: view32 }] }),
    peer: "ALREADY_EXISTS",
  },
  {
    name: "fillmany_no_chunks_uid takes the id",
    rpc: "FillMany",
    before: (id) => [{ rpc: "FillMany", message: fillManyMessage(id, { uniqueId: "none" }) }],
    message: (id) => fillManyMessage(id, { uniqueId: "none", chunks: [{ view: view32 }] }),
    peer: "ALREADY_EXISTS",
  },
];

/** FillMany: the last chunk is the bad one. */
export const fillManyCases: readonly BadInputCase[] = [
  {
    name: "fillmany_no_chunks",
    rpc: "FillMany",
    message: (id) => fillManyMessage(id, {}),
    peer: "OK",
  },
  fillManyRow("fillmany_last_bad", [{ key: ["a"], view: view12 }, { key: ["b"], view: badView }]),
  fillManyRow("fillmany_last_key_unset", [{ key: ["a"], view: view12 }, {
    key: [null],
    view: view12,
  }]),
  fillManyRow("fillmany_last_key_missing", [{ key: ["a"], view: view12 }, { view: view12 }]),
  {
    ...fillManyRow("fillmany_last_key_of_wrong_kind", [{ key: ["a"], view: view12 }, {
      key: [1],
      view: view12,
    }]),
    peer: "OK",
    ours: wrongKind,
  },
  {
    name: "fillmany_bad_codec",
    rpc: "FillMany",
    hist: "cat",
    message: (id) =>
      fillManyMessage(id, { uniqueId: uid, chunks: [{ key: ["a"], view: view12 }], codec: "gzip" }),
    peer: "INVALID_ARGUMENT",
  },
  {
    name: "fillmany_last_zstd_garbage",
    rpc: "FillMany",
    hist: "cat",
    message: (id) =>
      fillManyMessage(id, {
        uniqueId: uid,
        chunks: [{ key: ["a"], view: encodeZstd(view12) }, { key: ["b"], view: view12 }],
        codec: "zstd",
      }),
    peer: "INTERNAL",
    ours: clientsFault,
  },
];

function fillRow(
  name: string,
  fields: FillFields,
  peer: StatusName,
  hist: HistName = "dense",
): BadInputCase {
  const message = (id: string) => fillMessage(id, { uniqueId: uid, ...fields });
  return { name, rpc: "Fill", hist, message, peer };
}

function fillManyRow(name: string, chunks: readonly ChunkFields[]): BadInputCase {
  const message = (id: string) => fillManyMessage(id, { uniqueId: uid, chunks });
  return { name, rpc: "FillMany", hist: "cat", message, peer: "INVALID_ARGUMENT" };
}
