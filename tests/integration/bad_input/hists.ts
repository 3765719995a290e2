/**
 * The histograms that bad requests are aimed at.
 *
 * @module
 */
import { type GrpcClient, Status } from "../../support/grpc_client.ts";
import { fillMessage, initMessage } from "../../support/hist_messages.ts";
import { textOf } from "../../support/wire_bytes.ts";
import { view12, view32 } from "./case.ts";

export type HistName = "dense" | "cat" | "fixedcat" | "intcat" | "secret";

type Json = Record<string, unknown>;

/** A regular axis of 30 bins with flow: 32 cells. */
export function regularAxis(changes: Json = {}): Json {
  return {
    type: "regular",
    lower: -3,
    upper: 3,
    bins: 30,
    underflow: true,
    overflow: true,
    circular: false,
    metadata: { name: "x", label: "" },
    ...changes,
  };
}

/** A StrCategory axis that grows, unless told. */
export function strCategoryAxis(categories: readonly string[], growth = true): Json {
  return {
    type: "category_str",
    categories,
    flow: false,
    writer_info: { "boost-histogram": { growth } },
    metadata: { name: "cat", label: "" },
  };
}

/** A whole `hist_json`; a key set to undefined is left out. */
export function histJson(changes: Json = {}): string {
  return JSON.stringify({
    uhi_schema: 1,
    axes: [regularAxis()],
    storage: { type: "double" },
    metadata: { name: "", label: "" },
    ...changes,
  });
}

const small = regularAxis({ bins: 10 });

const specs: Record<HistName, { json: string; key: readonly (string | number)[] }> = {
  dense: { json: histJson(), key: [] },
  secret: { json: histJson(), key: [] },
  cat: { json: histJson({ axes: [small, strCategoryAxis([])] }), key: ["a"] },
  fixedcat: { json: histJson({ axes: [small, strCategoryAxis(["a", "b"], false)] }), key: ["a"] },
  intcat: {
    json: histJson({ axes: [small, { ...strCategoryAxis([]), type: "category_int" }] }),
    key: [1],
  },
};

/** Makes a fresh histogram with one fill in it, and gives its id. */
export async function createHist(client: GrpcClient, name: HistName): Promise<string> {
  const { json, key } = specs[name];
  const options = tokenOf(name);
  const made = await client.call("Init", initMessage(json), options);
  if (made.status !== Status.OK) throw new TypeError(`Cannot make "${name}": ${made.message}`);
  const histId = textOf(made.body, 1);
  const view = key.length === 0 ? view32 : view12;
  const filled = await client.call("Fill", fillMessage(histId, { key, view }), options);
  if (filled.status !== Status.OK) throw new TypeError(`Cannot fill "${name}": ${filled.message}`);
  return histId;
}

/** The call options with the token that owns the histogram. */
export function tokenOf(name: HistName): { token?: string } {
  return name === "secret" ? { token: "owner" } : {};
}
