/**
 * What is in an HDF5 file, in the form of tests/data/hdf5/hdf5.json, by the HDF5 library (npm h5wasm).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { File, type Group, ready } from "h5wasm";
import { isDataset, isGroup } from "../../lib/hdf5/h5_file.ts";

/** A group or dataset. */
export interface H5Node {
  name: string;
  kind: string;
  attrs: Record<string, { value: unknown; dtype: string; shape: number[] }>;
  shape?: number[];
  dtype?: string;
  compression?: string | null;
  compression_opts?: number | null;
  shuffle?: boolean;
  value?: unknown;
  sha256?: string;
}

/** Parents before their members, members by name. */
export async function walkH5(bytes: Uint8Array): Promise<H5Node[]> {
  const { FS } = await ready;
  FS.writeFile("/walk.h5", bytes);
  const file = new File("/walk.h5", "r");
  const nodes: H5Node[] = [];
  walk(file, { file, nodes });
  file.close();
  FS.unlink("/walk.h5");
  return nodes;
}

function walk(group: Group, state: { file: File; nodes: H5Node[] }): void {
  state.nodes.push({ name: group.path, kind: "group", attrs: attributes(group) });
  for (const name of group.keys().sort()) {
    const member = group.get(name);
    if (isGroup(member)) walk(member, state);
    if (!isDataset(member)) continue;
    const { metadata, shape, filters } = member;
    const deflate = filters.find(({ id }) => id === 1);
    const value = metadata.total_size === 0 ? [] : member.value;
    const node: H5Node = {
      name: member.path,
      kind: "dataset",
      attrs: attributes(member),
      shape: shape ?? [],
      dtype: typeName(metadata),
      compression: deflate === undefined ? null : "gzip",
      compression_opts: deflate?.cd_values[0] ?? null,
      shuffle: filters.some(({ id }) => id === 2),
    };
    if (metadata.ref_type === "object") {
      node.value = (value as never[]).map((reference) =>
        (state.file.dereference(reference) as unknown as Group).path
      );
    } else if (metadata.type === 3 || metadata.total_size < 300) {
      node.value = plain(value);
    } else {
      const { buffer, byteOffset, byteLength } = value as Float64Array;
      node.sha256 = createHash("sha256").update(
        new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
      ).digest("hex");
    }
    state.nodes.push(node);
  }
}

function attributes(group: { attrs: Group["attrs"] }): H5Node["attrs"] {
  return Object.fromEntries(
    Object.entries(group.attrs).map(([name, { value, metadata }]) => [name, {
      value: metadata.type === 8 ? plain(value) === 1 : plain(value),
      dtype: typeName(metadata),
      shape: metadata.shape ?? [],
    }]),
  );
}

interface Type {
  type: number;
  size: number;
  vlen: boolean;
  cset?: number;
  enum_type?: { members: Readonly<Record<string, number>> };
}

function typeName(type: Type): string {
  if (type.type === 0) return `int${8 * type.size}`;
  if (type.type === 1) return `float${8 * type.size}`;
  if (type.type === 8) {
    return JSON.stringify(type.enum_type?.members) === '{"FALSE":0,"TRUE":1}' ? "bool" : "enum";
  }
  return type.type === 7 || (type.vlen && type.cset === 1) ? "object" : "unknown";
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as number[], plain);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
