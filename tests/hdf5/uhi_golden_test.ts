import assert from "node:assert/strict";
import { formatHist, type Hist, parseHist, parseJson } from "../../lib/hist/mod.ts";
import { readUhiHdf5, uhiHdf5OfHist } from "../../lib/hdf5/mod.ts";
import { type H5Node, walkH5 } from "./h5_walk.ts";
import { writeToMemory } from "./memory_sink.ts";

interface Golden {
  files: { file: string; tree: H5Node[]; uhi_text: Record<string, string> }[];
}

const folder = new URL("../data/hdf5/", import.meta.url);
const golden: Golden = JSON.parse(Deno.readTextFileSync(new URL("hdf5.json", folder)));

function readGoldenFile(file: string): Promise<Map<string, Hist>> {
  return readUhiHdf5(Deno.readFileSync(new URL(file.replace("hdf5/", ""), folder)));
}

/** Without what only Python sees, and what a writer may choose: the shape of blocks. */
function comparable(nodes: readonly H5Node[]): Map<string, H5Node> {
  return new Map(nodes.map((node) => [node.name, {
    name: node.name,
    kind: node.kind === "group" ? "group" : "dataset",
    attrs: Object.fromEntries(
      Object.entries(node.attrs).sort(([a], [b]) => a < b ? -1 : 1).map(([name, attribute]) => {
        const { value, dtype, shape } = attribute;
        return [name, { value, dtype, shape }];
      }),
    ),
    ...(node.shape === undefined ? {} : {
      shape: node.shape,
      dtype: node.dtype!,
      compression: node.compression ?? null,
      compression_opts: node.compression_opts ?? null,
      shuffle: node.shuffle ?? false,
    }),
    ...(node.value === undefined ? {} : { value: [node.value].flat(40) }),
    ...(node.sha256 === undefined ? {} : { sha256: node.sha256 }),
  }]));
}

for (const { file, tree, uhi_text } of golden.files) {
  Deno.test(`UhiHdf5: has groups, attributes, types and values as ${file} (hdf5.json)`, async () => {
    const hists = await readGoldenFile(file);
    const bytes = await writeToMemory([...hists].map(([name, hist]) => uhiHdf5OfHist(hist, name)));
    const written = comparable(await walkH5(bytes));
    const expected = comparable(tree);
    assert.deepEqual([...written.keys()].sort(), [...expected.keys()].sort());
    for (const [name, node] of expected) assert.deepEqual(written.get(name), node);
  });

  Deno.test(`readUhiHdf5: reads ${file} as the same histograms as UHI JSON (hdf5.json)`, async () => {
    const hists = await readGoldenFile(file);
    for (const [name, text] of Object.entries(uhi_text)) {
      // HDF5 keeps no order of attributes: as maps.
      const read = parseJson(formatHist(hists.get(name)!));
      assert.deepEqual(read, parseJson(formatHist(parseHist(text))), name);
    }
  });
}
