import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SeededPrng } from "../../lib/base/mod.ts";
import { readUhiHdf5 } from "../../lib/hdf5/mod.ts";
import { ChunkedHist, formatHist, type Hist, newCells, parseHistSpec } from "../../lib/hist/mod.ts";
import {
  doubleView,
  fillMessage,
  flushMessage,
  idMessage,
  type KeyPart,
} from "../support/hist_messages.ts";
import { flagOf, histJson, Status, type TestCall, TestService } from "./support.ts";

const json = histJson();
const view = doubleView([1, 2]);

/** Runs `body` with an empty folder. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A service whose flush directory is new, and not made yet. */
function withService(
  body: (service: TestService, flushDir: string) => Promise<void>,
): Promise<void> {
  return withFolder((folder) => {
    const flushDir = join(folder, "data", "exports");
    return body(new TestService({ flushDir }), flushDir);
  });
}

async function read(path: string, id: string): Promise<Hist> {
  const hists = await readUhiHdf5(await Deno.readFile(path));
  assert.deepEqual([...hists.keys()], [id]);
  return hists.get(id)!;
}

async function exists(service: TestService, id: string): Promise<boolean> {
  return flagOf((await service.ask("Exists", idMessage(id))).body);
}

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

/** Resolves when the call waits for an epoch, or is answered. */
async function untilItWaits(service: TestService, call: TestCall): Promise<void> {
  while (call.answer === null && service.context.gate.waiting === 0) await nextTurn();
}

Deno.test("Flush: writes the histogram as one group, then it is gone", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const answer = await service.ask("Flush", flushMessage(id, "x.h5"));
    assert.deepEqual([answer.status, answer.message], [Status.ok, ""]);
    assert.deepEqual([...(await read(join(flushDir, "x.h5"), id)).cells], [1, 2]);
    assert.equal(await exists(service, id), false);
    assert.deepEqual(await names(flushDir), ["x.h5"]);
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(flushDir)).mode! & 0o777, 0o700, "for the owner's eyes only");
    }
    assert.equal(service.activeRpcs, 0);
  }));

Deno.test("Flush: is answered when the deletion is on disk", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const call = service.call("Flush", flushMessage(id, "x.h5"));
    await untilItWaits(service, call);
    await call.assertWaits();
    assert.deepEqual(
      await names(flushDir),
      ["x.h5"],
      "the file is there before the histogram goes",
    );
    service.commit();
    assert.equal((await call.done()).status, Status.ok);
  }));

Deno.test("Flush: replaces a file, takes .hdf5 and absolute paths inside of the folder", () =>
  withService(async (service, flushDir) => {
    await Deno.mkdir(join(flushDir, "runs"), { recursive: true });
    for (const path of ["x.hdf5", join(flushDir, "x.hdf5"), "runs/../runs/./y.h5"]) {
      const id = await service.init(json, { chunks: [{ view }] });
      assert.equal((await service.ask("Flush", flushMessage(id, path))).status, Status.ok, path);
      await read(join(flushDir, path.endsWith("y.h5") ? "runs/y.h5" : "x.hdf5"), id);
    }
    assert.deepEqual(await names(flushDir), ["runs", "x.hdf5"]);
  }));

for (const destination of ["", "x.root", "x.h5.txt", "a\0b.h5", "x.H5"]) {
  Deno.test(`Flush: ${JSON.stringify(destination)} is INVALID_ARGUMENT, for unknown histograms too`, async () => {
    const service = new TestService();
    const answer = await service.ask("Flush", flushMessage("none", destination));
    assert.equal(answer.status, Status.invalidArgument);
  });
}

Deno.test("Flush: what is not inside of the folder is INVALID_ARGUMENT and names the option", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    await Deno.mkdir(join(flushDir, "folder.h5"), { recursive: true });
    const outside = join(flushDir, "..");
    await Deno.symlink(outside, join(flushDir, "way-out"));
    await Deno.symlink(join(outside, "there.h5"), join(flushDir, "link.h5"));
    const destinations = [
      "../x.h5",
      join(outside, "x.h5"),
      "way-out/x.h5",
      "link.h5",
      "folder.h5",
      `${"x".repeat(300)}.h5`,
      "/nonexistent/x.h5",
    ];
    for (const destination of destinations) {
      const { status, message } = await service.ask("Flush", flushMessage(id, destination));
      assert.equal(status, Status.invalidArgument, destination);
      assert.match(message, /^invalid destination: .*--flush-dir/);
      assert.ok(destination.startsWith(outside) || !message.includes(outside), message);
    }
    const missing = await service.ask("Flush", flushMessage(id, "none/x.h5"));
    assert.equal(missing.status, Status.failedPrecondition);
    assert.deepEqual(await names(outside), ["exports"]);
    assert.deepEqual(await service.contents(id), { "": [1, 2] });
  }));

