import assert from "node:assert/strict";
import { type Client, createClient, createRouterTransport } from "@connectrpc/connect";
import { readHistogram, readUsage } from "../../../lib/accum/mod.ts";
import { SeededPrng } from "../../../lib/base/mod.ts";
import { readUhiHdf5, uhiHdf5OfHist } from "../../../lib/hdf5/mod.ts";
import {
  formatHist,
  formatHists,
  Hist,
  IntCategoryAxis,
  parseHist,
  RegularAxis,
  StrCategoryAxis,
} from "../../../lib/hist/mod.ts";
import { Code, ConnectError } from "../../../lib/service/errors.ts";
import { HealthState, registerHistogramService } from "../../../lib/service/mod.ts";
import { IMPORTS_MAX, JSON_BYTES_MAX } from "../../../lib/service/v1/import.ts";
import { FileFormat, HistogramService } from "../../../lib/wire/gen_v1.ts";
import { writeToMemory } from "../../hdf5/memory_sink.ts";
import { randomHist } from "../../hdf5/random_hist.ts";
import { histJson, TestService, type TestServiceOptions } from "../support.ts";

type V1Client = Client<typeof HistogramService>;

/** A service and a client of histserv.v1, without network. */
function connect(options: TestServiceOptions = {}): { service: TestService; client: V1Client } {
  const service = new TestService({ durability: "none", ...options });
  const health = new HealthState();
  const transport = createRouterTransport((router) =>
    registerHistogramService(router, service.context, { health })
  );
  return { service, client: createClient(HistogramService, transport) };
}

async function* messages(
  file: { bytes: Uint8Array<ArrayBuffer>; format: FileFormat; name?: string; pieceBytes?: number },
) {
  const { bytes, format, name = "", pieceBytes = 1000 } = file;
  yield { format, name, bytes: bytes.subarray(0, pieceBytes) };
  for (let at = pieceBytes; at < bytes.length; at += pieceBytes) {
    yield { bytes: bytes.subarray(at, at + pieceBytes) };
  }
}

/** Imports a file of either format. */
async function importFile(
  client: V1Client,
  file: string | Uint8Array<ArrayBuffer>,
  options: { name?: string; pieceBytes?: number } = {},
): Promise<string> {
  const isText = typeof file === "string";
  const bytes = isText ? new TextEncoder().encode(file) : file;
  const format = isText ? FileFormat.UHI_JSON : FileFormat.UHI_HDF5;
  return (await client.import(messages({ bytes, format, ...options }))).histId;
}

async function exportJson(client: V1Client, histId: string): Promise<string> {
  const pieces = await Array.fromAsync(client.export({ histId, format: FileFormat.UHI_JSON }));
  return new TextDecoder().decode(new Uint8Array(pieces.flatMap(({ bytes }) => [...bytes])));
}

async function refuses(action: Promise<unknown>, code: Code, message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof ConnectError);
    assert.match(error.rawMessage, message);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

function hist(name = "h"): Hist {
  const made = new Hist([
    new StrCategoryAxis({ name: "s", categories: ["a", "b", "c"], overflow: true }),
    new RegularAxis({ name: "x", bins: 2, lower: 0, upper: 1 }),
  ], { name, label: "l" });
  made.fill([["a", "c", "other"], [0.1, 0.7, 0.2]]);
  return made;
}

Deno.test("Import: what was imported is exported again, JSON and HDF5, random histograms", async () => {
  const seed = 20_261_122;
  const prng = new SeededPrng(seed);
  const { service, client } = connect();
  for (let round = 0; round < 40; round++) {
    const made = randomHist(prng, round);
    if (made.axes.length === 0) continue;
    const json = formatHist(made);
    const hdf5 = await writeToMemory([uhiHdf5OfHist(made, "group")]);
    const isJson = round % 2 === 0;
    const file = isJson ? json : hdf5;
    const read = isJson ? parseHist(json) : (await readUhiHdf5(hdf5)).get("group")!;
    const normal = formatHist(read);
    const id = await importFile(client, file, { pieceBytes: prng.int(1, 5000) });
    const back = await exportJson(client, id);
    assert.equal(formatHist(parseHist(back)), normal, `seed ${seed}, round ${round}`);
  }
  assert.deepEqual(service.bugs, []);
});

