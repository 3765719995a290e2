import assert from "node:assert/strict";
import {
  formatHist,
  Hist,
  HistFormatError,
  IntCategoryAxis,
  type JsonValue,
  RegularAxis,
  StrCategoryAxis,
} from "../../lib/hist/mod.ts";
import {
  Hdf5Error,
  type Hdf5ErrorReason,
  readUhiHdf5,
  type UhiHdf5Histogram,
  uhiHdf5OfHist,
  writeUhiHdf5,
} from "../../lib/hdf5/mod.ts";
import { writeToMemory } from "./memory_sink.ts";

/** Two category axes, 3 and 2 bins, and 4 cells of 8 bytes. */
function histogram(change: Partial<UhiHdf5Histogram> = {}): UhiHdf5Histogram {
  const { spec } = new Hist([
    new StrCategoryAxis({ growth: true, name: "s" }),
    new RegularAxis({ bins: 2, lower: 0, upper: 1 }),
    new IntCategoryAxis({ overflow: true, name: "i" }),
  ]);
  return { name: "h", spec, categories: [["a", "b", "c"], [7]], chunks: [], ...change };
}

function cells(count: number): Uint8Array {
  return new Uint8Array(new Float64Array(count).fill(1).buffer);
}

async function assertRefused(
  histograms: UhiHdf5Histogram | UhiHdf5Histogram[],
  expected: { reason: Hdf5ErrorReason; message: RegExp },
): Promise<void> {
  await assert.rejects(writeToMemory([histograms].flat()), (error) => {
    assert.ok(error instanceof Hdf5Error, String(error));
    assert.match(error.message, expected.message);
    assert.equal(error.reason, expected.reason, error.message);
    return true;
  });
}

Deno.test("writeUhiHdf5: a group needs a name that HDF5 has", async () => {
  for (const name of ["", ".", "a/b", "a\0"]) {
    await assertRefused(histogram({ name }), { reason: "name", message: /group/ });
  }
  const twice = [histogram(), histogram()];
  await assertRefused(twice, { reason: "duplicate", message: /"h"/ });
  const long = histogram({ name: "x".repeat(70_000) });
  await assertRefused(long, { reason: "too_large", message: /the limit is 65528/ });
});

Deno.test("writeUhiHdf5: category keys are of the axis' kind", async () => {
  const message = /axes\[0\]: its category 1 is not a string/;
  await assertRefused(histogram({ categories: [["a", 1], [7]] }), { reason: "value", message });
  for (const wrong of ["7", 7.5, 2n ** 63n]) {
    const integers = /axes\[2\]: its category .* is not an integer/;
    const categories = [["a"], [wrong]];
    await assertRefused(histogram({ categories }), { reason: "value", message: integers });
  }
  const missing = histogram({ categories: [["a"]] });
  await assertRefused(missing, {
    reason: "value",
    message: /2 category axes, but categories for 1/,
  });
});

Deno.test("writeUhiHdf5: a string with NUL is refused, as by h5py", async () => {
  const expected = { reason: "value", message: /holds NUL/ } as const;
  await assertRefused(histogram({ categories: [["a\0b"], [7]] }), expected);
  await assertRefused(histogram({ metadata: new Map([["name", "\0"]]) }), expected);
});

Deno.test("writeUhiHdf5: metadata are scalars; null and @ are left out (UHI)", async () => {
  const scalar = /metadata\.list: UHI has texts, numbers and booleans only/;
  const list = histogram({ metadata: new Map([["list", [1, 2]]]) });
  await assertRefused(list, { reason: "value", message: scalar });
  const wide = histogram({ metadata: new Map([["wide", 2n ** 64n]]) });
  await assertRefused(wide, { reason: "value", message: /does not fit 64 bits/ });
  const unnamed = histogram({ metadata: new Map([["", 1]]) });
  await assertRefused(unnamed, { reason: "name", message: /attribute/ });
  const notes = histogram({ writerInfo: new Map([["program", "1.0"]]) });
  await assertRefused(notes, { reason: "value", message: /writer_info\.program/ });

  const metadata = new Map<string, JsonValue>([["@hidden", [1]], ["none", null], ["kept", 1]]);
  const read = await readUhiHdf5(await writeToMemory([histogram({ metadata })]));
  assert.deepEqual(read.get("h")!.metadata, new Map([["kept", 1]]));
});

Deno.test("writeUhiHdf5: chunks must be the histogram's", async () => {
  for (const index of [[], [0], [0, 0, 0], [3, 0], [0, 2], [-1, 0], [0.5, 0], [NaN, 0]]) {
    const chunks = [{ index, cells: cells(4) }];
    await assertRefused(histogram({ chunks }), { reason: "chunk", message: /have 3, 2 bins/ });
  }
  for (const count of [0, 3, 5]) {
    const chunks = [{ index: [0, 0], cells: cells(count) }];
    await assertRefused(histogram({ chunks }), { reason: "chunk", message: /4/ });
  }
  for (const offsetBytes of [-8, 4, 16, 1e9]) {
    const chunks = [{ index: [0, 0], cells: cells(3), offsetBytes }];
    await assertRefused(histogram({ chunks }), { reason: "chunk", message: /4 cells of 8 bytes/ });
  }
});

