import assert from "node:assert/strict";
import { formatPercentileCsv } from "../../lib/hdr/csv.ts";
import { decodeHlogPayload } from "../../lib/hdr/hlog_payload.ts";
import { HdrHistogram } from "../../lib/hdr/hdr_histogram.ts";
import { formatHgrm } from "../../lib/hdr/hgrm.ts";

interface Row {
  readonly ticks: number;
  readonly unit: number;
  readonly histogram: string;
  readonly hgrm: string;
  readonly csv: string;
}

async function readRows(): Promise<Row[]> {
  const url = new URL("../data/hdr/percentile-text.jsonl", import.meta.url);
  return (await Deno.readTextFile(url)).trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("formatHgrm: every byte, for 0 to 5 digits, units, ticks, and doubles (Java 2.2.2)", async () => {
  for (const { histogram, hgrm, ticks, unit } of await readRows()) {
    assert.equal(formatHgrm(decodeHlogPayload(histogram), { ticks, unit }), hgrm);
  }
});

Deno.test("formatPercentileCsv: every byte, for 0 to 5 digits, units, ticks, and doubles (Java 2.2.2)", async () => {
  for (const { histogram, csv, ticks, unit } of await readRows()) {
    assert.equal(formatPercentileCsv(decodeHlogPayload(histogram), { ticks, unit }), csv);
  }
});

Deno.test("formatHgrm: refuses ticks that do not step", () => {
  assert.throws(() => formatHgrm(new HdrHistogram(), { ticks: 0 }), RangeError);
  assert.throws(() => formatHgrm(new HdrHistogram(), { ticks: 1.5 }), RangeError);
});