Deno.test("Import: chunks are made where a cell is not zero, the overflow category's, too", async () => {
  const { service, client } = connect();
  const id = await importFile(client, formatHist(hist()));
  const { value } = readHistogram(service.registry, service.registry.find(id)!, {
    read: (view) => view.keys().map((key) => [...key].at(-1)),
  });
  assert.deepEqual(value, ["a".charCodeAt(0), "c".charCodeAt(0), 0]);
  const got = await client.get({ histId: id });
  assert.match(got.uhiJson, /"categories": \["a", "b", "c"\]/);
  assert.equal(got.summary?.name, "h");
});

Deno.test("Import: a sparse file, one without contents, and bare NaN are fine", async () => {
  const { client } = connect();
  const made = hist();
  made.cells[1] = NaN;
  for (const file of [formatHist(made, { sparse: true }), histJson({ strings: ["s"] })]) {
    const back = parseHist(await exportJson(client, await importFile(client, file)));
    assert.equal(formatHist(back), formatHist(parseHist(file)));
  }
});

Deno.test("Import: of a file of many, the one that is named", async () => {
  const { client } = connect();
  const hists = [["one", hist("first")], ["two", hist("second")]] as const;
  const json = formatHists(hists);
  const hdf5 = await writeToMemory(hists.map(([name, made]) => uhiHdf5OfHist(made, name)));
  for (const file of [json, hdf5]) {
    const id = await importFile(client, file, { name: "two" });
    assert.equal((await client.get({ histId: id })).summary?.name, "second");
    const invalid = Code.InvalidArgument;
    await refuses(importFile(client, file), invalid, /holds 2 histograms; .*: "one", "two"$/);
    await refuses(
      importFile(client, file, { name: "three" }),
      invalid,
      /holds no histogram "three"; it holds "one", "two"$/,
    );
  }
});

const json = histJson();
const damaged: Record<string, [file: string | Uint8Array<ArrayBuffer>, message: RegExp]> = {
  "no JSON": ["{", /^cannot import: Cannot read JSON/],
  "edges that fall": [
    json.replace(
      /\{"type":"regular".*?\}\}/,
      '{"type":"variable","edges":[1,0],"underflow":true,"overflow":true,"circular":false}',
    ),
    /^cannot import: axes\[0\]\.edges: must be strictly ascending/,
  ],
  "a value that is none": [
    json.replace('"storage":{', '"storage":{"values":[1,"x"],'),
    /^cannot import: storage\.values\[1\]: must be a number/,
  ],
  "no axes": ['{"axes":[],"storage":{"type":"double"}}', /at least one axis/],
  "no HDF5": [new TextEncoder().encode("not HDF5 at all"), /^cannot import: .*HDF5/],
  "an empty file": [new Uint8Array(0), /^cannot import: /],
};
for (const [what, [file, message]] of Object.entries(damaged)) {
  Deno.test(`Import: ${what} is INVALID_ARGUMENT with its place, and nothing is made`, async () => {
    const { service, client } = connect();
    await refuses(importFile(client, file), Code.InvalidArgument, message);
    assert.equal(readUsage(service.registry.arena, null).histograms, 0);
    assert.deepEqual(service.bugs, []);
  });
}

