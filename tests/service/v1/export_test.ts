import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Client, createClient, createRouterTransport } from "@connectrpc/connect";
import { addChunks } from "../../../lib/accum/mod.ts";
import { SeededPrng } from "../../../lib/base/mod.ts";
import { readUhiHdf5 } from "../../../lib/hdf5/mod.ts";
import {
  formatHist,
  type Hist,
  isCategoryAxis,
  parseHist,
  parseHistSpec,
} from "../../../lib/hist/mod.ts";
import { Code, ConnectError } from "../../../lib/service/errors.ts";
import { HealthState, registerHistogramService } from "../../../lib/service/mod.ts";
import { EXPORTS_MAX, JSON_NUMBERS_MAX } from "../../../lib/service/v1/export.ts";
import { FileFormat, HistogramService } from "../../../lib/wire/gen_v1.ts";
import { encodeChunkKey } from "../../../lib/wire/mod.ts";
import { histJson, TestService, type TestServiceOptions } from "../support.ts";

/** A service and a client of histserv.v1, without network. */
function connect(options: TestServiceOptions = {}): {
  service: TestService;
  client: Client<typeof HistogramService>;
} {
  const service = new TestService({ durability: "none", ...options });
  const health = new HealthState();
  const transport = createRouterTransport((router) =>
    registerHistogramService(router, service.context, { health })
  );
  return { service, client: createClient(HistogramService, transport) };
}

type V1Client = Client<typeof HistogramService>;

async function exportFile(
  client: V1Client,
  histId: string,
  format: FileFormat,
  options: { headers?: HeadersInit } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces = await Array.fromAsync(client.export({ histId, format }, options));
  const end = Math.max(...pieces.map(({ offset, bytes }) => Number(offset) + bytes.length));
  const file = new Uint8Array(end);
  for (const { offset, bytes } of pieces) {
    assert.ok(bytes.length <= 2 ** 18);
    file.set(bytes, Number(offset));
  }
  return file;
}

async function exportBoth(client: V1Client, histId: string): Promise<[Hist, Hist]> {
  const json = new TextDecoder().decode(await exportFile(client, histId, FileFormat.UHI_JSON));
  const hdf5 = await readUhiHdf5(await exportFile(client, histId, FileFormat.UHI_HDF5));
  assert.deepEqual([...hdf5.keys()], [histId]);
  return [parseHist(json), hdf5.get(histId)!];
}

async function refuses(action: Promise<unknown>, code: Code, message: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, code, error.message);
    assert.match(error.rawMessage, message);
    return true;
  });
}

const axes = {
  before: { type: "category_str", categories: ["b", "a"], flow: false, metadata: { name: "s" } },
  between: {
    type: "category_int",
    categories: [5],
    flow: true,
    metadata: { name: "i", label: "größe" },
  },
  x: {
    type: "variable",
    edges: [0, 1, 4],
    underflow: true,
    overflow: true,
    circular: false,
    metadata: { name: "x" },
  },
  y: { type: "boolean", metadata: { name: "y" } },
};

for (const type of ["double", "int", "weighted", "mean", "weighted_mean"]) {
  Deno.test(`Export: JSON and HDF5 hold every chunk in its place: ${type}`, async () => {
    const seed = 7;
    const prng = new SeededPrng(seed);
    const { service, client } = connect();
    const metadata = { name: "h", label: "label", note: 3 };
    const uhiJson = JSON.stringify({
      uhi_schema: 1,
      writer_info: { tests: { version: "1" } },
      axes: [axes.x, axes.before, axes.y, axes.between],
      storage: { type },
      metadata,
    });
    const { histId } = await client.create({ uhiJson });
    const spec = parseHistSpec(uhiJson);
    // Categories "b", "a", then "c" as first filled; 5, then 9; and the overflow bin.
    const strings = ["b", "a", "c"];
    const integers: (number | null)[] = [5, 9, null];
    const expected = new Map<string, (number | bigint)[]>();
    const additions = [["c", 9], ["b", 9], ["b", null], ["c", 5]].map(([s, i]) => {
      const numbers = Array.from({ length: spec.chunkBytes / 8 }, () => prng.int(2, 99));
      const cells = type === "int"
        ? BigInt64Array.from(numbers, BigInt)
        : Float64Array.from(numbers);
      expected.set(`${strings.indexOf(s as string)},${integers.indexOf(i as number)}`, [...cells]);
      const head = encodeChunkKey([s as string]);
      const tail = i === null ? Uint8Array.of(0) : encodeChunkKey([BigInt(i as number)]);
      return {
        key: new Uint8Array([...head, ...tail]),
        cells: new Uint8Array(cells.buffer),
      };
    });
    addChunks(service.registry, service.registry.find(histId)!, { additions, uniqueId: null });
    const [json, hdf5] = await exportBoth(client, histId);
    assert.equal(formatHist(hdf5), formatHist(json), `seed ${seed}`);
    assert.deepEqual(json.extents, [4, 3, 2, 3]);
    assert.deepEqual(Object.fromEntries(json.metadata), metadata);
    assert.deepEqual([...json.writerInfo.keys()].includes("tests"), true);
    const [s, i] = json.axes.filter(isCategoryAxis);
    assert.deepEqual([s!.categories, i!.categories], [strings, [5, 9]]);
    // Row-major over x, s, y, i; the cells of a chunk over x, y.
    const width = spec.cellBytes / 8;
    const found = parseHist(formatHist(json)).cells;
    for (let place = 0; place < 4 * 3 * 2 * 3; place++) {
      const [x, sBin, y, iBin] = [
        Math.floor(place / 18),
        Math.floor(place / 6) % 3,
        Math.floor(place / 3) % 2,
        place % 3,
      ];
      const chunk = expected.get(`${sBin},${iBin}`);
      for (let element = 0; element < width; element++) {
        const want = chunk?.[(x * 2 + y) * width + element] ?? (type === "int" ? 0n : 0);
        const got = found[place * width + element]!;
        // Deltas go through a quotient and back.
        if (element < 2) assert.equal(got, want, `seed ${seed}, cell ${place}`);
        else assert.ok(Math.abs(Number(got) - Number(want)) <= 1e-12 * Number(want));
      }
    }
  });
}

