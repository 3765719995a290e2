/**
 * The messages of one or two scalar fields, read and written without the protobuf runtime.
 *
 * @module
 */

import { varintBytes, writeVarint } from "./wire_writer.ts";
import { WireReader } from "./wire_reader.ts";

/** What a WasFilledWithUniqueIdRequest says. `uniqueId` is a view of the message. */
export interface WasFilledView {
  /** Empty if absent; any text. */
  histId: string;
  /** Empty if absent. */
  uniqueId: Uint8Array;
}

/** What a FlushRequest says. */
export interface FlushView {
  /** Empty if absent; any text. */
  histId: string;
  /** Empty if absent; any text, never to be trusted as a path. */
  destination: string;
}

const lengthDelimited = 2;
const firstTag = 1 << 3 | lengthDelimited;
const secondTag = 2 << 3 | lengthDelimited;
const empty = new Uint8Array(0);

/**
 * Decodes a request whose only field is `hist_id`: Describe, Exists, Delete, Reset.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeHistId(message: Uint8Array): string {
  const reader = new WireReader(message);
  let histId = "";
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === firstTag) histId = reader.text();
    else reader.skip(tag);
  }
  return histId;
}

/**
 * Reads a request without fields: Stats. Unknown fields are skipped.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeEmpty(message: Uint8Array): void {
  const reader = new WireReader(message);
  while (reader.offset < reader.end) reader.skip(reader.tag());
}

/**
 * Decodes a WasFilledWithUniqueIdRequest.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeWasFilled(message: Uint8Array): WasFilledView {
  const reader = new WireReader(message);
  const view: WasFilledView = { histId: "", uniqueId: empty };
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === firstTag) view.histId = reader.text();
    else if (tag === secondTag) view.uniqueId = reader.value();
    else reader.skip(tag);
  }
  return view;
}

/**
 * Decodes a FlushRequest.
 *
 * @throws {WireError} if the bytes are no protobuf message.
 */
export function decodeFlush(message: Uint8Array): FlushView {
  const reader = new WireReader(message);
  const view: FlushView = { histId: "", destination: "" };
  while (reader.offset < reader.end) {
    const tag = reader.tag();
    if (tag === firstTag) view.histId = reader.text();
    else if (tag === secondTag) view.destination = reader.text();
    else reader.skip(tag);
  }
  return view;
}

/** Encodes a response whose only field 1 is text: `hist_id` of Init, `hist_json` of Describe. */
export function encodeTextResponse(text: string): Uint8Array<ArrayBuffer> {
  const value = new TextEncoder().encode(text);
  if (value.length === 0) return value;
  const message = new Uint8Array(1 + varintBytes(value.length) + value.length);
  message[0] = firstTag;
  message.set(value, writeVarint(message, { offset: 1, value: value.length }));
  return message;
}

/** Encodes a response whose only field 1 is a bool: `exists`, `was_filled`. */
export function encodeBoolResponse(flag: boolean): Uint8Array<ArrayBuffer> {
  return flag ? Uint8Array.of(1 << 3, 1) : new Uint8Array(0);
}
