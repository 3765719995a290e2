import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

/** Golden histogram: its bytes, and the texts that Java wrote of it, or their digests. */
type Vector =
  & { readonly id: string; readonly v2?: string }
  & {
    readonly [name in `${"hgrm" | "csv"}_5_1000${"" | "_sha256"}`]?: string;
  };

Deno.test("formatHgrm, formatPercentileCsv: all golden histograms at 5 ticks (Java 2.2.2)", async () => {
  const url = new URL("../data/hdr/java-2.2.2.vectors.jsonl", import.meta.url);
  let compared = 0;
  for (const line of (await Deno.readTextFile(url)).trim().split("\n")) {
    const vector: Vector = JSON.parse(line);
    if (vector.v2 === undefined) continue;
    const histogram = decodeHlogPayload(vector.v2);
    for (const [kind, format] of [["hgrm", formatHgrm], ["csv", formatPercentileCsv]] as const) {
      const digest = vector[`${kind}_5_1000_sha256`];
      const expected = vector[`${kind}_5_1000`] ?? digest;
      if (expected === undefined) continue;
      const text = format(histogram, { unit: 1000 });
      const found = digest === undefined ? text : createHash("sha256").update(text).digest("hex");
      assert.equal(found, expected, `${kind} of ${vector.id}`);
      compared++;
    }
  }
  assert.ok(compared > 150, `${compared} texts`);
});

Deno.test("formatHgrm: refuses ticks that do not step", () => {
  assert.throws(() => formatHgrm(new HdrHistogram(), { ticks: 0 }), RangeError);
  assert.throws(() => formatHgrm(new HdrHistogram(), { ticks: 1.5 }), RangeError);
});
