import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  decodeBase64,
  decodeHdr,
  encodeHdr,
  HdrHistogram,
  type HdrVersion,
} from "../../lib/hdr/mod.ts";
import { goldenSet } from "./golden_sets.ts";

interface Vector {
  id: string;
  word: 2 | 4 | 8;
  lowest: string;
  highest: string;
  digits: number;
  totalCount: string;
  plain_sha256: string;
  plain?: string;
  comp?: string;
}

function readVectors(name: string): Vector[] {
  return Deno.readTextFileSync(`tests/data/hdr/${name}`).trim().split("\n")
    .map((line) => JSON.parse(line));
}

const files: [name: string, version: HdrVersion, java: string][] = [
  ["java-1.2.1.V0.jsonl", 0, "HdrHistogram 1.2.1"],
  ["java-2.1.4.V1.jsonl", 1, "HdrHistogram 2.1.4"],
];

for (const [name, version, java] of files) {
  for (const vector of readVectors(name)) {
    Deno.test(`Encoding: ${vector.id}, ${vector.word}-byte counts, in V${version} reads and writes as Java's (${java})`, () => {
      const made = new HdrHistogram({
        lowest: BigInt(vector.lowest),
        highest: BigInt(vector.highest),
        digits: vector.digits,
      });
      const set = vector.id.slice(vector.id.indexOf("/") + 1);
      for (const [value, count] of goldenSet(set, made.highest)) made.recordWithCount(value, count);
      const written = encodeHdr(made, { version, compressed: false, wordBytes: vector.word });
      assert.equal(createHash("sha256").update(written).digest("hex"), vector.plain_sha256);
      for (const text of [vector.plain, vector.comp]) {
        if (text === undefined) continue;
        const histogram = decodeHdr(decodeBase64(text));
        assert.equal(histogram.totalCount, BigInt(vector.totalCount));
        assert.equal(histogram.lowest, BigInt(vector.lowest));
        assert.equal(histogram.highest, BigInt(vector.highest));
        assert.equal(histogram.digits, vector.digits);
        assert.ok(histogram.equals(made));
        if (vector.word === 8) {
          assert.ok(decodeHdr(encodeHdr(histogram, { version })).equals(histogram));
        }
      }
    });
  }
}
