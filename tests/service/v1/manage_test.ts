import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  CreateRequestSchema,
  DeleteRequestSchema,
  GetRequestSchema,
  LedgerRequestSchema,
  ListRequestSchema,
  ResetRequestSchema,
} from "../../../lib/wire/gen_v1.ts";
import { parseHistSpec } from "../../../lib/hist/mod.ts";
import { Code, ServiceError } from "../../../lib/service/errors.ts";
import { ledger } from "../../../lib/service/v1/ledger.ts";
import {
  createHistogram,
  getHistogram,
  list,
  remove,
  reset,
} from "../../../lib/service/v1/manage.ts";
import { doubleView, fillMessage } from "../../support/hist_messages.ts";
import { histJson, TestService } from "../support.ts";

const anonymous = { digest: null, counters: null };

function make(service: TestService, json: string, token: string | null = null): string {
  const request = create(CreateRequestSchema, { uhiJson: json });
  const { value } = createHistogram(service.context, service.guard.admit(token), request);
  service.commit();
  return value.histId;
}

function named(name: string, label = ""): string {
  return JSON.stringify({ ...JSON.parse(histJson()), metadata: { name, label } });
}

function names(
  service: TestService,
  fields: Parameters<typeof listWith>[1],
  token: string | null = null,
) {
  const { value } = listWith(service, fields, token);
  return {
    names: value.histograms.map(({ name }) => name),
    next: value.nextPageToken,
    total: value.totalCount,
  };
}

function listWith(
  service: TestService,
  fields: { search?: string; pageSize?: number; pageToken?: string },
  token: string | null = null,
) {
  return list(service.context, service.guard.admit(token), create(ListRequestSchema, fields));
}

