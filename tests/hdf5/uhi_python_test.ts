import assert from "node:assert/strict";
import { join } from "node:path";
import { SeededPrng } from "../../lib/base/mod.ts";
import {
  formatHist,
  Hist,
  IntCategoryAxis,
  IntegerAxis,
  RegularAxis,
  StrCategoryAxis,
  VariableAxis,
} from "../../lib/hist/mod.ts";
import { replaceFile, type UhiHdf5Histogram, writeUhiHdf5 } from "../../lib/hdf5/mod.ts";
import { pythonTool } from "../support/python.ts";
import { runCommand } from "../support/run_command.ts";
import { testWith, toolPath } from "../support/tools.ts";
import { inChunks, randomHist } from "./random_hist.ts";

const python = await pythonTool("0.2.1");
const program = join(import.meta.dirname!, "check_with_python.py");

interface Case {
  hist: Hist;
  histogram: UhiHdf5Histogram;
}

/** h5py sees what `uhi.io.hdf5.write` would have written, and reads equal histograms. */
async function assertPythonAgrees(cases: readonly Case[]): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [path, texts, scratch] = ["h.h5", "h.json", "scratch.h5"].map((name) =>
      join(folder, name)
    );
    await replaceFile(path!, (sink) => writeUhiHdf5(sink, cases.map(({ histogram }) => histogram)));
    const byName = cases.map(({ hist, histogram }) => [histogram.name, formatHist(hist)]);
    await Deno.writeTextFile(texts!, JSON.stringify(Object.fromEntries(byName)));
    const command = [toolPath(python), program, path!, texts!, scratch!];
    const { code, stdout, stderr } = await runCommand(command, { timeoutSeconds: 120 });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testWith(
  [python],
  "UhiHdf5: h5py, uhi.io.hdf5.read and uhi validate agree, random histograms (uhi 1.2.1)",
  async () => {
    const seed = 4_20261122;
    const prng = new SeededPrng(seed);
    const cases = Array.from({ length: 70 }, (_, round) => {
      const hist = randomHist(prng, round);
      const order = round % 2 === 0 ? "any" : "ascending";
      const options = { name: `h${round}`, order, prng, parts: round % 3 === 0 } as const;
      return { hist, histogram: inChunks(hist, options) };
    });
    await assertPythonAgrees(cases).catch((error) => assert.fail(`seed ${seed}: ${error.message}`));
  },
);

testWith(
  [python],
  "UhiHdf5: trees and heaps of several nodes read back: 20,000 blocks, 5,000 labels, 3,000 edges",
  async () => {
    const prng = new SeededPrng(5);
    const labels = Array.from({ length: 5000 }, (_, i) => `Kategorie ${i} ${"é".repeat(i % 50)}`);
    const many = new Hist([
      new IntCategoryAxis({ categories: [1, 2, 3, 4], overflow: false, name: "small" }),
      new RegularAxis({ bins: 3, lower: 0, upper: 1, name: "x" }),
      new StrCategoryAxis({ categories: labels, overflow: false, name: "large" }),
    ], { storage: "weight" });
    for (let i = 0; i < many.cells.length; i++) many.cells[i] = prng.int(1, 9);
    const integers = new Hist([
      new IntCategoryAxis({ categories: Array.from({ length: 2000 }, (_, i) => 7 * i - 5000) }),
    ], { storage: "int64" });
    integers.fill([[9, -5000]]);
    const edges = Array.from({ length: 3001 }, (_, i) => i * i);
    const long = new Hist([new VariableAxis({ edges, name: "v" })]);
    long.fill([[0, 1, 1e6, -1]]);
    const axes = Array.from(
      { length: 32 },
      (_, i) =>
        new IntegerAxis({
          lower: i,
          upper: i + 1,
          underflow: false,
          overflow: false,
          name: `a${i}`,
        }),
    );
    await assertPythonAgrees(
      [many, integers, long, new Hist(axes)].flatMap((hist, i) =>
        (["any", "ascending"] as const).map((order) => {
          return { hist, histogram: inChunks(hist, { name: `h${i} ${order}`, order, prng }) };
        })
      ),
    );
  },
);
