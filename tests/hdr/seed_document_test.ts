import assert from "node:assert/strict";
import {
  parseSeedDocument,
  type SeedErrorReason,
  SeedJsonError,
} from "../../lib/hdr/seed_document.ts";

Deno.test("parseSeedDocument: flat, of a series, nested below latency (ahothan/wrk2 537e21b, ee55a1b)", () => {
  const flat = '{"buckets":27,"sub_buckets":2048,"digits":3,"max_latency":86400000000,' +
    '"min":89151,"max":209664,"counters":[6,[1295,1,1392,2],7,[1559,1]]}';
  assert.deepEqual(parseSeedDocument(flat), {
    header: { buckets: 27, subBuckets: 2048, digits: 3, maxLatency: 86400000000n },
    seq: null,
    declaredMin: 89151n,
    declaredMax: 209664n,
    counters: [
      { bucket: 6, sub: 1295, count: 1n },
      { bucket: 6, sub: 1392, count: 2n },
      { bucket: 7, sub: 1559, count: 1n },
    ],
  });
  const nested = '{"seq":3,"latency":{"min":1,"max":2,"counters":[0,[1,1]]},"rx_bps":"1.5M"}';
  assert.deepEqual(parseSeedDocument(nested), {
    header: {},
    seq: 3,
    declaredMin: 1n,
    declaredMax: 2n,
    counters: [{ bucket: 0, sub: 1, count: 1n }],
  });
});

Deno.test('parseSeedDocument: reads the first emitter\'s "min"=5', () => {
  const document = parseSeedDocument('{"min"=5,"max"=6,"counters":[]}');
  assert.equal(document.declaredMin, 5n);
  assert.equal(document.declaredMax, 6n);
});

Deno.test("parseSeedDocument: counts are exact to 2^63-1, not one more", () => {
  const document = parseSeedDocument('{"counters":[0,[1,9223372036854775807,2,9007199254740993]]}');
  assert.deepEqual(document.counters.map((counter) => counter.count), [
    9223372036854775807n,
    9007199254740993n,
  ]);
  assert.throws(() => parseSeedDocument('{"counters":[0,[1,9223372036854775808]]}'), SeedJsonError);
});

Deno.test("parseSeedDocument: refuses what is not a document of counters, with reason and path", () => {
  const rows: [string, SeedErrorReason, string][] = [
    ["", "json", ""],
    ["[1]", "json", ""],
    ['{"latency":5}', "json", "latency"],
    ["{}", "counters", "counters"],
    ['{"counters":[6]}', "counters", "counters"],
    ['{"counters":[6,[1]]}', "counters", "counters[1]"],
    ['{"counters":[6,{}]}', "counters", "counters[1]"],
    ['{"counters":[63,[]]}', "counters", "counters[0]"],
    ['{"counters":[0,[-1,1]]}', "counters", "counters[1][0]"],
    ['{"counters":[0,[1.5,1]]}', "counters", "counters[1][0]"],
    ['{"counters":[0,[1,-1]]}', "count", "counters[1][1]"],
    ['{"counters":[0,[1,"1"]]}', "count", "counters[1][1]"],
    ['{"counters":[0,[1,1e300]]}', "count", "counters[1][1]"],
    ['{"latency":{"counters":[0,[1,null]]}}', "count", "latency.counters[1][1]"],
    ['{"digits":6,"counters":[]}', "header", "digits"],
    ['{"seq":-1,"counters":[]}', "header", "seq"],
  ];
  for (const [text, reason, path] of rows) {
    assert.throws(
      () => parseSeedDocument(text),
      (error) => error instanceof SeedJsonError && error.reason === reason && error.path === path,
      text,
    );
  }
});