function refuses(action: () => unknown, code: Code, message: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("Create: takes what the compatible service refuses: means, transforms, growth, axes without names", () => {
  const service = new TestService();
  const axis = {
    type: "regular",
    lower: 1,
    upper: 10,
    bins: 3,
    underflow: true,
    overflow: true,
    circular: false,
  };
  for (const storage of ["mean", "weighted_mean", "double"]) {
    const id = make(
      service,
      JSON.stringify({ uhi_schema: 1, axes: [axis], storage: { type: storage } }),
    );
    const { value } = getHistogram(
      service.context,
      anonymous,
      create(GetRequestSchema, { histId: id }),
    );
    assert.equal(value.summary!.storage, storage);
  }
});

Deno.test("Create: names the path of the offending field", () => {
  const service = new TestService();
  const json = JSON.stringify({
    uhi_schema: 1,
    axes: [{ type: "variable", edges: [1, 0], underflow: true, overflow: true, circular: false }],
    storage: { type: "double" },
  });
  refuses(
    () => make(service, json),
    Code.InvalidArgument,
    /^uhi_json: axes\[0\]\.edges: must be strictly ascending/,
  );
  refuses(() => make(service, "{"), Code.InvalidArgument, /^uhi_json: /);
  assert.equal(names(service, {}).total, 0n);
});

Deno.test("Create: a chunk beyond the memory budget is RESOURCE_EXHAUSTED and leaves nothing", () => {
  const service = new TestService({ budgetBytes: 2 ** 20 });
  refuses(() => make(service, histJson({ cells: 2 ** 20 })), Code.ResourceExhausted, /--max-bytes/);
  assert.equal(names(service, {}).total, 0n);
});

Deno.test("Get: tells the categories seen, in the order of their first fill", async () => {
  const service = new TestService();
  const id = make(service, histJson({ strings: ["cat"], integers: ["run"] }));
  for (const key of [["b", 7], ["a", -1], ["b", -1]]) {
    await service.ask(
      "Fill",
      fillMessage(id, { key, view: doubleView([1, 2]), uniqueId: String(key) }),
    );
  }
  const { value } = getHistogram(
    service.context,
    anonymous,
    create(GetRequestSchema, { histId: id }),
  );
  const { categoryAxes } = parseHistSpec(value.uhiJson);
  assert.deepEqual(categoryAxes.map((axis) => [...axis.categories]), [["b", "a"], [7, -1]]);
  assert.equal(value.summary!.chunkCount, 3n);
  assert.equal(value.summary!.chunkBytes, 48n);
  assert.equal(value.uniqueIdCount, 3n);
});

Deno.test("List: newest first, page by page, each histogram once although others come and go", () => {
  const service = new TestService();
  const ids = Array.from({ length: 7 }, (_, i) => make(service, named(`h${i}`)));
  const first = names(service, { pageSize: 3 });
  assert.deepEqual(first.names, ["h6", "h5", "h4"]);
  assert.equal(first.total, 7n);
  make(service, named("late"));
  remove(service.context, anonymous, create(DeleteRequestSchema, { histId: ids[3]! }));
  const second = names(service, { pageSize: 3, pageToken: first.next });
  assert.deepEqual(second.names, ["h2", "h1", "h0"]);
  assert.equal(second.next, "");
});

Deno.test("List: searches name and label, letters of ASCII in either case, never across both", () => {
  const service = new TestService();
  make(service, named("Dimuon mass", "m [GeV]"));
  make(service, named("pT", "MUON momentum"));
  make(service, named("ab", "cd"));
  make(service, named("µ"));
  assert.deepEqual(names(service, { search: "muon" }).names, ["pT", "Dimuon mass"]);
  assert.deepEqual(names(service, { search: "gev]" }).names, ["Dimuon mass"]);
  assert.deepEqual(names(service, { search: "bc" }).names, []);
  assert.deepEqual(names(service, { search: "µ" }).names, ["µ"]);
});

Deno.test("List: shows the caller's histograms and those without a token, no others", () => {
  const service = new TestService();
  make(service, named("open"));
  make(service, named("mine"), "me");
  make(service, named("yours"), "you");
  assert.deepEqual(names(service, {}).names, ["open"]);
  assert.deepEqual(names(service, {}, "me").names, ["mine", "open"]);
  assert.equal(names(service, {}, "me").total, 2n);
});

Deno.test("List: a page size or token out of range is INVALID_ARGUMENT", () => {
  const service = new TestService();
  refuses(() => listWith(service, { pageSize: 1001 }), Code.InvalidArgument, /page_size is 1001/);
  refuses(() => listWith(service, { pageSize: -1 }), Code.InvalidArgument, /page_size/);
  refuses(() => listWith(service, { pageToken: "x" }), Code.InvalidArgument, /page_token/);
});

Deno.test("Ledger: which candidates are missing, or the ids in the order of their fills", async () => {
  const service = new TestService();
  const id = make(service, histJson());
  for (const uniqueId of ["a", "c", "b"]) {
    await service.ask("Fill", fillMessage(id, { view: doubleView([1, 2]), uniqueId }));
  }
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (ids: readonly Uint8Array[]) => ids.map((value) => new TextDecoder().decode(value));
  const ask = (fields: { candidates?: Uint8Array[]; pageSize?: number; pageToken?: string }) =>
    ledger(service.context, anonymous, create(LedgerRequestSchema, { histId: id, ...fields }))
      .value;
  assert.deepEqual(text(ask({ candidates: ["x", "c", "y", "a"].map(bytes) }).missing), ["x", "y"]);
  const first = ask({ pageSize: 2 });
  assert.deepEqual(text(first.uniqueIds), ["a", "c"]);
  assert.deepEqual(text(ask({ pageSize: 2, pageToken: first.nextPageToken }).uniqueIds), ["b"]);
  assert.equal(first.totalCount, 3n);
});

Deno.test("Reset and Delete: contents and ids go, then the histogram; other tokens see NOT_FOUND", async () => {
  const service = new TestService();
  const id = make(service, histJson(), "me");
  const me = service.guard.admit("me");
  await service.ask("Fill", fillMessage(id, { view: doubleView([1, 2]), uniqueId: "a" }), "me");
  const other = service.guard.admit("you");
  refuses(
    () => reset(service.context, other, create(ResetRequestSchema, { histId: id })),
    Code.NotFound,
    /unknown/,
  );
  reset(service.context, me, create(ResetRequestSchema, { histId: id }));
  const { value } = getHistogram(service.context, me, create(GetRequestSchema, { histId: id }));
  assert.deepEqual([value.uniqueIdCount, value.summary!.chunkCount], [0n, 0n]);
  remove(service.context, me, create(DeleteRequestSchema, { histId: id }));
  refuses(
    () => getHistogram(service.context, me, create(GetRequestSchema, { histId: id })),
    Code.NotFound,
    /unknown/,
  );
});
