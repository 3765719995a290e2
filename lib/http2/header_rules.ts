/**
 * Which header lists are well-formed (RFC 9113 §8.2, §8.3).
 *
 * @module
 */

import type { HeaderList } from "./events.ts";

/** A request's header list, judged. */
export interface RequestVerdict {
  /** Why it is malformed; `null` if it is not. */
  readonly fault: string | null;
  /** Of content-length; -1 without one. */
  readonly contentBytes: number;
}

/** Lower-case token characters (RFC 9110 §5.6.2), by code. */
const isNameCode = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  isNameCode[character.charCodeAt(0)] = 1;
}

/** Fields of HTTP/1.1 connections (RFC 9113 §8.2.2). */
const connectionFields = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const requestPseudoFields = new Set([":method", ":scheme", ":path", ":authority"]);

/** Judges the header list of a request (RFC 9113 §8.3.1). */
export function judgeRequest(headers: HeaderList): RequestVerdict {
  const pseudo = new Map<string, string>();
  let contentLength: string | undefined;
  let isPastPseudo = false;
  for (const [name, value] of headers) {
    if (name.charCodeAt(0) === 0x3a) {
      if (isPastPseudo) return faulty("pseudo field after others");
      if (!requestPseudoFields.has(name)) return faulty("unknown pseudo field");
      if (pseudo.has(name)) return faulty("repeated pseudo field");
      pseudo.set(name, value);
      if (valueFault(value)) return faulty("field value");
      continue;
    }
    isPastPseudo = true;
    const fault = fieldFault(name, value);
    if (fault !== null) return faulty(fault);
    if (name === "content-length") {
      if (contentLength !== undefined && contentLength !== value) return faulty("content-length");
      contentLength = value;
    }
  }
  const fault = pseudoFault(pseudo);
  if (fault !== null) return faulty(fault);
  if (contentLength === undefined) return { fault: null, contentBytes: -1 };
  if (!/^\d{1,15}$/.test(contentLength)) return faulty("content-length");
  return { fault: null, contentBytes: Number(contentLength) };
}

/** Why trailers are malformed, or `null` (RFC 9113 §8.1). */
export function trailersFault(headers: HeaderList): string | null {
  for (const [name, value] of headers) {
    const fault = fieldFault(name, value);
    if (fault !== null) return fault;
  }
  return null;
}

/** RFC 9113 §8.3.1; CONNECT: §8.5. */
function pseudoFault(pseudo: ReadonlyMap<string, string>): string | null {
  const method = pseudo.get(":method");
  if (method === undefined || method === "") return "no :method";
  if (method === "CONNECT") {
    return pseudo.size === 2 && pseudo.has(":authority") ? null : "CONNECT takes :authority only";
  }
  if (!pseudo.has(":scheme")) return "no :scheme";
  const path = pseudo.get(":path");
  return path === undefined || path === "" ? "no :path" : null;
}

/** RFC 9113 §8.2.1, §8.2.2. A colon is no name character, so pseudo fields are refused, too. */
function fieldFault(name: string, value: string): string | null {
  if (name.length === 0) return "empty field name";
  for (let i = 0; i < name.length; i++) {
    if (isNameCode[name.charCodeAt(i)] !== 1) return "field name";
  }
  if (valueFault(value)) return "field value";
  if (connectionFields.has(name)) return "connection-specific field";
  if (name === "te" && value !== "trailers") return "te other than trailers";
  return null;
}

/** RFC 9113 §8.2.1: no NUL, CR, LF; no space or tab at either end. */
function valueFault(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0x00 || code === 0x0a || code === 0x0d) return true;
  }
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function faulty(fault: string): RequestVerdict {
  return { fault, contentBytes: -1 };
}