Deno.test("writeUhiHdf5: a block is written once, and in order if that was told", async () => {
  const categories = [Array.from({ length: 3000 }, (_, i) => `c${i}`)];
  const axis = new RegularAxis({ bins: 100, lower: 0, upper: 1 });
  const { spec } = new Hist([new StrCategoryAxis({ growth: true }), axis]);
  const write = (indices: number[], ascending: boolean): UhiHdf5Histogram => ({
    name: "h",
    spec,
    categories,
    ascending,
    chunks: indices.map((index) => ({ index: [index], cells: cells(102) })),
  });
  const expected = { reason: "duplicate", message: /twice/ } as const;
  await assertRefused(write([1, 2, 1], false), expected);
  await assertRefused(write([0, 2999, 1], true), expected);
  await writeToMemory([write([2999, 0, 1], false), { ...write([0, 1, 2999], true), name: "i" }]);
});

Deno.test("writeUhiHdf5: errors of the sink and of the chunks pass through", async () => {
  const failure = new RangeError("Cannot store: disk full");
  const sink = { write: () => Promise.reject(failure) };
  await assert.rejects(writeUhiHdf5(sink, [histogram()]), failure);
  const chunks = (function* () {
    yield { index: [0, 0], cells: cells(4) };
    throw failure;
  })();
  await assert.rejects(writeToMemory([histogram({ chunks })]), failure);
});

async function assertUnreadable(
  bytes: Uint8Array,
  expected: RegExp,
  options?: { cellsMax?: number },
): Promise<void> {
  await assert.rejects(readUhiHdf5(bytes, options), (error) => {
    assert.ok(error instanceof HistFormatError, String(error));
    assert.match(error.message, expected);
    return true;
  });
}

Deno.test("readUhiHdf5: what is no HDF5 or holds no histogram is told so", async () => {
  await assertUnreadable(new Uint8Array(0), /Cannot read HDF5: Not an HDF5 file|file signature/);
  await assertUnreadable(new TextEncoder().encode("{}"), /Cannot read HDF5/);
  await assertUnreadable(await writeToMemory([]), /no group has the attribute uhi_schema/);
});

Deno.test("readUhiHdf5: every truncation and many damages are errors or the same histogram", async () => {
  const hist = new Hist([
    new StrCategoryAxis({ categories: ["a", "b"], name: "s" }),
    new RegularAxis({ bins: 600, lower: 0, upper: 1, name: "x" }),
  ], { name: "n" });
  hist.fill([["a", "b", "b"], [0.1, 0.2, 0.9]]);
  const bytes = await writeToMemory([uhiHdf5OfHist(hist, "h")]);
  const text = formatHist(hist);
  for (let length = 0; length < bytes.length; length += 97) {
    await assertUnreadable(bytes.slice(0, length), /Cannot read HDF5/);
  }
  let same = 0;
  for (let at = 0; at < bytes.length; at += 31) {
    const damaged = bytes.slice();
    damaged[at]! ^= 0x55;
    try {
      const read = await readUhiHdf5(damaged, { cellsMax: 10_000 });
      same += formatHist(read.get("h") ?? hist) === text ? 1 : 0;
    } catch (error) {
      const isTyped = error instanceof HistFormatError || error instanceof RangeError;
      assert.ok(isTyped, `byte ${at}: ${String(error)}`);
    }
  }
  assert.ok(same > 0);
  // The library is as good as new.
  assert.equal(formatHist((await readUhiHdf5(bytes)).get("h")!), text);
});

Deno.test("readUhiHdf5: a heap whose objects do not add up is refused (HDF5 2.0 never returns)", async () => {
  const bytes = await writeToMemory([histogram()]);
  const start = new TextDecoder("latin1").decode(bytes).indexOf("GCOL");
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const objectBytes = (at: number): number => 16 + 8 * Math.ceil(view.getUint8(at + 8) / 8);
  let free = 16;
  while (view.getUint16(free, true) !== 0) free += objectBytes(free);
  for (const size of [0n, 8n, 4096n, 2n ** 64n - 1n]) {
    view.setBigUint64(free + 8, size, true);
    await assertUnreadable(bytes, /a global heap is damaged/);
  }
});

Deno.test("readUhiHdf5: takes no more cells than it may", async () => {
  const bytes = await writeToMemory([histogram()]);
  const limited = /h\.axes: make 24 cells; the limit is 23/;
  await assertUnreadable(bytes, limited, { cellsMax: 23 });
  assert.equal((await readUhiHdf5(bytes, { cellsMax: 24 })).size, 1);
});
