import assert from "node:assert/strict";
import { DoubleHistogram } from "../../lib/hdr/double_histogram.ts";
import { HdrDecodeError } from "../../lib/hdr/hdr_errors.ts";
import { HdrHistogram } from "../../lib/hdr/hdr_histogram.ts";
import { formatHgrm } from "../../lib/hdr/hgrm.ts";
import type { HlogError } from "../../lib/hdr/hlog_line.ts";
import {
  HlogReader,
  type HlogReadOptions,
  type HlogRecord,
  readHlog,
} from "../../lib/hdr/hlog_reader.ts";
import type { TextSource } from "../../lib/hdr/text_lines.ts";

const data = new URL("../data/hdr/", import.meta.url);

function readText(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, data));
}

function recordsOf(source: TextSource, options: HlogReadOptions = {}): Promise<HlogRecord[]> {
  return Array.fromAsync(readHlog(source, options));
}

Deno.test("readHlog: tags, times and kinds of 8 logs (Java 2.2.2, HistogramLogReader)", async () => {
  for (const line of (await readText("log-reader.jsonl")).trim().split("\n")) {
    const { name, log, intervals, startTimeSec } = JSON.parse(line);
    const reader = new HlogReader();
    const records = await recordsOf(log, { reader });
    assert.deepEqual(
      records.map(({ histogram }) => [
        histogram.tag,
        histogram.startMs,
        histogram.endMs,
        histogram instanceof DoubleHistogram,
      ]),
      intervals,
      name,
    );
    assert.equal(reader.startTimeSec, startTimeSec, name);
  }
});

Deno.test("readHlog: several tags, wherever the bytes are cut (tags.hlog)", async () => {
  const bytes = new TextEncoder().encode(await readText("tags.hlog"));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 997) pieces.push(bytes.subarray(at, at + 997));
  const records = await recordsOf(pieces);
  assert.equal(records.length, 30);
  for (const [i, { tag, histogram, startMs, endMs, offsetSec, lineNumber }] of records.entries()) {
    assert.equal(tag, [null, "A", "B-2"][i % 3]);
    assert.equal(startMs, 1_700_000_000_000 + 1000 * Math.floor(i / 3));
    assert.equal(endMs, startMs + 1000);
    assert.equal(offsetSec, Math.floor(i / 3));
    assert.equal(lineNumber, i + 5);
    assert.equal(histogram.totalCount, 500n);
  }
});

Deno.test("readHlog: the percentiles of all intervals without a tag (HistogramLogProcessor)", async () => {
  const sum = new HdrHistogram({ highest: 3_600_000_000, digits: 3, autoResize: true });
  const accept = (interval: { tag: string | null }) => interval.tag === null;
  for await (const { histogram } of readHlog(await readText("tags.hlog"), { accept })) {
    assert.ok(histogram instanceof HdrHistogram);
    sum.add(histogram);
  }
  const expected = (await readText("processor/tags-all-mwp.hgrm")).split("\n").slice(2).join("\n");
  assert.equal(formatHgrm(sum, { unit: 1e6 }), expected);
});

Deno.test("readHlog: digits 1 to 4, two ranges, another unit and doubles in one log (mixed-config.hlog)", async () => {
  const records = await recordsOf(await readText("mixed-config.hlog"));
  assert.deepEqual(records.map(({ histogram }) => histogram.digits), [
    1,
    2,
    3,
    2,
    1,
    2,
    3,
    2,
    1,
    2,
  ]);
  for (const [i, { histogram, maxValue }] of records.entries()) {
    assert.equal(histogram instanceof DoubleHistogram, i % 4 === 3);
    assert.equal(histogram.totalCount, 500n);
    assert.equal((histogram.max / 1e6).toFixed(3), maxValue.toFixed(3));
    if (histogram instanceof HdrHistogram) {
      assert.equal(histogram.highest, i % 2 === 1 ? 86_400_000_000n : 3_600_000_000n);
      assert.equal(histogram.lowest, i === 6 ? 1000n : 1n);
    }
  }
});

Deno.test("readHlog: times are relative to the base time (basetime.hlog)", async () => {
  const reader = new HlogReader();
  const records = await recordsOf(await readText("basetime.hlog"), { reader });
  assert.equal(reader.baseTimeSec, 1_700_000_000);
  assert.deepEqual(records.map(({ startMs }) => startMs - 1_700_000_000_000), [
    ...[0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000],
  ]);
});

/** The first line of basetime.hlog that has a histogram. */
async function readGoodLine(): Promise<string> {
  return (await readText("basetime.hlog")).split("\n")[5]!;
}

Deno.test("readHlog: malformed lines are skipped and told by number and reason", async () => {
  const good = await readGoodLine();
  const torn = good.slice(0, good.length - 30);
  const log = [
    good,
    "<html>",
    torn,
    "#comment",
    "",
    "0,1,2,!!!!",
    good,
    "0,x,2,HIST",
    "y".repeat(4000),
  ];
  const told: HlogError[] = [];
  const comments: string[] = [];
  const records = await recordsOf(log.join("\n") + "\n" + good, {
    malformed: "skip",
    lineCharsMax: 3000,
    onMalformed: (error) => told.push(error),
    onComment: (text) => comments.push(text),
  });
  assert.deepEqual(records.map(({ lineNumber }) => lineNumber), [1, 7, 10]);
  assert.deepEqual(told.map(({ lineNumber, reason }) => [lineNumber, reason]), [
    [2, "fields"],
    [3, "histogram"],
    [6, "histogram"],
    [8, "number"],
    [9, "line_length"],
  ]);
  assert.ok(told[1]!.cause instanceof HdrDecodeError);
  assert.deepEqual(comments, ["comment"]);
});

Deno.test("readHlog: the first malformed line is refused, after the intervals before it", async () => {
  const good = await readGoodLine();
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const { lineNumber } of readHlog(`${good}\n${good}\nnonsense\n${good}`)) {
      seen.push(lineNumber);
    }
  }, { name: "HlogError", lineNumber: 3, reason: "fields" });
  assert.deepEqual(seen, [1, 2]);
});

Deno.test("readHlog: what is not accepted is not decoded", async () => {
  const records = await recordsOf("0,1,2,nonsense\n", { accept: () => false });
  assert.deepEqual(records, []);
});

Deno.test("HlogReader: without a start time, the first interval starts the log (HistogramLogReader)", () => {
  const reader = new HlogReader();
  assert.equal(reader.startTimeSec, null);
  assert.equal(reader.readLine("12.5,1,2,HIST")!.offsetSec, 0);
  assert.equal(reader.readLine("14,1,2,HIST")!.offsetSec, 1.5);
  assert.equal(reader.baseTimeSec, 0);
});
