import assert from "node:assert/strict";
import {
  formatPythonFloat,
  formatPythonJson,
  HistFormatError,
  JsonFloat,
  parseJson,
} from "../../lib/hist/mod.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { readGolden } from "./golden.ts";

const golden = readGolden<{ float_repr: { bits_hex: string; py: string }[] }>("uhi_json.json");

Deno.test("formatPythonFloat: as Python's json (uhi_json.json, float_repr)", () => {
  for (const { bits_hex: bits, py } of golden.float_repr) {
    const value = new Float64Array(new BigUint64Array([BigInt(`0x${bits}`)]).buffer)[0]!;
    assert.equal(formatPythonFloat(value), py);
  }
});

Deno.test("parseJson: reads back what formatPythonFloat wrote, bit for bit", () => {
  const seed = 20261122;
  const prng = new SeededPrng(seed);
  const words = new Uint32Array(2);
  for (let i = 0; i < 20_000; i++) {
    words[0] = prng.u32();
    words[1] = prng.u32();
    const value = new Float64Array(words.buffer)[0]!;
    const read = parseJson(formatPythonFloat(value));
    const number = read instanceof JsonFloat ? read.value : read;
    assert.ok(Object.is(number, value), `seed ${seed}, number ${i}: ${value}`);
  }
});

Deno.test("parseJson: text that Python wrote comes out as it went in", () => {
  for (
    const text of [
      '{"a": [1, 1.0, -0.0, 1e-05, NaN, Infinity, -Infinity], "b": {}, "c": [], "d": null}',
      '["tt\\u0304", "\\ud83d\\ude00", "\\ud800", "\\u007f", "\\"\\\\/\\b\\f\\n\\r\\t\\u0001"]',
      "[9007199254740993, -18446744073709551616, true, false]",
      '{"__proto__": 1, "constructor": 2, "10": 3, "9": 4}',
    ]
  ) {
    assert.equal(formatPythonJson(parseJson(text)), text);
  }
});

Deno.test("parseJson: of repeated keys the last wins, as in Python", () => {
  assert.equal(formatPythonJson(parseJson('{"a": 1, "b": 2, "a": 3}')), '{"a": 3, "b": 2}');
});

Deno.test("parseJson: an integer literal -0 is 0, as in Python", () => {
  assert.equal(formatPythonJson(parseJson("-0")), "0");
});

const broken: [text: string, message: string][] = [
  ["", "expected a value at line 1, column 1"],
  ["{not json", "expected a property name in double quotes at line 1, column 2"],
  ["[1,\n 2,]", "expected a value at line 2, column 4"],
  ["[1 2]", 'expected "," or "]" at line 1, column 4'],
  ['{"a" 1}', 'expected ":" at line 1, column 6'],
  ['{"a": 1', 'expected "," or "}" at line 1, column 8'],
  ["[1] 2", "expected the end of the text at line 1, column 5"],
  ['"abc', "unterminated string at line 1, column 5"],
  ['"a\\', "unterminated string at line 1, column 4"],
  ['"a\nb"', "control character in a string at line 1, column 3"],
  ['"\\x41"', "invalid escape in a string at line 1, column 1"],
  ["01", "invalid number at line 1, column 1"],
  ["1.", "invalid number at line 1, column 1"],
  ["1e", "invalid number at line 1, column 1"],
  ["-", "invalid number at line 1, column 1"],
  ["-NaN", "invalid number at line 1, column 1"],
  ["nul", "expected a value at line 1, column 1"],
  ["\ufeff1", "expected a value at line 1, column 1"],
  ["'a'", "expected a value at line 1, column 1"],
];

for (const [text, message] of broken) {
  Deno.test(`parseJson: refuses ${JSON.stringify(text)} (RFC 8259)`, () => {
    assert.throws(() => parseJson(text), { path: "", message: `Cannot read JSON: ${message}` });
  });
}

Deno.test("parseJson: refuses a depth of 65, reads one of 64", () => {
  parseJson("[".repeat(64) + "]".repeat(64));
  assert.throws(() => parseJson("[".repeat(65)), HistFormatError);
  assert.throws(() => parseJson("[".repeat(1_000_000)), /nested deeper than 64 levels/);
});

Deno.test("parseJson: refuses integers of more than 4,300 digits (as CPython)", () => {
  parseJson("1".repeat(4300));
  assert.throws(() => parseJson("1".repeat(4301)), /integer of more than 4300 digits/);
});
