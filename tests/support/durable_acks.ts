/**
 * Checks in a log of system calls that no fill was acknowledged before it was on disk.
 *
 * The rule: the unique id of the fill is written to a file, a later fsync or fdatasync of that file
 * returns 0, and only then begins the write of the first byte of the response to the socket.
 *
 * @module
 */
import { Buffer } from "node:buffer";

import { bytesOf, parseStraceLog, type SystemCall, targetOf } from "./strace_log.ts";

/** What the log says about one fill. */
export interface AckFinding {
  /** Hexadecimal. */
  readonly uniqueId: string;
  readonly verdict: "durable" | "never answered" | "never written" | "not synced before the ack";
}

/** System calls that {@linkcode findAcks} needs to see. */
export const tracedCalls =
  "fsync,fdatasync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,read,readv,recvfrom,recvmsg";

const sendNames = new Set(["sendto", "sendmsg", "write", "writev"]);
const receiveNames = new Set(["recvfrom", "recvmsg", "read", "readv"]);
const fileWriteNames = new Set(["write", "writev", "pwrite64", "pwritev", "pwritev2"]);
const syncNames = new Set(["fsync", "fdatasync"]);

const headersFrame = 1;
const prefaceBytes = 24;

/** Finds, for each unique id (32 random bytes), whether its ack was covered by a sync. */
export function findAcks(log: string, uniqueIds: readonly Uint8Array[]): AckFinding[] {
  const calls = parseStraceLog(log);
  const ackStarts = findAckStarts(calls, uniqueIds);
  const writes = calls.filter((call) => fileWriteNames.has(call.name) && isFile(targetOf(call)));
  const syncs = calls.filter((call) => syncNames.has(call.name) && call.result === 0);
  const contents = writes.map((call) => Buffer.from(bytesOf(call)));
  return uniqueIds.map((bytes): AckFinding => {
    const uniqueId = bytes.toHex();
    const ackStart = ackStarts.get(uniqueId);
    if (ackStart === undefined) return { uniqueId, verdict: "never answered" };
    // A page of the database may cut the id in two; one half is whole.
    const halves = [bytes.subarray(0, 16), bytes.subarray(16)];
    const index = contents.findIndex((content) =>
      halves.some((half) => content.includes(Buffer.from(half)))
    );
    if (index < 0) return { uniqueId, verdict: "never written" };
    const write = writes[index]!;
    const isCovered = syncs.some((sync) =>
      targetOf(sync) === targetOf(write) && sync.start > write.end && sync.end < ackStart
    );
    return { uniqueId, verdict: isCovered ? "durable" : "not synced before the ack" };
  });
}

/** Where the write of each response began, by the unique id in the request of the same stream. */
function findAckStarts(
  calls: readonly SystemCall[],
  uniqueIds: readonly Uint8Array[],
): Map<string, number> {
  const starts = new Map<string, number>();
  for (const socket of new Set(calls.map(targetOf).filter((target) => target.startsWith("TCP")))) {
    const own = calls.filter((call) => targetOf(call) === socket && call.result > 0);
    const requests = new Map<number, Uint8Array[]>();
    const received = framesOf(own.filter((call) => receiveNames.has(call.name)), prefaceBytes);
    for (const frame of received) {
      const pieces = requests.get(frame.stream) ?? [];
      requests.set(frame.stream, [...pieces, frame.payload]);
    }
    const sent = framesOf(own.filter((call) => sendNames.has(call.name)), 0);
    for (const [stream, pieces] of requests) {
      const response = sent.find((frame) => frame.stream === stream && frame.type === headersFrame);
      const body = Buffer.concat(pieces);
      const uniqueId = uniqueIds.find((bytes) => body.includes(Buffer.from(bytes)));
      if (response !== undefined && uniqueId !== undefined) {
        starts.set(uniqueId.toHex(), response.start);
      }
    }
  }
  return starts;
}

interface TracedFrame {
  readonly type: number;
  readonly stream: number;
  readonly payload: Uint8Array;
  /** Line where the system call began that carried the first byte of the frame. */
  readonly start: number;
}

/** The HTTP/2 frames in one direction of one connection. */
function framesOf(calls: readonly SystemCall[], skippedBytes: number): TracedFrame[] {
  const pieces = calls.map(bytesOf);
  const bytes = Buffer.concat(pieces);
  const ends: number[] = [];
  for (const piece of pieces) ends.push((ends.at(-1) ?? 0) + piece.length);
  const frames: TracedFrame[] = [];
  for (let offset = skippedBytes; offset + 9 <= bytes.length;) {
    const length = bytes.readUIntBE(offset, 3);
    frames.push({
      type: bytes[offset + 3]!,
      stream: bytes.readUInt32BE(offset + 5) & 0x7fffffff,
      payload: bytes.subarray(offset + 9, offset + 9 + length),
      start: calls[ends.findIndex((end) => end > offset)]!.start,
    });
    offset += 9 + length;
  }
  return frames;
}

function isFile(target: string): boolean {
  return target.startsWith("/") && !target.startsWith("/dev/");
}
