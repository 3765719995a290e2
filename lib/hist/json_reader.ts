/**
 * A reader of JSON (RFC 8259) as Python writes it: bare `NaN`, `Infinity` and `-Infinity` are numbers,
 * integers stay apart from floats, and of repeated keys the last wins.
 *
 * Made for text from anybody: depth and length of integers are limited, keys go to a `Map`, and
 * memory is proportional to the text.
 *
 * @module
 */

import { HistFormatError } from "./hist_format_error.ts";
import { JsonFloat, type JsonValue } from "./json_value.ts";

/** Arrays and objects inside each other: 32 axes of cells, and what is around them. */
const depthMax = 64;

/** Digits of one integer, as in CPython (sys.int_info.default_max_str_digits). */
const integerDigitsMax = 4300;

const zeroFloat = new JsonFloat(0);

/**
 * The value that `text` describes.
 *
 * @throws {HistFormatError} if `text` is not JSON; its path is empty.
 */
export function parseJson(text: string): JsonValue {
  const reader = new JsonReader(text);
  return reader.readDocument();
}

class JsonReader {
  readonly #text: string;
  /** In [0, length of the text]. */
  #position = 0;
  /** In [0, depthMax]. */
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): JsonValue {
    const value = this.#readValue();
    if (!Number.isNaN(this.#nextCode())) this.#fail("expected the end of the text");
    return value;
  }

  /** Skips white space; the code unit that follows, or NaN at the end. */
  #nextCode(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.#position);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = text.charCodeAt(++this.#position);
    }
    return code;
  }

  #readValue(): JsonValue {
    const code = this.#nextCode();
    switch (code) {
      case 0x7b: // {
        return this.#readObject();
      case 0x5b: // [
        return this.#readArray();
      case 0x22: // "
        return this.#readString();
      case 0x74: // t
        return this.#readWord("true", true);
      case 0x66: // f
        return this.#readWord("false", false);
      case 0x6e: // n
        return this.#readWord("null", null);
      case 0x4e: // N
        return this.#readWord("NaN", NaN);
      case 0x49: // I
        return this.#readWord("Infinity", Infinity);
      case 0x2d: // -
        if (this.#text.charCodeAt(this.#position + 1) === 0x49) {
          return this.#readWord("-Infinity", -Infinity);
        }
        return this.#readNumber();
      default:
        if (code >= 0x30 && code <= 0x39) return this.#readNumber();
        return this.#fail("expected a value");
    }
  }

  #readWord<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) this.#fail("expected a value");
    this.#position += word.length;
    return value;
  }

  #readObject(): ReadonlyMap<string, JsonValue> {
    this.#enter();
    const object = new Map<string, JsonValue>();
    if (this.#nextCode() === 0x7d) return this.#leave(object);
    for (;;) {
      if (this.#nextCode() !== 0x22) this.#fail("expected a property name in double quotes");
      const key = this.#readString();
      if (this.#nextCode() !== 0x3a) this.#fail('expected ":"');
      this.#position++;
      object.set(key, this.#readValue());
      const code = this.#nextCode();
      if (code === 0x7d) return this.#leave(object);
      if (code !== 0x2c) this.#fail('expected "," or "}"');
      this.#position++;
    }
  }

  #readArray(): readonly JsonValue[] {
    this.#enter();
    const array: JsonValue[] = [];
    if (this.#nextCode() === 0x5d) return this.#leave(array);
    for (;;) {
      array.push(this.#readValue());
      const code = this.#nextCode();
      if (code === 0x5d) return this.#leave(array);
      if (code !== 0x2c) this.#fail('expected "," or "]"');
      this.#position++;
    }
  }

  #enter(): void {
    if (++this.#depth > depthMax) this.#fail(`nested deeper than ${depthMax} levels`);
    this.#position++;
  }

  #leave<T>(value: T): T {
    this.#depth--;
    this.#position++;
    return value;
  }

  #readString(): string {
    const text = this.#text;
    const start = this.#position;
    let position = start + 1;
    let code = text.charCodeAt(position);
    while (code !== 0x22 && code !== 0x5c && code >= 0x20) code = text.charCodeAt(++position);
    if (code === 0x22) {
      this.#position = position + 1;
      return text.slice(start + 1, position);
    }
    // An escape, an error, or the end: find the closing quote, then let the engine read the string.
    for (;;) {
      if (code === 0x22) break;
      if (code === 0x5c) position++;
      else if (!(code >= 0x20)) {
        this.#position = Math.min(position, text.length);
        this.#fail(
          position < text.length ? "control character in a string" : "unterminated string",
        );
      }
      code = text.charCodeAt(++position);
    }
    this.#position = position + 1;
    try {
      return JSON.parse(text.slice(start, position + 1)) as string;
    } catch {
      this.#position = start;
      return this.#fail("invalid escape in a string");
    }
  }

  #readNumber(): JsonValue {
    const text = this.#text;
    const start = this.#position;
    let position = start;
    if (text.charCodeAt(position) === 0x2d) position++;
    const integerStart = position;
    position = skipDigits(text, position);
    const digits = position - integerStart;
    if (digits === 0 || (digits > 1 && text.charCodeAt(integerStart) === 0x30)) {
      this.#fail("invalid number");
    }
    let isFloat = false;
    if (text.charCodeAt(position) === 0x2e) {
      const end = skipDigits(text, position + 1);
      if (end === position + 1) this.#fail("invalid number");
      position = end;
      isFloat = true;
    }
    if ((text.charCodeAt(position) | 0x20) === 0x65) {
      const sign = text.charCodeAt(position + 1);
      const exponent = position + (sign === 0x2b || sign === 0x2d ? 2 : 1);
      const end = skipDigits(text, exponent);
      if (end === exponent) this.#fail("invalid number");
      position = end;
      isFloat = true;
    }
    if (!isFloat && digits > integerDigitsMax) {
      this.#fail(`integer of more than ${integerDigitsMax} digits`);
    }
    this.#position = position;
    const literal = text.slice(start, position);
    return isFloat ? floatOf(Number(literal)) : integerOf(literal);
  }

  #fail(problem: string): never {
    const before = this.#text.slice(0, this.#position);
    const lineStart = before.lastIndexOf("\n") + 1;
    let line = 1;
    for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line++;
    const column = this.#position - lineStart + 1;
    throw new HistFormatError("", `Cannot read JSON: ${problem} at line ${line}, column ${column}`);
  }
}

function skipDigits(text: string, from: number): number {
  let position = from;
  let code = text.charCodeAt(position);
  while (code >= 0x30 && code <= 0x39) code = text.charCodeAt(++position);
  return position;
}

function floatOf(value: number): number | JsonFloat {
  if (!Number.isInteger(value)) return value;
  return Object.is(value, 0) ? zeroFloat : new JsonFloat(value);
}

function integerOf(literal: string): number | bigint {
  const value = Number(literal);
  return Number.isSafeInteger(value) ? value + 0 : BigInt(literal);
}
