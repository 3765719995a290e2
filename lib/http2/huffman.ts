/**
 * The HPACK Huffman code (RFC 7541 §5.2 and Appendix B), decoded four bits at a time.
 *
 * The code is canonical, so that the lengths of its words are all there is to store.
 *
 * @module
 */

import { ConnectionError, ErrorCode } from "./error_code.ts";
import { latin1Code } from "./latin1.ts";

// deno-fmt-ignore
/** Bits of the word of each byte value; the last is EOS. In [5, 30]. */
const wordBits = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];
const eosSymbol = 256;
const wordCodes = canonicalCodes();

const emitsBit = 0x100;
const mayEndBit = 0x200;
const failsBit = 0x400;

/**
 * For state `s` (an inner node of the code's tree, 0 its root) and the next four bits `b`, entry `16 s + b`:
 * bits 0–7 a decoded byte, bit 8 whether there is one, bit 9 whether input may end here, bit 10 failure (EOS), bits 16–24 the next state.
 */
const transitions = buildTransitions();

/** Bytes that a Huffman string of `length` bytes can decode to, at most: the shortest word has five bits. */
export function huffmanDecodedBytesMax(length: number): number {
  return Math.floor((length * 8) / 5);
}

/**
 * Decodes `bytes[start, end)` into `target` from 0, which holds {@linkcode huffmanDecodedBytesMax}.
 *
 * @returns the number of decoded bytes.
 * @throws {ConnectionError} COMPRESSION_ERROR for EOS, or padding that is longer than 7 bits or not all ones.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  range: { start: number; end: number; target: Uint8Array },
): number {
  const { start, end, target } = range;
  let length = 0;
  let entry = mayEndBit;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    entry = transitions[((entry >>> 16) << 4) | (byte >>> 4)]!;
    if ((entry & emitsBit) !== 0) target[length++] = entry & 0xff;
    if ((entry & failsBit) !== 0) throw huffmanError();
    entry = transitions[((entry >>> 16) << 4) | (byte & 15)]!;
    if ((entry & emitsBit) !== 0) target[length++] = entry & 0xff;
    if ((entry & failsBit) !== 0) throw huffmanError();
  }
  if ((entry & mayEndBit) === 0) throw huffmanError();
  return length;
}

/**
 * Bytes of `text` (latin-1) in Huffman code.
 *
 * @throws {TypeError} if a character is above U+00FF.
 */
export function huffmanEncodedBytes(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += wordBits[latin1Code(text, i)]!;
  return Math.ceil(bits / 8);
}

/** Writes `text` (latin-1) in Huffman code to `target` at `at`, padded with ones; returns the position after it. */
export function encodeHuffman(text: string, target: Uint8Array, at: number): number {
  let pending = 0;
  let pendingBits = 0; // In [0, 7] between words.
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i);
    // At most 7 + 30 bits: beyond 32, so in floating point.
    pending = pending * 2 ** wordBits[symbol]! + wordCodes[symbol]!;
    pendingBits += wordBits[symbol]!;
    while (pendingBits >= 8) {
      pendingBits -= 8;
      const byte = Math.floor(pending / 2 ** pendingBits);
      target[at++] = byte;
      pending -= byte * 2 ** pendingBits;
    }
  }
  if (pendingBits > 0) target[at++] = (pending << (8 - pendingBits)) | (0xff >>> pendingBits);
  return at;
}

function huffmanError(): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, "Malformed Huffman code");
}

/** Words of equal length are consecutive numbers in the order of their symbols. */
function canonicalCodes(): Uint32Array {
  const order = wordBits.map((_, symbol) => symbol);
  order.sort((a, b) => wordBits[a]! - wordBits[b]! || a - b);
  const codes = new Uint32Array(wordBits.length);
  let code = 0;
  let bits = 0;
  for (const symbol of order) {
    code *= 2 ** (wordBits[symbol]! - bits);
    bits = wordBits[symbol]!;
    codes[symbol] = code++;
  }
  return codes;
}

function buildTransitions(): Uint32Array {
  // Children of inner node n at 2n and 2n + 1: 0 = none yet, > 0 = inner node, < 0 = -1 - symbol.
  const children: number[] = [0, 0];
  const paddingNodes = new Set([0]); // Nodes on the path of ones, and so of legal padding.
  for (let symbol = 0; symbol <= eosSymbol; symbol++) {
    let node = 0;
    for (let bit = wordBits[symbol]! - 1; bit >= 0; bit--) {
      const slot = 2 * node + (Math.floor(wordCodes[symbol]! / 2 ** bit) & 1);
      if (bit === 0) children[slot] = -1 - symbol;
      else {
        if (children[slot] === 0) {
          children[slot] = children.length / 2;
          children.push(0, 0);
        }
        node = children[slot]!;
      }
    }
  }
  for (let node = 0, depth = 0; depth < 7; depth++) {
    node = children[2 * node + 1]!;
    paddingNodes.add(node);
  }
  const table = new Uint32Array((children.length / 2) * 16);
  for (let index = 0; index < table.length; index++) {
    let node = index >>> 4;
    let entry = 0;
    for (let bit = 3; bit >= 0; bit--) {
      const child = children[2 * node + ((index >>> bit) & 1)]!;
      if (child === -1 - eosSymbol) entry |= failsBit;
      if (child < 0) entry |= emitsBit | ((-1 - child) & 0xff);
      node = Math.max(child, 0);
    }
    table[index] = entry | (paddingNodes.has(node) ? mayEndBit : 0) | (node << 16);
  }
  return table;
}
