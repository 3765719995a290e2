import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type FillColumn, Hist } from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import {
  type GoldenAxis,
  goldenAxis,
  type GoldenNumber,
  ints,
  normals,
  readGolden,
  storageNames,
  uniforms,
} from "./golden.ts";

interface FuzzCase {
  id: number;
  axes: GoldenAxis[];
  storage: string;
  n: number;
  seed: number;
  weighted: boolean;
  shape: number[];
  sha256: string;
  final_axes: {
    size: number;
    extent: number;
    categories?: (number | string)[];
    first?: GoldenNumber;
    last?: GoldenNumber;
  }[];
}

// Another file of the same generator may be given, to try other seeds.
const other = Deno.env.get("HISTSERV_FUZZ_GOLDEN");
const files: Record<string, { cases: FuzzCase[] }> = other === undefined
  ? { "fuzz.json": readGolden("fuzz.json"), "fuzz_240.json": readGolden("fuzz_240.json") }
  : { [other]: JSON.parse(Deno.readTextFileSync(other)) };
const goldens = Object.entries(files)
  .flatMap(([file, { cases }]) => cases.map((golden) => ({ file, golden })));

function columnOf(axis: GoldenAxis, prng: SeededPrng, count: number): FillColumn {
  switch (axis.type) {
    case "Integer":
      return ints(prng, count, [-3, 9]);
    case "Boolean":
      return ints(prng, count, [0, 2]).map((bit) => bit === 1);
    case "IntCategory":
      return Int32Array.from(ints(prng, count, [0, 6]));
    case "StrCategory":
      return ints(prng, count, [0, 6]).map((category) => `k${category}`);
    default:
      return normals(prng, count).map((x) => 1.5 * x);
  }
}

for (const { file, golden } of goldens) {
  const storage = storageNames[golden.storage]!;
  const kinds = golden.axes.map(({ type }) => type).join(" x ");

  Deno.test(`Hist: fuzz ${golden.id}, ${kinds}, ${golden.storage}, bit for bit (${file})`, () => {
    const hist = new Hist(golden.axes.map(goldenAxis), { storage });
    const { n, seed } = golden;
    const columns = golden.axes.map((axis, i) => columnOf(axis, new SeededPrng(seed + i), n));
    const weight = uniforms(new SeededPrng(seed + 100), n).map((u) => 0.5 + u);
    const sample = normals(new SeededPrng(seed + 200), n);
    hist.fill(columns, {
      ...(golden.weighted ? { weight } : {}),
      ...(storage.endsWith("mean") ? { sample } : {}),
    });

    assert.deepEqual(hist.extents, golden.shape);
    const { buffer, byteOffset, byteLength } = hist.cells;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), golden.sha256);
    for (const [i, axis] of hist.axes.entries()) {
      const final = golden.final_axes[i]!;
      assert.deepEqual([axis.size, axis.extent], [final.size, final.extent]);
      if (axis.type === "category_int" || axis.type === "category_str") {
        assert.deepEqual(axis.categories, final.categories);
      } else {
        assert.equal(axis.edge(0), final.first);
        assert.equal(axis.edge(axis.size), final.last);
      }
    }
  });
}
