import assert from "node:assert/strict";
import { HdrConfigError } from "../../lib/hdr/hdr_errors.ts";
import { HdrHistogram } from "../../lib/hdr/hdr_histogram.ts";
import { SeedJsonError } from "../../lib/hdr/seed_document.ts";
import { decodeSeedJson, encodeSeedJson } from "../../lib/hdr/seed_json.ts";

const data = new URL("../data/hdr/", import.meta.url);

/** Text of each document by name; one a line, behind its name. */
async function readDocuments(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("seed002-json.json", data));
  return new Map(
    text.split("\n").flatMap((line) => {
      const [, name, document] = /^,?"([^"]+)":(\{.*\})$/.exec(line) ?? [];
      return document === undefined ? [] : [[name!, document] as const];
    }),
  );
}

interface Expected {
  readonly id: string;
  readonly buckets: number;
  readonly sub_buckets: number;
  readonly total: number;
  readonly min: number;
  readonly max: number;
  readonly p: readonly (readonly [percentile: number, value: number])[];
}

Deno.test("decodeSeedJson: counts and percentiles of 28 documents (PyPI hdrhistogram 0.0.4)", async () => {
  const documents = await readDocuments();
  const text = await Deno.readTextFile(
    new URL("seed002-json.pypi-0.0.4.expected.jsonl", data),
  );
  const rows: Expected[] = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(rows.length, 28);
  for (const expected of rows) {
    const { histogram, header, declaredMin, declaredMax } = decodeSeedJson(
      documents.get(expected.id)!,
    );
    const { layout } = histogram;
    assert.equal(header.buckets, expected.buckets, expected.id);
    assert.equal(header.subBuckets, expected.sub_buckets, expected.id);
    assert.equal(histogram.totalCount, BigInt(expected.total), expected.id);
    // The package answers with the declared bounds, not with those of its counters.
    assert.equal(layout.lowestOf(layout.indexOf(declaredMin!)), expected.min, expected.id);
    assert.equal(layout.highestOf(layout.indexOf(declaredMax!)), expected.max, expected.id);
    for (const [percentile, value] of expected.p) {
      assert.equal(
        histogram.valueAtPercentile(percentile, "half_up"),
        value,
        `${expected.id} p${percentile}`,
      );
    }
  }
});

Deno.test("encodeSeedJson: the documents that Java's counts make, character by character", async () => {
  for (const [name, document] of await readDocuments()) {
    if (name === "seed-example") continue;
    assert.equal(encodeSeedJson(decodeSeedJson(document).histogram), document, name);
  }
});

Deno.test("decodeSeedJson: a minimum above its lowest bucket is data, not an error (seed example)", async () => {
  const document = (await readDocuments()).get("seed-example")!;
  const { histogram, declaredMin, declaredMax } = decodeSeedJson(document);
  assert.equal(declaredMin, 89151n);
  assert.equal(declaredMax, 209664n);
  assert.equal(histogram.min, 82880);
  assert.equal(histogram.max, 209791);
  assert.equal(histogram.totalCount, 20n);
  // Written again, the bounds are those of the counters.
  assert.equal(
    encodeSeedJson(histogram),
    document.replace('"min":89151', '"min":82880'),
  );
});

Deno.test("decodeSeedJson, encodeSeedJson: a series, nested, with the header only at seq 0", () => {
  const histogram = new HdrHistogram({ highest: 3_600_000_000, digits: 3 });
  histogram.recordWithCount(5, 3);
  histogram.record(4096);
  const first = encodeSeedJson(histogram, { seq: 0, isNested: true });
  assert.equal(
    first,
    '{"seq":0,"buckets":22,"sub_buckets":2048,"digits":3,"max_latency":3600000000,' +
      '"latency":{"min":5,"max":4096,"counters":[0,[5,3],2,[1024,1]]}}',
  );
  const second = encodeSeedJson(histogram, { seq: 1, isNested: true });
  assert.equal(second, '{"seq":1,"latency":{"min":5,"max":4096,"counters":[0,[5,3],2,[1024,1]]}}');
  const { header } = decodeSeedJson(first);
  const read = decodeSeedJson(second, { header });
  assert.equal(read.seq, 1);
  assert.ok(read.histogram.equals(histogram));
  assert.throws(() => decodeSeedJson(second), { reason: "header" });
});

Deno.test("decodeSeedJson: a bucket's counters are added up, or refused if asked", () => {
  const header = { buckets: 22, subBuckets: 2048, digits: 3, maxLatency: 3_600_000_000n };
  const text = '{"counters":[0,[5,1,5,2],1,[1024,1],0,[5,4]]}';
  assert.equal(decodeSeedJson(text, { header }).histogram.countAt(5), 7n);
  assert.throws(() => decodeSeedJson(text, { header, duplicates: "refuse" }), {
    reason: "counters",
  });
});

Deno.test("decodeSeedJson: refuses other buckets, places outside of them, and too many values", () => {
  const header = { buckets: 22, subBuckets: 2048, digits: 3, maxLatency: 3_600_000_000n };
  const rows: [string, string][] = [
    ['{"buckets":21,"counters":[]}', "header"],
    ['{"sub_buckets":1024,"counters":[]}', "header"],
    ['{"digits":2,"counters":[]}', "header"],
    ['{"max_latency":1,"buckets":1,"counters":[]}', "header"],
    ['{"counters":[22,[1024,1]]}', "counters"],
    ['{"counters":[0,[2048,1]]}', "counters"],
    ['{"counters":[1,[1023,1]]}', "counters"],
    ['{"counters":[0,[1,-1]]}', "count"],
    ['{"counters":[0,[1,9223372036854775807,2,1]]}', "count"],
  ];
  for (const [text, reason] of rows) {
    assert.throws(
      () => decodeSeedJson(text, { header }),
      (error) => error instanceof SeedJsonError && error.reason === reason,
      text,
    );
  }
  assert.equal(decodeSeedJson('{"counters":[]}', { header }).histogram.totalCount, 0n);
});

Deno.test("encodeSeedJson: refuses a unit that the format cannot say", () => {
  const histogram = new HdrHistogram({ lowest: 1000, highest: 3_600_000_000, digits: 3 });
  assert.throws(() => encodeSeedJson(histogram), HdrConfigError);
});
