import assert from "node:assert/strict";
import { formatHist, Hist, RegularAxis } from "../../lib/hist/mod.ts";
import { uhiHdf5OfHist } from "../../lib/hdf5/mod.ts";
import { ImportThreadError, readFile } from "../../lib/server/import_thread.ts";
import { type HistogramFile, HistogramFileError } from "../../lib/service/mod.ts";
import { writeToMemory } from "../hdf5/memory_sink.ts";

const mainUrl = new URL("../../main.ts", import.meta.url).href;
/** A URL that no module has: whoever starts a thread fails. */
const nowhere = "data:text/javascript,throw 1";

function histogram(bins: number): Hist {
  const hist = new Hist([new RegularAxis({ name: "x", bins, lower: 0, upper: 1 })]);
  hist.fill([[0.1, 0.2, 7]]);
  return hist;
}

function jsonFile(hist: Hist): HistogramFile {
  const bytes = new TextEncoder().encode(formatHist(hist));
  return { format: "uhi_json", bytes, name: "", cellsMax: 1e6 };
}

async function hdf5File(hist: Hist): Promise<HistogramFile> {
  const bytes = (await writeToMemory([uhiHdf5OfHist(hist, "h")])).slice();
  return { format: "uhi_hdf5", bytes, name: "", cellsMax: 1e6 };
}

Deno.test("Import thread: reads HDF5 and large JSON in a thread, small JSON at once", async () => {
  for (
    const [file, url] of [
      [await hdf5File(histogram(10)), mainUrl],
      [jsonFile(histogram(20_000)), mainUrl],
      [jsonFile(histogram(10)), nowhere],
    ] as const
  ) {
    const { cells, keyEnds, uhiJson } = await readFile(file, { mainUrl: url });
    assert.deepEqual([...keyEnds], [0]);
    const sum = new Float64Array(cells.buffer).reduce((a, b) => a + b, 0);
    assert.equal(sum, 3);
    assert.match(uhiJson, /"type": "regular"/);
  }
});

Deno.test("Import thread: what is wrong with a file is told as if it were read here", async () => {
  const bytes = new TextEncoder().encode("no HDF5");
  await assert.rejects(
    readFile({ format: "uhi_hdf5", bytes, name: "", cellsMax: 9 }, { mainUrl }),
    (error) => error instanceof HistogramFileError && error.reason === "malformed",
  );
  const short = {
    ...jsonFile(histogram(10)),
    bytes: new TextEncoder().encode('{"axes": [{"type": "banana"}]}'),
  };
  await assert.rejects(readFile(short, { mainUrl }), /^HistogramFileError: axes\[0\]\.type: /);
});

Deno.test("Import thread: a file that takes too long is given up", async () => {
  const hangs = "data:text/javascript,for (;;);";
  await assert.rejects(
    readFile(await hdf5File(histogram(10)), { mainUrl: hangs, msMax: 100 }),
    (error) => error instanceof HistogramFileError && error.reason === "too_large",
  );
});

Deno.test("Import thread: one that dies is our mistake, and ends nothing else", async () => {
  await assert.rejects(
    readFile(await hdf5File(histogram(10)), { mainUrl: nowhere }),
    ImportThreadError,
  );
});