Deno.test("Import: what is too large is refused before there is memory for it, and nothing is made", async () => {
  const { service, client } = connect({ budgetBytes: 2 ** 20, messageBytesMax: 2 ** 25 });
  const used = service.registry.arena.usedBytes;
  const wide = histJson({ cells: 10_000_000 });
  await refuses(
    importFile(client, wide),
    Code.InvalidArgument,
    /make 10000000 cells; the limit is/,
  );
  const long = `${json}${" ".repeat(JSON_BYTES_MAX)}`;
  await refuses(
    importFile(client, long, { pieceBytes: 2 ** 20 }),
    Code.ResourceExhausted,
    new RegExp(`more than ${JSON_BYTES_MAX} bytes`),
  );
  // 800 kB of cells would fit, 20,000 blocks for 5 cells each do not.
  const categories = Array.from({ length: 20_000 }, (_, i) => i);
  const full = new Hist([
    new IntCategoryAxis({ name: "s", categories, overflow: false }),
    new RegularAxis({ name: "x", bins: 3, lower: 0, upper: 1 }),
  ]);
  full.cells.fill(1 as never);
  await refuses(
    importFile(client, formatHist(full), { pieceBytes: 2 ** 16 }),
    Code.ResourceExhausted,
    /^cannot import: .*; delete histograms or raise --max-bytes$/,
  );
  assert.equal(readUsage(service.registry.arena, null).histograms, 0);
  // The record stays in the pool.
  assert.ok(service.registry.arena.usedBytes - used <= 512);
});

Deno.test("Import: the first message says what comes, and no other does", async () => {
  const { client } = connect();
  const invalid = Code.InvalidArgument;
  const bytes = new TextEncoder().encode(json);
  const of = (...list: { format?: FileFormat; name?: string; bytes?: Uint8Array<ArrayBuffer> }[]) =>
    client.import((async function* () {
      yield* list;
    })());
  await refuses(of(), invalid, /^an import without a message/);
  await refuses(of({ bytes }), invalid, /^format must be/);
  const first = { format: FileFormat.UHI_JSON };
  await refuses(of(first, { bytes: Uint8Array.of(0xff) }), invalid, /the file is not UTF-8$/);
  await refuses(of(first, { ...first, bytes }), invalid, /^only the first message/);
  assert.match((await of(first, { bytes })).histId, /^[0-9a-f]{32}$/);
});

Deno.test("Import: is answered once it is on disk, belongs to its token, and is refused with the disk", async () => {
  const { service, client } = connect({ durability: "commit" });
  const alive = setInterval(() => {}, 1000);
  const headers = { "x-histserv-token": "owner" };
  const bytes = new TextEncoder().encode(json);
  const format = FileFormat.UHI_JSON;
  let isDone = false;
  const call = client.import(messages({ bytes, format }), { headers })
    .finally(() => isDone = true);
  while (service.context.gate.waiting === 0) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.equal(isDone, false);
  service.commit();
  const { histId } = await call;
  await refuses(client.get({ histId }), Code.NotFound, /^unknown histogram id/);
  service.refuse();
  await refuses(importFile(client, json), Code.Unavailable, /^cannot store changes/);
  clearInterval(alive);
});

Deno.test("Import: categories whose keys nobody could send are refused", async () => {
  const { client } = connect();
  const made = new Hist([new StrCategoryAxis({ name: "s", categories: ["x".repeat(65_531)] })]);
  made.cells[0] = 1;
  await refuses(
    importFile(client, formatHist(made), { pieceBytes: 2 ** 20 }),
    Code.InvalidArgument,
    /together have 65536 bytes, the limit is 65535$/,
  );
});

Deno.test("Import: too many at a time are RESOURCE_EXHAUSTED", async () => {
  const { client } = connect();
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  const calls = Array.from({ length: IMPORTS_MAX }, () =>
    client.import((async function* () {
      yield { format: FileFormat.UHI_JSON, bytes: new TextEncoder().encode(json) };
      await until;
    })()));
  await new Promise<void>((resolve) => setImmediate(resolve));
  await refuses(importFile(client, json), Code.ResourceExhausted, /^too many imports/);
  goOn();
  await Promise.all(calls);
  await importFile(client, json);
});
