/**
 * Which entries of a fill go into which chunk: entries of the same categories are a group.
 *
 * A category that an axis does not have goes into its overflow bin, a component of one zero byte, or if there is none,
 * nowhere. A growing axis takes them all.
 *
 * @module
 */

import type { CategoryAxis } from "../../hist/mod.ts";
import { encodeChunkKey } from "../../wire/mod.ts";
import { Code, invalidArgument, ServiceError } from "../errors.ts";
import { CHUNK_KEY_BYTES_MAX } from "../payload.ts";
import type { SampleColumn } from "./columns.ts";

/** Groups in the order of their first entries. */
export interface EntryGroups {
  /** Keys of their chunks, canonical bytes. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[];
  /** The group of each entry, -1 if it goes nowhere; or that of all of them. */
  readonly groups: Int32Array<ArrayBuffer> | number;
}

/** Chunks that one fill may touch: they are added in one go, while others wait. */
export const CHUNKS_MAX = 2 ** 17;

/** The component of a chunk key that stands for an axis's overflow bin. */
export const OVERFLOW_COMPONENT: Uint8Array<ArrayBuffer> = Uint8Array.of(0);

/** @throws {ServiceError} INVALID_ARGUMENT if a key would be too long, RESOURCE_EXHAUSTED past {@linkcode CHUNKS_MAX}. */
export function groupEntries(
  axes: readonly CategoryAxis[],
  columns: readonly SampleColumn[],
): EntryGroups {
  let groups: Int32Array<ArrayBuffer> | number = 0;
  let keys: Uint8Array<ArrayBuffer>[] = [new Uint8Array(0)];
  for (const [i, axis] of axes.entries()) {
    const places = placesOn(axis, columns[i]!);
    const joined: Joined = typeof groups === "number" && typeof places.places === "number"
      ? joinOne(groups, places.places)
      : joinAll(groups, places.places);
    keys = joined.pairs.map(([group, place]) => join(keys[group]!, places.components[place]!));
    groups = joined.groups;
  }
  const long = keys.find((key) => key.length > CHUNK_KEY_BYTES_MAX);
  if (long) {
    throw invalidArgument(
      `columns: the categories of an entry make a key of ${long.length} bytes, the limit is ${CHUNK_KEY_BYTES_MAX}`,
    );
  }
  return { keys, groups };
}

interface Places {
  readonly components: readonly Uint8Array<ArrayBuffer>[];
  /** Which component each entry has, -1 for none. */
  readonly places: Int32Array<ArrayBuffer> | number;
}

/** The components of a column, each once. */
function placesOn(axis: CategoryAxis, column: SampleColumn): Places {
  const components: Uint8Array<ArrayBuffer>[] = [];
  const known = new Map<string | number, number>();
  let overflow = -1;
  const placeOf = (value: string | number): number => {
    const place = known.get(value);
    if (place !== undefined) return place;
    if (axis.growth || isListed(axis, value)) {
      checkCount(components.length + 1);
      const scalar = typeof value === "string" ? value : BigInt(value);
      known.set(value, components.length);
      return components.push(encodeChunkKey([scalar])) - 1;
    }
    // Not kept: there may be as many of them as entries.
    if (overflow < 0 && axis.overflow) overflow = components.push(OVERFLOW_COMPONENT) - 1;
    return overflow;
  };
  if (typeof column === "string" || typeof column === "number") {
    return { components, places: placeOf(column) };
  }
  const places = new Int32Array(column.length);
  for (let k = 0; k < places.length; k++) places[k] = placeOf(column[k]!);
  return { components, places };
}

function checkCount(chunks: number): void {
  if (chunks <= CHUNKS_MAX) return;
  throw new ServiceError(
    Code.ResourceExhausted,
    `columns: touch more than ${CHUNKS_MAX} chunks; fill in parts`,
  );
}

function isListed(axis: CategoryAxis, value: string | number): boolean {
  return axis.type === "category_str"
    ? axis.index(value as string) < axis.size
    : axis.index(value as number) < axis.size;
}

interface Joined {
  /** Group before, and place on the axis, of each new group. */
  readonly pairs: readonly (readonly [group: number, place: number])[];
  readonly groups: Int32Array<ArrayBuffer> | number;
}

function joinOne(group: number, place: number): Joined {
  return (group | place) < 0 ? { pairs: [], groups: -1 } : { pairs: [[group, place]], groups: 0 };
}

function joinAll(
  before: Int32Array<ArrayBuffer> | number,
  places: Int32Array<ArrayBuffer> | number,
): Joined {
  const count = typeof before === "number" ? (places as Int32Array).length : before.length;
  const groups = new Int32Array(count);
  const pairs: [number, number][] = [];
  const known = new Map<number, number>();
  // Both are below 2^24, the most entries: their pair is one exact number.
  let last = -1;
  let lastGroup = -1;
  for (let k = 0; k < count; k++) {
    const group = typeof before === "number" ? before : before[k]!;
    const place = typeof places === "number" ? places : places[k]!;
    if ((group | place) < 0) {
      groups[k] = -1;
      continue;
    }
    const pair = group * 2 ** 26 + place;
    if (pair !== last) {
      last = pair;
      lastGroup = known.get(pair) ?? -1;
      if (lastGroup < 0) {
        lastGroup = pairs.push([group, place]) - 1;
        checkCount(pairs.length);
        known.set(pair, lastGroup);
      }
    }
    groups[k] = lastGroup;
  }
  return { pairs, groups };
}

function join(
  head: Uint8Array<ArrayBuffer>,
  tail: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
