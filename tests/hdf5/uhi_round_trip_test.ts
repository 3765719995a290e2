import assert from "node:assert/strict";
import { SeededPrng } from "../../lib/base/mod.ts";
import { formatHist, Hist, parseJson, RegularAxis, StrCategoryAxis } from "../../lib/hist/mod.ts";
import {
  type CellChunk,
  readUhiHdf5,
  type UhiHdf5Histogram,
  uhiHdf5OfHist,
} from "../../lib/hdf5/mod.ts";
import { writeToMemory } from "./memory_sink.ts";
import { inChunks, randomHist } from "./random_hist.ts";

const rounds = 42;

async function eachRound(run: (prng: SeededPrng, round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const seed = 20261122 + 7919 * round;
    try {
      await run(new SeededPrng(seed), round);
    } catch (error) {
      assert.fail(`seed ${seed}, round ${round}: ${String(error)}`);
    }
  }
}

/** Reads back exactly, whatever the order of attributes. */
async function assertReadsBack(histogram: UhiHdf5Histogram, hist: Hist): Promise<void> {
  const read = await readUhiHdf5(await writeToMemory([histogram]));
  assert.deepEqual([...read.keys()], [histogram.name]);
  assert.deepEqual(parseJson(formatHist(read.get(histogram.name)!)), parseJson(formatHist(hist)));
}

Deno.test("UhiHdf5: a dense histogram reads back the same, all axes and storages", async () => {
  await eachRound(async (prng, round) => {
    const hist = randomHist(prng, round);
    await assertReadsBack(uhiHdf5OfHist(hist, "h"), hist);
  });
});

Deno.test("UhiHdf5: chunks in any order make the same histogram", async () => {
  await eachRound(async (prng, round) => {
    const hist = randomHist(prng, round);
    await assertReadsBack(inChunks(hist, { name: "h", order: "any", prng }), hist);
  });
});

Deno.test("UhiHdf5: ascending chunks in small parts make the same histogram", async () => {
  await eachRound(async (prng, round) => {
    const hist = randomHist(prng, round);
    const options = { name: "h", order: "ascending", prng, parts: true } as const;
    await assertReadsBack(inChunks(hist, options), hist);
  });
});

Deno.test("UhiHdf5: an empty histogram has its categories and no blocks", async () => {
  const prng = new SeededPrng(1);
  for (let round = 0; round < 14; round++) {
    const hist = randomHist(prng, round);
    if (hist.cells instanceof BigInt64Array) hist.cells.fill(0n);
    else hist.cells.fill(0);
    await assertReadsBack(
      { ...inChunks(hist, { name: "h", order: "any", prng }), chunks: [] },
      hist,
    );
  }
});

Deno.test("UhiHdf5: growing categories without any fill have extent 0", async () => {
  const prng = new SeededPrng(2);
  const dense = new RegularAxis({ bins: 3, lower: 0, upper: 1 });
  const hist = new Hist([new StrCategoryAxis({ growth: true, name: "c" }), dense]);
  await assertReadsBack(inChunks(hist, { name: "h", order: "any", prng }), hist);
});

/** Every block of `chunks` in turn, as `source` gives them. */
async function* asynchronously(chunks: Iterable<CellChunk>): AsyncGenerator<CellChunk> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

Deno.test("UhiHdf5: many groups from an asynchronous source keep apart", async () => {
  const prng = new SeededPrng(3);
  const hists = Array.from({ length: 40 }, (_, round) => randomHist(prng, round));
  const bytes = await writeToMemory(hists.map((hist, i) => {
    const histogram = inChunks(hist, { name: `gruppe ${i} ☃`, order: "any", prng });
    return { ...histogram, chunks: asynchronously(histogram.chunks as Iterable<CellChunk>) };
  }));
  const read = await readUhiHdf5(bytes);
  assert.equal(read.size, 40);
  for (const [i, hist] of hists.entries()) {
    const back = parseJson(formatHist(read.get(`gruppe ${i} ☃`)!));
    assert.deepEqual(back, parseJson(formatHist(hist)), `histogram ${i}`);
  }
});
