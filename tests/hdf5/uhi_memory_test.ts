import assert from "node:assert/strict";
import { makeHistSpec, RegularAxis, StrCategoryAxis } from "../../lib/hist/mod.ts";
import { blockBytesMax, type CellChunk, type Hdf5Sink, writeUhiHdf5 } from "../../lib/hdf5/mod.ts";

const MiB = 1048576;
/** Far below the histograms' 200 MiB; garbage that the collector has not yet taken counts, too. */
const extraBytesMax = 64 * MiB;

/** Counts what is written, and watches memory outside of the heap, where all buffers are. */
class CountingSink implements Hdf5Sink {
  writes = 0;
  writtenBytes = 0;
  largestBytes = 0;
  readonly #before = Deno.memoryUsage().external;
  /** The most that was ever seen above the beginning. */
  extraBytes = 0;

  write(bytes: Uint8Array): void {
    this.writes++;
    this.writtenBytes += bytes.length;
    this.largestBytes = Math.max(this.largestBytes, bytes.length);
    const extra = Deno.memoryUsage().external - this.#before;
    this.extraBytes = Math.max(this.extraBytes, extra);
  }
}

function assertBounded(sink: CountingSink): void {
  assert.ok(sink.extraBytes < extraBytesMax, `${sink.extraBytes} bytes above the beginning`);
  // A block that cannot be compressed grows by a few bytes.
  assert.ok(sink.largestBytes <= blockBytesMax + 1024, `a write of ${sink.largestBytes} bytes`);
}

Deno.test("writeUhiHdf5: memory is bounded by a block, 200 MiB in 2,000 chunks", async () => {
  const spec = makeHistSpec([
    new StrCategoryAxis({ growth: true, name: "dataset" }),
    new RegularAxis({ bins: 6551, lower: 0, upper: 1 }),
    new StrCategoryAxis({ growth: true, name: "variation" }),
  ], { storage: "weight" });
  const categories = [40, 50].map((count) => Array.from({ length: count }, (_, i) => `c${i}`));
  const buffer = new Float64Array(spec.chunkBytes / 8);
  function* chunks(): Generator<CellChunk> {
    for (let i = 0; i < 2000; i++) {
      // Long runs of equal cells, so that the test need not wait for deflate.
      buffer.fill(i + 1).set([i, 0.1 * i], (7 * i) % 13000);
      yield { index: [Math.floor(i / 50), i % 50], cells: new Uint8Array(buffer.buffer) };
    }
  }
  assert.ok(2000 * spec.chunkBytes > 199 * MiB);
  for (const ascending of [true, false]) {
    const sink = new CountingSink();
    const size = await writeUhiHdf5(sink, [
      { name: "h", spec, categories, chunks: chunks(), ascending },
    ]);
    assertBounded(sink);
    assert.ok(size > MiB / 2 && size < 20 * MiB, `${size} bytes`);
    assert.ok(sink.writtenBytes <= size);
  }
});

Deno.test("writeUhiHdf5: one dense block of 200 MiB is taken in parts", async () => {
  const bins = 26_214_400;
  const axis = new RegularAxis({ bins, lower: 0, upper: 1, underflow: false, overflow: false });
  const spec = makeHistSpec([axis]);
  const part = new Float64Array(100_000);
  function* chunks(): Generator<CellChunk> {
    for (let from = 0; from < bins; from += part.length) {
      part.fill(from + 1);
      const cells = new Uint8Array(part.buffer, 0, 8 * Math.min(part.length, bins - from));
      yield { index: [], cells, offsetBytes: 8 * from };
    }
  }
  const sink = new CountingSink();
  const size = await writeUhiHdf5(sink, [{ name: "h", spec, categories: [], chunks: chunks() }]);
  assertBounded(sink);
  assert.ok(size > MiB / 2, `${size} bytes`);
});

Deno.test("writeUhiHdf5: other tasks run while a large histogram is written", async () => {
  const spec = makeHistSpec([new RegularAxis({ bins: 1_000_000, lower: 0, upper: 1 })]);
  const cells = new Uint8Array(new Float64Array(spec.chunkCells).fill(1).buffer);
  let turns = 0;
  const ticker = setInterval(() => turns++, 0);
  const chunks = [{ index: [], cells }];
  await writeUhiHdf5({ write: () => {} }, [{ name: "h", spec, categories: [], chunks }]);
  clearInterval(ticker);
  assert.ok(turns > 0);
});