Deno.test("Flush: an unknown histogram is NOT_FOUND, and makes no folder", () =>
  withService(async (service, flushDir) => {
    const secret = await service.init(json, { token: "owner" });
    for (const id of ["none", secret]) {
      assert.equal((await service.ask("Flush", flushMessage(id, "x.h5"))).status, Status.notFound);
    }
    await assert.rejects(Deno.stat(flushDir), Deno.errors.NotFound);
  }));

Deno.test("Flush: where the folder cannot be made, FAILED_PRECONDITION names the option", async () => {
  const service = new TestService();
  const id = await service.init(json, { chunks: [{ view }] });
  const { status, message } = await service.ask("Flush", flushMessage(id, "x.h5"));
  assert.equal(status, Status.failedPrecondition);
  assert.match(message, /--flush-dir; the histogram is kept$/);
  assert.deepEqual(service.bugs, []);
});

Deno.test("Flush: what HDF5 cannot hold is FAILED_PRECONDITION with its place, and kept", () =>
  withService(async (service, flushDir) => {
    const strange = JSON.stringify({ ...JSON.parse(json), metadata: { name: "h", list: [1] } });
    const id = await service.init(strange, { chunks: [{ view }] });
    const { status, message } = await service.ask("Flush", flushMessage(id, "x.h5"));
    assert.equal(status, Status.failedPrecondition);
    assert.match(message, /metadata\.list.*; the histogram is kept$/);
    assert.deepEqual(await names(flushDir), []);
    assert.equal(await exists(service, id), true);
  }));

Deno.test("Flush: a fill while the file is written is in the file", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const early = service.call("Fill", fillMessage(id, { view }));
    const call = service.call("Flush", flushMessage(id, "x.h5"));
    // The file is written; it waits for the early fill to be on disk.
    while (service.context.gate.waiting < 2) await nextTurn();
    assert.deepEqual((await names(flushDir)).filter((name) => name === "x.h5"), []);
    const late = service.call("Fill", fillMessage(id, { view }));
    service.commit();
    assert.equal((await early.done()).status, Status.ok);
    assert.equal((await late.done()).status, Status.ok);
    await untilItWaits(service, call);
    service.commit();
    assert.equal((await call.done()).status, Status.ok);
    assert.deepEqual([...(await read(join(flushDir, "x.h5"), id)).cells], [3, 6]);
  }));

Deno.test("Flush: of a histogram that never rests is ABORTED; it is kept, no fill is lost", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    await Deno.mkdir(flushDir, { recursive: true });
    await Deno.writeTextFile(join(flushDir, "x.h5"), "what was there");
    const call = service.call("Flush", flushMessage(id, "x.h5"));
    let fills = 1;
    while (call.answer === null) {
      const fill = service.call("Fill", fillMessage(id, { view }));
      service.commit();
      if ((await fill.done()).status === Status.ok) fills++;
      await nextTurn();
    }
    assert.equal(call.answer.status, Status.aborted);
    assert.match(call.answer.message, /it is kept/);
    assert.deepEqual(await service.contents(id), { "": [fills, 2 * fills] });
    assert.deepEqual(await names(flushDir), ["x.h5"], "no half file is left");
  }));

Deno.test("Flush: of two for one histogram, one is NOT_FOUND, and the file is whole", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const calls = [0, 1].map(() => service.call("Flush", flushMessage(id, "x.h5")));
    while (service.context.gate.waiting < 2) await nextTurn();
    service.commit();
    const statuses = await Promise.all(calls.map(async (call) => (await call.done()).status));
    assert.deepEqual(statuses.sort(), [Status.ok, Status.notFound]);
    assert.deepEqual([...(await read(join(flushDir, "x.h5"), id)).cells], [1, 2]);
  }));

