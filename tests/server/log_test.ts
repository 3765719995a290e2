/** @module */

import assert from "node:assert/strict";
import { ManualClock } from "../../lib/base/mod.ts";
import { createLogger, type LogFormat, type LogLevel, logLevels } from "../../lib/server/log.ts";

function record(
  level: LogLevel,
  format: LogFormat,
): { logger: ReturnType<typeof createLogger>; lines: string[] } {
  const lines: string[] = [];
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 4, 2, 3, 45));
  return {
    logger: createLogger({ level, format, clock, write: (line) => lines.push(line) }),
    lines,
  };
}

Deno.test("Log text: time, level, message, then key=value, one line", () => {
  const { logger, lines } = record("info", "text");
  logger.info("Listening", {
    address: "127.0.0.1:50051",
    threads: 2,
    isDurable: true,
    unset: undefined,
  });
  assert.deepEqual(lines, [
    "2026-11-22T04:02:03.045Z info     Listening address=127.0.0.1:50051 threads=2 isDurable=true\n",
  ]);
});

Deno.test("Log text: values with spaces, quotes or controls are quoted", () => {
  const { logger, lines } = record("info", "text");
  logger.warning("Odd", { a: "b c", d: 'e"f', g: "", h: "ü", i: "x\ny" });
  assert.equal(lines[0]!.slice(34), 'Odd a="b c" d="e\\"f" g="" h=ü i="x\\ny"\n');
});

Deno.test("Log text: a peer's text cannot begin a line or move the cursor", () => {
  const { logger, lines } = record("info", "text");
  logger.error("a\nb\u001b[2J\u2028c", { name: "\u009b2J" });
  assert.equal(lines.length, 1);
  // deno-lint-ignore no-control-regex -- the point of the test
  assert.doesNotMatch(lines[0]!.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028]/);
});

Deno.test("Log json: one object a line, 64-bit numbers as strings, the line's own keys are safe", () => {
  const { logger, lines } = record("debug", "json");
  logger.debug("Committed", { epoch: 9007199254740993n, level: "mine", bytes: 3, none: null });
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: "2026-11-22T04:02:03.045Z",
    level: "debug",
    message: "Committed",
    epoch: "9007199254740993",
    level_: "mine",
    bytes: 3,
    none: null,
  });
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
});

Deno.test("Log: lines below the level are not written", () => {
  for (const [index, level] of logLevels.entries()) {
    const { logger, lines } = record(level, "text");
    for (const each of logLevels) logger[each]("x");
    assert.equal(lines.length, logLevels.length - index);
  }
});

Deno.test("Log: credentials are never printed", () => {
  for (const format of ["text", "json"] as const) {
    const { logger, lines } = record("info", format);
    logger.info("Refused", {
      token: "abc123",
      client_token: "abc123",
      Authorization: "abc123",
      peer: "ok",
    });
    assert.doesNotMatch(lines[0]!, /abc123/);
    assert.match(lines[0]!, /redacted/);
    assert.match(lines[0]!, /ok/);
  }
});
