/**
 * What lib/hdf5 needs to write a histogram of the registry.
 *
 * @module
 */

import type { UhiHdf5Histogram } from "../hdf5/mod.ts";
import { type JsonValue, parseJson } from "../hist/mod.ts";
import type { StillView } from "./still_view.ts";

/** The histogram as a group named after its id, with all that its description says, chunk by chunk. */
export function uhiHdf5Of(view: StillView): UhiHdf5Histogram {
  const { handle, spec, categories } = view;
  const { metadata, writerInfo } = notesOf(handle.metadata.json);
  return {
    name: handle.metadata.id,
    spec,
    categories,
    chunks: view.chunks(),
    ascending: true,
    metadata: metadata ?? new Map(),
    ...(writerInfo ? { writerInfo } : {}),
  };
}

/** A histogram's metadata and the notes of programs, as its description has them. */
export interface HistogramNotes {
  readonly metadata: ReadonlyMap<string, JsonValue> | null;
  readonly writerInfo: ReadonlyMap<string, JsonValue> | null;
}

/** The notes in UHI JSON that was read before. */
export function notesOf(json: string): HistogramNotes {
  const root = parseJson(json) as ReadonlyMap<string, JsonValue>;
  const [metadata, writerInfo] = ["metadata", "writer_info"].map((key) => {
    const value = root.get(key);
    return value instanceof Map ? value as ReadonlyMap<string, JsonValue> : null;
  });
  return { metadata: metadata!, writerInfo: writerInfo! };
}