Deno.test("Flush: what the disk refused is in no file; the histogram is as before", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const fill = service.call("Fill", fillMessage(id, { view }));
    const call = service.call("Flush", flushMessage(id, "x.h5"));
    while (service.context.gate.waiting < 2) await nextTurn();
    service.refuse();
    assert.equal((await fill.done()).status, Status.unavailable);
    assert.equal((await call.done()).status, Status.unavailable);
    assert.deepEqual(await names(flushDir), []);
    service.commit();
    assert.deepEqual(await service.contents(id), { "": [1, 2] });
  }));

Deno.test("Flush: a deletion that the disk refused is UNAVAILABLE; file and histogram are there", () =>
  withService(async (service, flushDir) => {
    const id = await service.init(json, { chunks: [{ view }] });
    const call = service.call("Flush", flushMessage(id, "x.h5"));
    await untilItWaits(service, call);
    service.refuse();
    assert.equal((await call.done()).status, Status.unavailable);
    service.commit();
    assert.deepEqual(await service.contents(id), { "": [1, 2] });
    assert.deepEqual([...(await read(join(flushDir, "x.h5"), id)).cells], [1, 2]);
  }));

const layouts: Record<string, { json: string; chunks: number; width: number }> = {
  "two category axes, chunks in any order": {
    json: histJson({ cells: 7, strings: ["a", "b"], integers: ["c"] }),
    chunks: 60,
    width: 1,
  },
  "weights": {
    json: histJson({ cells: 7, strings: ["a"], storage: "weighted" }),
    chunks: 9,
    width: 2,
  },
  "more chunks than are copied at once": {
    json: histJson({ cells: 1, integers: ["a", "b"] }),
    chunks: 9000,
    width: 1,
  },
  "a chunk that is copied in parts": { json: histJson({ cells: 300_001 }), chunks: 1, width: 1 },
  "weights copied in parts, for two categories": {
    json: histJson({ cells: 70_001, strings: ["a"], storage: "weighted" }),
    chunks: 2,
    width: 2,
  },
  "categories without chunks": {
    json: histJson({ cells: 3, strings: ["a"] }),
    chunks: 0,
    width: 1,
  },
  "an empty dense histogram": { json: histJson({ cells: 3 }), chunks: 0, width: 1 },
  "category axes only": {
    json: JSON.stringify({
      ...JSON.parse(histJson({ strings: ["a"] })),
      axes: JSON.parse(histJson({ strings: ["a"], integers: ["b"] })).axes.slice(0, 2),
    }),
    chunks: 12,
    width: 1,
  },
};

for (const [name, layout] of Object.entries(layouts)) {
  Deno.test(`Flush: the file is what a snapshot makes: ${name}`, () =>
    withFolder(async (flushDir) => {
      const service = new TestService({ flushDir });
      const seed = 20_261_122;
      const prng = new SeededPrng(seed);
      const metadata = { name: "h", label: "a label" };
      const json = JSON.stringify({ ...JSON.parse(layout.json), metadata });
      const spec = parseHistSpec(json);
      const expected = new ChunkedHist(spec.axes, spec);
      const keys = new Map<string, (string | number)[]>();
      for (let i = 0; keys.size < layout.chunks; i++) {
        const key = spec.categoryAxes.map((axis) =>
          axis.type === "category_str" ? `k${prng.int(0, 9)}` : prng.int(-100, 99)
        );
        keys.set(key.join(), key);
      }
      const chunks = [...keys.values()].map((key) => {
        const cells = newCells(spec.cellKind, spec.chunkCells) as Float64Array<ArrayBuffer>;
        for (let i = 0; i < cells.length; i++) cells[i] = prng.int(0, 99) / 4;
        expected.addChunk(key, cells);
        return { key: key as KeyPart[], view: new Uint8Array(cells.buffer) };
      });
      const id = await service.init(json, { chunks });
      const answer = await service.ask("Flush", flushMessage(id, "x.h5"));
      assert.deepEqual([answer.status, answer.message], [Status.ok, ""], `seed ${seed}`);
      const found = formatHist(await read(join(flushDir, "x.h5"), id));
      assert.ok(found === formatHist(expected.toHist()), `seed ${seed}`);
    }));
}