Deno.test("Export: deletes nothing; empty histograms and category axes alone are files, too", async () => {
  const { client } = connect();
  for (
    const list of [[axes.x], [axes.before], [axes.before, axes.between], [axes.before, axes.x]]
  ) {
    const uhiJson = JSON.stringify({ axes: list, storage: { type: "double" } });
    const { histId } = await client.create({ uhiJson });
    for (let round = 0; round < 2; round++) {
      const [json, hdf5] = await exportBoth(client, histId);
      assert.equal(formatHist(hdf5), formatHist(json));
      assert.equal(json.axes.length, list.length);
    }
  }
});

Deno.test("Export: a large histogram goes by way of a file that is nobody else's, and is gone after", async () => {
  const flushDir = await Deno.makeTempDir();
  const { service, client } = connect({ flushDir });
  const cells = 300_000;
  const { histId } = await client.create({ uhiJson: histJson({ cells, integers: ["run"] }) });
  for (let run = 0; run < 3; run++) {
    const view = Float64Array.from({ length: cells }, (_, i) => (i * 7 + run) % 1013);
    const additions = [{ key: encodeChunkKey([BigInt(run)]), cells: new Uint8Array(view.buffer) }];
    addChunks(service.registry, service.registry.find(histId)!, { additions, uniqueId: null });
  }
  const file = await exportFile(client, histId, FileFormat.UHI_HDF5);
  const hist = (await readUhiHdf5(file)).get(histId)!;
  assert.ok(hist.cells.every((cell, at) => {
    const run = Math.floor(at / cells);
    return cell === ((at - run * cells) * 7 + run) % 1013;
  }));
  const leaving = new AbortController();
  const format = FileFormat.UHI_HDF5;
  const pieces = client.export({ histId, format }, { signal: leaving.signal });
  await pieces[Symbol.asyncIterator]().next();
  leaving.abort();
  assert.deepEqual(await Array.fromAsync(Deno.readDir(flushDir)), []);
  await refuses(
    exportFile(client, histId, FileFormat.UHI_JSON),
    Code.FailedPrecondition,
    new RegExp(`900000 numbers, the limit is ${JSON_NUMBERS_MAX}; use HDF5`),
  );
  await Deno.remove(flushDir, { recursive: true });
});

Deno.test("Export: nothing is shown before it is on disk", async () => {
  const { service, client } = connect({ durability: "commit" });
  const id = await service.init(histJson());
  const cells = new Uint8Array(Float64Array.of(3, 4).buffer);
  const additions = [{ key: new Uint8Array(0), cells }];
  addChunks(service.registry, service.registry.find(id)!, { additions, uniqueId: null });
  const alive = setInterval(() => {}, 1000);
  let isDone = false;
  const file = exportFile(client, id, FileFormat.UHI_JSON).finally(() => isDone = true);
  while (service.context.gate.waiting === 0) await nextTurn();
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.equal(isDone, false);
  service.commit();
  assert.deepEqual([...parseHist(new TextDecoder().decode(await file)).cells], [3, 4]);
  clearInterval(alive);
});

Deno.test("Export: is one moment, however fast others fill", async () => {
  const { service, client } = connect();
  const { histId } = await client.create({ uhiJson: histJson({ cells: 5000, integers: ["run"] }) });
  const handle = service.registry.find(histId)!;
  let isDone = false;
  const fill = async (): Promise<void> => {
    while (!isDone) {
      const cells = new Uint8Array(new Float64Array(5000).fill(1).buffer);
      const additions = [0n, 1n, 2n].map((run) => ({ key: encodeChunkKey([run]), cells }));
      addChunks(service.registry, handle, { additions, uniqueId: null });
      await nextTurn();
    }
  };
  const filling = fill();
  for (let round = 0; round < 3; round++) {
    for (const hist of await exportBoth(client, histId)) {
      assert.ok(hist.cells.every((cell) => cell === hist.cells[0]), "a fill is in by half");
    }
  }
  isDone = true;
  await filling;
});

Deno.test("Export: refuses other formats, unknown and other people's histograms, and too many at a time", async () => {
  const { service, client } = connect();
  const { histId } = await client.create({ uhiJson: histJson() }, {
    headers: { "x-histserv-token": "owner" },
  });
  const json = FileFormat.UHI_JSON;
  await refuses(exportFile(client, histId, json), Code.NotFound, /^unknown histogram id/);
  await refuses(exportFile(client, "none", json), Code.NotFound, /^unknown histogram id/);
  const headers = { "x-histserv-token": "owner" };
  await exportFile(client, histId, json, { headers });
  await refuses(
    exportFile(client, histId, FileFormat.UNSPECIFIED, { headers }),
    Code.InvalidArgument,
    /^format must be/,
  );
  const leaving = new AbortController();
  for (let i = 0; i < EXPORTS_MAX; i++) {
    const { signal } = leaving;
    await client.export({ histId, format: json }, { headers, signal })[Symbol.asyncIterator]()
      .next();
  }
  await refuses(exportFile(client, histId, json, { headers }), Code.ResourceExhausted, /too many/);
  leaving.abort();
  await exportFile(client, histId, json, { headers });
  assert.deepEqual(service.bugs, []);
});
