import assert from "node:assert/strict";
import { HdrHistogram } from "../../lib/hdr/hdr_histogram.ts";
import { decodeSeedJson } from "../../lib/hdr/seed_json.ts";
import { formatWrk2Spectrum, wrk2Spectrum } from "../../lib/hdr/wrk2_spectrum.ts";

interface Capture {
  readonly histogram: HdrHistogram;
  /** Rows of the spectrum that wrk2 printed: value in ms, fraction. */
  readonly rows: readonly (readonly [string, string])[];
}

async function readCaptures(): Promise<Capture[]> {
  const url = new URL("../data/hdr/wrk2-fixtures.json", import.meta.url);
  const fixtures: Record<string, { value_percentile: number[] }> = JSON.parse(
    await Deno.readTextFile(url),
  );
  return Object.values(fixtures).map((fixture) => {
    const { value_percentile: flat, ...document } = fixture;
    const rows: [string, string][] = [];
    for (let i = 0; i < flat.length; i += 2) {
      rows.push([flat[i]!.toFixed(3), flat[i + 1]!.toFixed(6)]);
    }
    return { histogram: decodeSeedJson(JSON.stringify(document)).histogram, rows };
  });
}

function rowsOf(histogram: HdrHistogram): string[] {
  return [...wrk2Spectrum(histogram)].map(({ value, fraction }) =>
    `${value.toFixed(3)} ${fraction.toFixed(6)}`
  );
}

Deno.test("wrk2Spectrum: each row that two real captures kept (PyPI hdrhistogram 0.0.4, test data)", async () => {
  for (const { histogram, rows } of await readCaptures()) {
    const printed = new Set(rowsOf(histogram));
    for (const row of rows) assert.ok(printed.has(row.join(" ")), row.join(" "));
  }
});

Deno.test("wrk2Spectrum: the rows of the longer capture, and no others", async () => {
  const [shorter, longer] = await readCaptures();
  assert.equal(longer!.rows.length, 53);
  assert.deepEqual(rowsOf(longer!.histogram), longer!.rows.map((row) => row.join(" ")));
  // The shorter one, of 20 values, ends early: its file has no rows between 95.625 % and 100 %. Their ranks are
  // 19.25, 19.375, 19.4375 and 19.5 of 20, rounded half up.
  const printed = rowsOf(shorter!.histogram);
  const kept = new Set(shorter!.rows.map((row) => row.join(" ")));
  assert.deepEqual(printed.filter((row) => !kept.has(row)), [
    "203.647 0.962500",
    "203.647 0.968750",
    "203.647 0.971875",
    "209.791 0.975000",
  ]);
});

Deno.test("valueAtPercentile: half up finds each row of both captures, ceil misses 29 (wrk2)", async () => {
  let missed = 0;
  for (const { histogram, rows } of await readCaptures()) {
    for (const [value, fraction] of rows) {
      const percentile = Number(fraction) * 100;
      assert.equal((histogram.valueAtPercentile(percentile, "half_up") / 1000).toFixed(3), value);
      const other = percentile === 0
        ? histogram.layout.highestOf(histogram.indexAtPercentile(0))
        : histogram.valueAtPercentile(percentile);
      if ((other / 1000).toFixed(3) !== value) missed++;
    }
  }
  assert.equal(missed, 29); // 2 and 27
});

Deno.test("formatWrk2Spectrum: columns and footer of wrk2, the maximum is the lowest of its bucket", () => {
  const histogram = new HdrHistogram({ highest: 86_400_000_000, digits: 3 });
  histogram.record(921);
  histogram.record(27_110); // in [27104, 27119], middle 27112
  // Mean (921 + 27112) / 2 = 14016.5, deviation 13095.5. Of 2, rank 1 up to 74 %, then 2.
  assert.equal(
    formatWrk2Spectrum(histogram, { ticks: 1 }),
    [
      "       Value   Percentile   TotalCount 1/(1-Percentile)",
      "",
      "       0.921     0.000000            1         1.00",
      "       0.921     0.500000            1         2.00",
      "      27.119     0.750000            2         4.00",
      "      27.119     1.000000            2          inf",
      "#[Mean    =       14.017, StdDeviation   =       13.095]",
      "#[Max     =       27.104, Total count    =            2]",
      "#[Buckets =           27, SubBuckets     =         2048]",
      "",
    ].join("\n"),
  );
});

Deno.test("wrk2Spectrum: nothing of nothing", () => {
  assert.deepEqual([...wrk2Spectrum(new HdrHistogram())], []);
  assert.throws(() => [...wrk2Spectrum(new HdrHistogram(), { ticks: 0 })], RangeError);
});
