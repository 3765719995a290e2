import assert from "node:assert/strict";
import { HlogError, type HlogErrorReason, parseHlogLine } from "../../lib/hdr/hlog_line.ts";

Deno.test("parseHlogLine: comments, times, legend, blank lines (Java 2.2.2, HistogramLogScanner)", () => {
  assert.deepEqual(parseHlogLine("#[Histogram log format version 1.3]\r\n"), {
    kind: "comment",
    text: "[Histogram log format version 1.3]",
  });
  assert.deepEqual(
    parseHlogLine(
      "#[StartTime: 1438867590.285 (seconds since epoch), Thu Aug 06 06:39:50 PDT 2015]",
    ),
    { kind: "start_time", startTimeSec: 1438867590.285 },
  );
  assert.deepEqual(parseHlogLine("#[BaseTime: 1e3 (seconds since epoch)]"), {
    kind: "base_time",
    baseTimeSec: 1000,
  });
  assert.equal(parseHlogLine("#[StartTime: soon]").kind, "comment");
  assert.equal(parseHlogLine("#[StartTime:17]").kind, "comment");
  assert.equal(parseHlogLine('"StartTimestamp","EndTimestamp","Interval_Max"').kind, "legend");
  assert.equal(parseHlogLine(" \r\n").kind, "blank");
});

Deno.test("parseHlogLine: intervals with and without tag; what follows the histogram is ignored", () => {
  assert.deepEqual(parseHlogLine("0.127,1.007,2.769,HISTFAAA"), {
    kind: "interval",
    tag: null,
    timestampSec: 0.127,
    lengthSec: 1.007,
    maxValue: 2.769,
    payload: "HISTFAAA",
  });
  assert.deepEqual(parseHlogLine("Tag=B-2,0.1,1,2,HISTFAAA,more,and more\r"), {
    kind: "interval",
    tag: "B-2",
    timestampSec: 0.1,
    lengthSec: 1,
    maxValue: 2,
    payload: "HISTFAAA",
  });
  const unnamed = parseHlogLine("Tag=,0.1,1,2,HISTFAAA");
  assert.equal(unnamed.kind === "interval" && unnamed.tag, "");
});

Deno.test("parseHlogLine: refuses lines that are none of these, with the reason", () => {
  const rows: [string, HlogErrorReason][] = [
    ["0.127,1.007,2.769", "fields"],
    ["0.127,1.007,2.769,", "fields"],
    ["HISTFAAA", "fields"],
    ["Tag=A", "fields"],
    ["Tag=A B,0.127,1.007,2.769,HISTFAAA", "number"],
    ["0.127,,2.769,HISTFAAA", "number"],
    ["0.127,1.007,0x10,HISTFAAA", "number"],
    ["0.127,1.007,1e999,HISTFAAA", "number"],
    ["NaN,1.007,2.769,HISTFAAA", "number"],
    ["<html>,<body>,<p>,</p>", "number"],
  ];
  for (const [line, reason] of rows) {
    assert.throws(
      () => parseHlogLine(line),
      (error) => error instanceof HlogError && error.reason === reason,
      line,
    );
  }
});
