/**
 * The messages of `HistogrammerService` as bytes, written after the table of fields.
 *
 * @module
 */
import { bytesField, concat, parseFields, varintField } from "./wire_bytes.ts";

/** One component of a chunk key; null is a ChunkScalar without a value. */
export type KeyPart = string | number | bigint | null;

export interface ChunkFields {
  readonly key?: readonly KeyPart[];
  readonly view: Uint8Array;
}

export interface FillFields {
  readonly uniqueId?: Uint8Array | string;
  readonly key?: readonly KeyPart[];
  readonly view?: Uint8Array;
  readonly codec?: string;
}

export interface SnapshotFields {
  readonly isDelete?: boolean;
  readonly selectors?: readonly { axis: string; values: readonly KeyPart[] }[];
  readonly codec?: string;
}

export interface PayloadFields {
  readonly chunks?: readonly ChunkFields[];
  readonly codec?: string;
}

/** FillRequest. */
export function fillMessage(histId: string, fields: FillFields): Uint8Array {
  return concat(
    bytesField(1, histId),
    ...optional(2, fields.uniqueId),
    ...(fields.key ?? []).map((part) => bytesField(3, scalarMessage(part))),
    ...optional(4, fields.view),
    ...optional(5, fields.codec),
  );
}

/** FillManyRequest. */
export function fillManyMessage(
  histId: string,
  fields: PayloadFields & { uniqueId?: Uint8Array | string },
): Uint8Array {
  return concat(
    bytesField(1, histId),
    ...optional(2, fields.uniqueId),
    ...(fields.chunks ?? []).map((chunk) => bytesField(3, chunkMessage(chunk))),
    ...optional(4, fields.codec),
  );
}

/** InitRequest. */
export function initMessage(histJson: string, fields: PayloadFields = {}): Uint8Array {
  const payload = concat(
    bytesField(1, histJson),
    ...(fields.chunks ?? []).map((chunk) => bytesField(2, chunkMessage(chunk))),
    ...optional(3, fields.codec),
  );
  return bytesField(1, payload);
}

/** SnapshotRequest. */
export function snapshotMessage(histId: string, fields: SnapshotFields = {}): Uint8Array {
  const selectors = (fields.selectors ?? []).map(({ axis, values }) => {
    const scalars = values.map((value) => bytesField(2, scalarMessage(value)));
    return bytesField(3, concat(bytesField(1, axis), ...scalars));
  });
  return concat(
    bytesField(1, histId),
    ...(fields.isDelete === true ? [varintField(2, 1)] : []),
    ...selectors,
    ...optional(4, fields.codec),
  );
}

/** FlushRequest. */
export function flushMessage(histId: string, destination: string): Uint8Array {
  return concat(bytesField(1, histId), bytesField(2, destination));
}

/** Describe-, Exists-, Delete- and ResetRequest. */
export function idMessage(histId: string): Uint8Array {
  return bytesField(1, histId);
}

/** WasFilledWithUniqueIdRequest. */
export function wasFilledMessage(histId: string, uniqueId: Uint8Array | string): Uint8Array {
  return concat(bytesField(1, histId), bytesField(2, uniqueId));
}

/** The chunks of a SnapshotResponse: key parts, separated by "|", and the bytes of the view. */
export function snapshotChunks(response: Uint8Array): Map<string, Uint8Array> {
  const payload = parseFields(response).get(1)?.at(-1) as Uint8Array;
  const chunks = (parseFields(payload).get(2) ?? []) as Uint8Array[];
  return new Map(chunks.map((chunk) => {
    const fields = parseFields(chunk);
    const key = ((fields.get(1) ?? []) as Uint8Array[]).map(keyPartText).join("|");
    return [key, (fields.get(2)?.at(-1) ?? new Uint8Array()) as Uint8Array];
  }));
}

/** Little-endian float64 cells. */
export function doubleView(cells: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(cells).buffer);
}

/** The cells of a view of little-endian float64, at any alignment. */
export function doublesOf(view: Uint8Array): number[] {
  return [...new Float64Array(view.slice().buffer)];
}

function keyPartText(scalar: Uint8Array): string {
  const fields = parseFields(scalar);
  const text = fields.get(1)?.at(-1);
  if (text instanceof Uint8Array) return new TextDecoder().decode(text);
  return String(BigInt.asIntN(64, (fields.get(2)?.at(-1) ?? 0n) as bigint));
}

function scalarMessage(part: KeyPart): Uint8Array {
  if (part === null) return new Uint8Array();
  return typeof part === "string" ? bytesField(1, part) : varintField(2, part);
}

function chunkMessage(chunk: ChunkFields): Uint8Array {
  const key = (chunk.key ?? []).map((part) => bytesField(1, scalarMessage(part)));
  return concat(...key, bytesField(2, chunk.view));
}

function optional(number: number, value: Uint8Array | string | undefined): Uint8Array[] {
  return value === undefined ? [] : [bytesField(number, value)];
}
